"""Partner files and realm templates from an existing realm.

- ``providers``: partner files
- ``templates``: realm templates

Modules are imported directly.
"""

__all__: tuple[str, ...] = ()
