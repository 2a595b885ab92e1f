"""Diagnostic codes.

- ``catalog``: every code with its title and severity.
- ``explanations``: reads the page of a code.
- ``pages/``: one Markdown page for each code.

Import the modules directly.
"""

__all__: tuple[str, ...] = ()
