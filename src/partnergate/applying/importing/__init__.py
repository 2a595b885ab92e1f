"""Partner files and realm templates from an existing realm.

- ``providers``: partner files
- ``sign_in``, ``identity``: their parts
- ``config``: the config of a provider, and the adjustments that reading it needed
- ``derived``: addresses that a provider does not have
- ``partner_ids``: partner IDs for aliases
- ``known_targets``: the roles and groups that grants can name
- ``templates``: realm templates

Modules are imported directly.
"""

__all__: tuple[str, ...] = ()
