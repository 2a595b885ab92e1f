"""Writes the changes of a plan over the Admin API.

- ``realm_writer``: chooses the writer for each kind of resource
- ``context``: what the writers of one run share
- ``realm``: realm settings, event settings, user profile, roles and groups
- ``flows``, ``clients``, ``providers``, ``organizations``: the other kinds of resource
- ``whole_resource``: what the writers of flows and client scopes share
- ``fields``: merges field changes over representations

Modules are imported directly.
"""

__all__ = ()
