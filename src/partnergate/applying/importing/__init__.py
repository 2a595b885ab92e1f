"""Partner files and realm templates from an existing realm.

- ``provider_import``: partner files
- ``realm_templates``: realm templates

Modules are imported directly.
"""

__all__ = ()
