"""Checks the credentials and keys of a command together: one run reports everything that is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.errors import PartnergateError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def require_all(*checks: Callable[[], object]) -> None:
    """Run every check; raise its error if one fails, or one ``UsageError`` that lists all that fail."""
    raise_together(failures_of(checks))


def raise_together(found: Iterable[PartnergateError]) -> None:
    """Raise the only error as it is, or a ``UsageError`` that lists all of them; do nothing for none."""
    errors = list(found)
    match errors:
        case []:
            return
        case [only]:
            raise only
        case _:
            listed = "".join(f"\n{_indented(error)}" for error in errors)
            raise UsageError(f"{len(errors)} settings are missing or invalid:{listed}")


def failures_of(checks: Iterable[Callable[[], object]]) -> Iterable[PartnergateError]:
    """Run every check; yields the errors of those that fail."""
    for check in checks:
        try:
            check()
        except PartnergateError as error:
            yield error


def _indented(error: PartnergateError) -> str:
    first, *rest = error.diagnostics().splitlines()
    return "\n".join((f"  - {first}", *(f"    {line}" for line in rest)))
