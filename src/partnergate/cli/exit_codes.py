"""Every exit code of the command line, in one table; ``docs/exit-codes.md`` is generated from it."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit code of a partnergate process."""

    OK = 0
    """Success, also when there is nothing to do."""
    FAILED = 1
    """An operational failure (network, Keycloak, database, secret), a refused usage event, a statement file
    that fails verification, an unknown user to erase, or a bug, which prints a traceback."""
    CHANGES_PRESENT = 2
    """`plan` or `drift` with `--detailed-exitcode`: changes are present."""
    INVALID_INPUT = 3
    """The files have errors."""
    UNSAFE = 4
    """The plan has destructive changes whose flags were not passed; nothing was changed."""
    STALE = 5
    """The plan is stale: the files or the realm have changed since it was created; nothing was changed."""
    PARTIAL = 6
    """Some partners were applied and others were rolled back; the report names them."""
    LOCKED = 7
    """Another apply holds the lock of the realm."""
    INCOMPLETE = 8
    """A check failed, or a statement could not be finalized or is incomplete."""
    USAGE = 64
    """The command line or a setting is wrong or missing (2, the code of click, means "changes present")."""
    INTERRUPTED = 130
    """The user interrupted the command."""
