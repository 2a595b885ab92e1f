"""``partnergate partner``: one module per command.

::

    group    the table of the commands
    add      writes a partner file from the metadata that the partner publishes

Import the modules directly; the package exports nothing, because each command is imported only when it runs.
"""

__all__ = ()
