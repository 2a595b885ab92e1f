"""YAML text to a tree with positions.

- ``decoding``: bytes to bounded, printable text.
- ``guards``: rejects YAML features that partner files never need.
- ``nodes``: text to a tree.
- ``tree``: the tree, its positions, and access by path.
- ``source_lines``: source lines for diagnostics, with secrets masked.

Import the modules directly.
"""

__all__ = ()
