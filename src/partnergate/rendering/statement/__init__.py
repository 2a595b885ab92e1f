"""Statements, reconciliations, and traces for people.

Modules are imported directly, because PDF and HTML libraries load slowly.

- ``view``: a statement as labels and formatted amounts; ``steps``: the derivation of a line.
- ``text``, ``html``, ``pdf``, ``csv``: the formats. ``sheets``, ``fonts``, and ``direction`` serve the PDF.
- ``reconciliation``: a reconciliation in every format; ``trace``: a trace as a tree or JSON.
"""

__all__ = ()
