"""``partnergate statement dispute``: one module per command.

::

    group      the table of the commands
    opening    opens a dispute about a line
    answer     answers without ending the dispute
    credit     ends it with a credit
    reject     ends it without a credit
    list       lists the disputes of a partner
    entries    adds an entry to a stored dispute, and reads amounts

Import the modules directly; the package exports nothing, because each command is imported only when it runs.
"""

__all__ = ()
