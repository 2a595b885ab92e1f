"""The audit log in the database.

- ``log``: appends entries, in a transaction of their own or in that of the deed, and reads them.

The module is imported directly.
"""

__all__ = ()
