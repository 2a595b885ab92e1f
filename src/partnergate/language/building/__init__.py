"""Conversion of checked values to the typed model.

- ``partners``: partner files.
- ``agreements``: commercial terms.
- ``realms``: realm templates.

Import the modules directly.
"""

__all__ = ()
