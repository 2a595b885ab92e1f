"""``partnergate audit``: one module per command on the audit log.

::

    group      the table of the commands
    list       shows the newest entries
    export     writes the log with its head to a file
    verify     checks the chain of the store or of a file
    identity   who runs a command
    recording  records the intent and the outcome of a command on a realm

Import the modules directly; the package exports nothing, because each command is imported only when it runs.
"""

__all__ = ()
