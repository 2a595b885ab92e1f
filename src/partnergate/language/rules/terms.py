"""Checks the agreement versions of one partner together."""

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
    """PG313: exactly one version applies to each day."""
    for (_, before), (path, after) in pairwise(versions):
        if after.effective == before.effective:
            yield Finding(
                _path(path, "effective"),
                f"another version also starts on {after.effective}",
                "use a different start date for each version",
            )
        elif before.until is not None and before.until > after.effective:
            yield Finding(
                _path(path, "effective"),
                f"the previous version lasts until {before.until}",
                "delete until from the previous version, or start this version later",
            )


def ends_after_it_begins(versions: Sequence[tuple[Path, Agreement]]) -> Iterator[Finding]:
    """PG314."""
    begins = [version.effective for _, version in versions]
    for path, version in versions:
        if begins.count(version.effective) > 1:
            continue  # PG313 reports this; the end of the first version is derived from the second
        if version.until is not None and version.until <= version.effective:
            yield Finding(_path(path, "until"), f"{version.until} is not after {version.effective}")


def no_gap(versions: Sequence[tuple[Path, Agreement]]) -> Iterator[Finding]:
    """PG315."""
    for (_, before), (path, after) in pairwise(versions):
        if before.until is not None and before.until < after.effective:
            yield Finding(
                _path(path, "effective"),
                f"no version covers {before.until} until {after.effective}: usage is not charged",
                "delete until from the previous version, unless the gap is intended",
            )


def same_currency(versions: Sequence[tuple[Path, Agreement]]) -> Iterator[Finding]:
    """PG316."""
    for (_, before), (path, after) in pairwise(versions):
        if before.currency != after.currency:
            yield Finding(
                _path(path, "currency"),
                f"the currency changes from {before.currency} to {after.currency}; amounts are never added",
                "corrections of earlier periods stay in the currency of their version",
            )
