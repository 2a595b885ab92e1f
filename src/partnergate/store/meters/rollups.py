"""The series and active users in the rollups of each partner."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

import sqlalchemy as sa

from partnergate.canonical_json import canonical_json
from partnergate.metering.aggregates import aggregate_named
from partnergate.metering.series import Series, series_of_agreements

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from partnergate.model.agreement import Agreement

PEOPLE = "people"
"""The series that marks a partner with rollups of users by usage."""
NumberedSeries = tuple[int, Series]


@dataclass(slots=True)
class KeptMeters:
    """The table of series, by owner."""

    _kept: dict[int, dict[str, tuple[int, Series | None]]] = field(default_factory=dict)

    def series(
        self, owner: int, event_type: str, only: frozenset[str] | None = None
    ) -> tuple[NumberedSeries, ...]:
        """(number, series) of those that count events of the type, all or ``only`` those of these keys."""
        return tuple(
            (number, series)
            for key, (number, series) in self._kept.get(owner, {}).items()
            if series is not None and series.event == event_type and (only is None or key in only)
        )

    def people(self, owner: int) -> bool:
        """Whether users with usage are in rollups, for agreements that count active users by usage."""
        return PEOPLE in self._kept.get(owner, {})

    def note(self, owner: int, key: str, number: int, series: Series | None) -> None:
        """Add one."""
        self._kept.setdefault(owner, {})[key] = (number, series)


def kept_meters(connection: Connection) -> KeptMeters:
    """Return the series and users in rollups."""
    found = KeptMeters()
    query = sa.text("SELECT no, owner_no, series, definition FROM usage_series ORDER BY no")
    for number, owner, key, definition in connection.execute(query):
        found.note(owner, key, number, series_of_text(definition))
    return found


def wanted_series(agreements: Iterable[Agreement]) -> dict[str, Series | None]:
    """Return the required rollup series for a partner with these agreements, by key."""
    versions = tuple(agreements)
    wanted: dict[str, Series | None] = {s.key: s for s in series_of_agreements(versions)}
    if any("usage" in a.active_user.by for a in versions):
        wanted[PEOPLE] = None
    return wanted


def known_series(connection: Connection, realm: str) -> dict[str, set[str]]:
    """Return the keys of the rollup series of each partner of the realm."""
    query = sa.text(
        "SELECT o.partner, s.series FROM usage_owners o JOIN usage_series s ON s.owner_no = o.no "
        "WHERE o.realm = :realm"
    )
    found: dict[str, set[str]] = {}
    for partner, series in connection.execute(query, {"realm": realm}):
        found.setdefault(partner, set()).add(series)
    return found


def definition_text(series: Series | None) -> str:
    """A series as stored; ``null`` for the people of a partner."""
    if series is None:
        return "null"
    content = [series.event, series.aggregate, series.of, series.where, series.splits]
    return canonical_json(content)


@lru_cache(maxsize=4096)
def series_of_text(text: str) -> Series | None:
    """The series that is stored as ``text``."""
    content = json.loads(text)
    if content is None:
        return None
    event, aggregate, of, where, splits = content
    return Series(
        event=event,
        aggregate=aggregate_named(aggregate).name,
        of=of,
        where=_where(where),
        splits=tuple(_where(split) for split in splits),
    )


def _where(pairs: Iterable[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in pairs)
