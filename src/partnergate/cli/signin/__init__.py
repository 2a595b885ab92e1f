"""The commands about sign-in, one module per command.

::

    handoff           what a partner sets up on its side
    doctor            checks of the partners and of the realm from outside
    test_login        one login through a partner
    status            the onboarding steps of every partner
    test_login_run    how a test login is run and its result stored
    usable_partners   loads the partners whose files have no errors
    fetching          fetches one public document with the doctor's limits

Import the modules directly; the package exports nothing, because each command is imported only when it runs.
"""

__all__ = ()
