"""Rules for the versions of one partner's terms together."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from partnergate.language.shape.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from partnergate.language.text.tree import Path
    from partnergate.model.agreement import Agreement


def _path(path: Path, key: str) -> Path:
    return (*path, key)


def no_overlap(versions: Sequence[tuple[Path, Agreement]]) -> Iterator[Finding]:
    """PG313: at most one version is in force on a day."""
    for (_, before), (path, after) in pairwise(versions):
        if after.effective == before.effective:
            yield Finding(
                _path(path, "effective"),
                f"another version also begins on {after.effective}",
                "only one version may begin on a day",
            )
        elif before.until is not None and before.until > after.effective:
            yield Finding(
                _path(path, "effective"),
                f"the version before is in force until {before.until}",
                "delete its until, or set a later effective date",
            )


def ends_after_it_begins(versions: Sequence[tuple[Path, Agreement]]) -> Iterator[Finding]:
    """PG314."""
    begins = [version.effective for _, version in versions]
    for path, version in versions:
        if begins.count(version.effective) > 1:
            continue  # reported as PG313; the end of the first is derived from the second
        if version.until is not None and version.until <= version.effective:
            yield Finding(_path(path, "until"), f"{version.until} is not after {version.effective}")


def no_gap(versions: Sequence[tuple[Path, Agreement]]) -> Iterator[Finding]:
    """PG315."""
    for (_, before), (path, after) in pairwise(versions):
        if before.until is not None and before.until < after.effective:
            yield Finding(
                _path(path, "effective"),
                f"from {before.until} until {after.effective} no version is in force: usage is not charged",
                "to close the gap, delete until in the version before",
            )


def same_currency(versions: Sequence[tuple[Path, Agreement]]) -> Iterator[Finding]:
    """PG316."""
    for (_, before), (path, after) in pairwise(versions):
        if before.currency != after.currency:
            yield Finding(
                _path(path, "currency"),
                f"{before.currency} becomes {after.currency}: amounts of the two are never added",
                "corrections of earlier periods stay in the currency of their own version",
            )
