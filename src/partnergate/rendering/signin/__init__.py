"""Renderings about sign-in, as text for a terminal and as JSON.

::

    findings      the findings of the doctor
    handoff       what a partner sets up on its side, also as Markdown
    status        the onboarding steps of partners
    test_login    the result of a test login

Import the modules directly; the package exports nothing.
"""

__all__ = ()
