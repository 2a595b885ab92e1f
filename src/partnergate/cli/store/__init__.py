"""``partnergate store``: one module per command on the sidecar's database.

::

    group      the table of the commands
    backup     writes the whole store to a file
    restore    fills an empty store from a backup
    verify     checks a backup, or compares the derived tables with the raw events
    rebuild    derives sessions and logins again
    migrate    updates the schema
    export     writes sessions, logins or usage as CSV or Parquet
    erase      anonymizes one user irreversibly
    files      the file arguments and the error for a file that cannot be written

Import the modules directly; the package exports nothing, because each command is imported only when it runs.
"""

__all__ = ()
