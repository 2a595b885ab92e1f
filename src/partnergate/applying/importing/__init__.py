"""Partner files and realm templates from an existing realm.

- ``provider_import``: partner files
- ``imported_sign_in``, ``imported_identity``: their parts
- ``provider_config``: the config of a provider, and the adjustments that reading it needed
- ``derived_addresses``: addresses that a provider does not have
- ``partner_ids``: partner IDs for aliases
- ``known_targets``: the roles and groups that grants can name
- ``realm_templates``: realm templates

Modules are imported directly.
"""

__all__ = ()
