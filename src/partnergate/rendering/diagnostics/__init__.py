"""Renderings of diagnostics.

::

    text       for people: position, source line, caret and hint
    machine    for programs: JSON, SARIF, JUnit, GitHub annotations, GitLab code quality

Import the modules directly; the package exports nothing.
"""

__all__ = ()
