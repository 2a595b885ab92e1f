"""The database itself, SQLite or PostgreSQL.

- ``engine``: connections, transactions and locks
- ``opening``: opens a store with a current schema
- ``migrations``: the schema, as numbered steps
- ``bulk``: many rows in one statement
- ``backup``: copies of a store

Modules are imported directly.
"""

__all__ = ()
