"""Partner files and realm templates from an existing realm.

- ``providers``: partner files
- ``known_targets``: the roles and groups that grants can name
- ``templates``: realm templates

Modules are imported directly.
"""

__all__: tuple[str, ...] = ()
