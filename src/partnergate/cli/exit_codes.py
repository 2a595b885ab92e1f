"""Every exit code of the command line, in one table (``docs/exit-codes.md`` is checked against it)."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What a process of partnergate ends with."""

    OK = 0
    """Done, or nothing to do."""
    FAILED = 1
    """A failure of the world, or a bug (then with a traceback)."""
    CHANGES_PRESENT = 2
    """``plan`` or ``drift`` with ``--detailed-exitcode``: there is something to apply."""
    INVALID_INPUT = 3
    """Files have error diagnostics."""
    UNSAFE = 4
    """The plan holds a danger whose flag was not given; nothing was changed."""
    STALE = 5
    """The realm moved since the plan was made; nothing was changed."""
    PARTIAL = 6
    """Some partners were applied, some were put back; the report says which."""
    LOCKED = 7
    """Another apply holds the realm."""
    INCOMPLETE = 8
    """A statement or a check could not be completed (a gap, a failed check)."""
    USAGE = 64
    """The command line does not fit (sysexits' EX_USAGE; click's 2 would mean "changes present")."""
    INTERRUPTED = 130
    """Stopped by the user."""
