"""Shapes: one description of the keys of the language, from which every other form is derived.

- ``scalars``, ``collections``: check a tree and return plain values.
- ``amounts``: exact amounts and quantities from checked values.
- ``finding``: a problem that a rule found, by its path.
- ``loosening``: shapes of overrides, where nothing is required.
- ``json_schema``: the JSON Schema for editors.
- ``reference``: the tables of the documentation.
- ``suggestion``: the intended spelling of a misspelled word, amount, or date.

Import the modules directly.
"""

__all__ = ()
