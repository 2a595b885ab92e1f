"""Recorded partners and their environments.

- ``history``: every recorded version of each partner and of the rules of a realm
- ``spec_json``: a partner version as JSON
- ``billed``: partners with statements
- ``realm_environments``: the environment of each realm

Modules are imported directly.
"""

__all__ = ()
