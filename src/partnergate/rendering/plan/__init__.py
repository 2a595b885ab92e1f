"""Renderings of a plan.

::

    outline     sections, entries and notes: the content of every rendering
    short       one line per object
    text        every field with its values
    markdown    one comment on a pull or merge request
    values      field values as safe text

Import the modules directly; the package exports nothing, because rich is imported only where it is used.
"""

__all__ = ()
