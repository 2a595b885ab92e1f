"""Diagnostic codes.

- ``pages/``: one Markdown page for each code, which defines its title and severity.
- ``catalog``: every code, read from its page when it is first used.
- ``explanations``: the page of a code for ``partnergate explain``.

To add a code, add its page. Import the modules directly.
"""

__all__ = ()
