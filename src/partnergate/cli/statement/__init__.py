"""``partnergate statement``, ``price``, ``reconcile`` and ``trace``: one module per command.

::

    group         the table of the statement commands
    draft show list finalize void verify export keygen keys revoke rerate diff alerts
                  one statement command each
    dispute/      the dispute commands
    price         rates quantities by a price definition
    reconcile     compares a partner's records with a statement
    trace         follows a line to its billable records, and back
    access        files, store, accounts and periods that the commands share
    key_files     the private key that seals, and the published keys that verify
    output        statements to the terminal or to files
    alerts_file   reads the file of ``statement alerts``

Import the modules directly; the package exports nothing, because each command is imported only when it runs.
"""

__all__ = ()
