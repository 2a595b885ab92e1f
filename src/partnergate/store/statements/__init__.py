"""Statements in the database: their inputs, finalized documents, disputes, and alerts.

Modules are imported directly.

- ``facts``: measured quantities and the completeness of a realm; ``finalized``: sealed documents.
- ``disputes``, ``alerts``: objections to a line, and thresholds with their messages.
- ``trace``: the records of a trace.
- ``records``: the host's records of a reconciliation; ``activity`` reads logins and sessions for it,
  ``usage_records`` reads usage events.
"""

__all__ = ()
