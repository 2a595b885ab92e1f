"""Plans: the changes that bring a realm to its desired state. Pure.

- ``plan``: the plan and its creation
- ``changes``: the kinds of change
- ``diff``: the changes between two states
- ``stages``: the order in which changes are applied
- ``safety``: destructive changes and the flags that allow them
- ``identifier_changes``: providers whose users would be identified by something else
- ``state_marks``: digests that detect a stale plan
- ``plan_file``, ``plan_document``, ``plan_schema``: the plan as a JSON file, its types, and their schema
- ``reviewed_plan``: the comparison of a plan with the reviewed file
- ``admin_grants``: the check before writing that no change grants an admin role
- ``partial_reads``: plans for which apply reads only a few providers again
- ``unverified_secrets``, ``verified_plan``: secrets that were not available when the plan was created
- ``granted_permissions``: admin permissions of roles and groups that partners grant
- ``prerequisites``: plans that the server would refuse half-way
- ``environment_values``: plans for readers, without the values of environment variables
- ``unmanaged``: resources that no file declares
- ``advisories``, ``advisory_file``: known vulnerabilities of Keycloak versions

Modules are imported directly.
"""

__all__ = ()
