"""``partnergate usage`` and ``partnergate quality``: one module per command.

::

    group          the table of the usage commands
    report         shows a partner's quantities in a period
    send           sends one usage event
    backfill       sends a file of usage events
    quality        reports missing and malformed identity data
    destination    the options and the client for sending usage
    sending_file   reads, batches and sends a file, and keeps its position

Import the modules directly; the package exports nothing, because each command is imported only when it runs.
"""

__all__ = ()
