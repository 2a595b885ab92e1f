"""Renderings: each function takes a value and returns text; none prints.

::

    plan/          a plan: full and short text, Markdown
    diagnostics/   problems of files: text and formats for programs
    signin/        findings, hand-off sheet, onboarding status, test login
    statement/     statements, reconciliations and traces
    plain_text     makes untrusted text safe to show
    stylesheets    the CSS files of the package

Import the modules directly; the package exports nothing, because rich is imported only where it is used.
"""

__all__ = ()
