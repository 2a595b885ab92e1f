"""Launches, sessions, and rejected sign-ins of an interval by partner, for the sign-in pages."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from partnergate.model.instants import to_ms

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

_HOUR_MS: Final = 3_600_000
NO_PARTNER: Final = ""
"""The partner of attempts that cannot be attributed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptCounts:
    """The sign-in attempts of one partner in an interval."""

    partner: str
    launches: tuple[tuple[str, int], ...]
    """(outcome, number), sorted."""
    sessions: int
    refused: tuple[tuple[str, str, int], ...]
    """(type, error, number) of the realm's events, sorted."""


def add_launches(
    connection: Connection, realm: str, at: datetime, counts: Mapping[tuple[str, str], int]
) -> None:
    """Add to the counts of the hour of ``at``, under (partner, outcome)."""
    rows = [
        {
            "realm": realm,
            "hour": to_ms(at) // _HOUR_MS * _HOUR_MS,
            "partner": partner,
            "outcome": outcome,
            "number": number,
        }
        for (partner, outcome), number in sorted(counts.items())
    ]
    if rows:
        connection.execute(
            sa.text(
                "INSERT INTO launch_counts (realm, hour_ms, partner, outcome, launches)"
                " VALUES (:realm, :hour, :partner, :outcome, :number)"
                " ON CONFLICT (realm, hour_ms, partner, outcome)"
                " DO UPDATE SET launches = launch_counts.launches + excluded.launches"
            ),
            rows,
        )


def sign_in_attempts(
    connection: Connection, realm: str, start: datetime, end: datetime, *, aliases: Mapping[str, str]
) -> tuple[AttemptCounts, ...]:
    """Return the attempts in ``[start, end)`` by partner ID; unattributed attempts come last.

    ``aliases`` maps each provider to its partner. Any other alias is text that a user may have put into a
    URL, so the attempt stays unattributed. Launches are counted by whole hours.
    """
    span = {"realm": realm, "start": to_ms(start), "end": to_ms(end)}
    launches: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for row in connection.execute(_LAUNCHES, span | {"start": to_ms(start) // _HOUR_MS * _HOUR_MS}):
        launches[row.partner].append((row.outcome, int(row.number)))
    sessions = {row.partner: row.number for row in connection.execute(_SESSIONS, span)}
    refused: dict[str, dict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
    for row in connection.execute(_ERRORS, span):
        refused[aliases.get(row.alias or "", NO_PARTNER)][row.type, row.error] += row.number
    known = sorted(launches.keys() | sessions.keys() | refused.keys(), key=lambda p: (p == NO_PARTNER, p))
    return tuple(
        AttemptCounts(
            partner=partner,
            launches=tuple(sorted(launches.get(partner, ()))),
            sessions=sessions.get(partner, 0),
            refused=tuple(sorted((kind, error, n) for (kind, error), n in refused.get(partner, {}).items())),
        )
        for partner in known
    )


_LAUNCHES = sa.text(
    "SELECT partner, outcome, SUM(launches) AS number FROM launch_counts"
    " WHERE realm = :realm AND hour_ms >= :start AND hour_ms < :end GROUP BY partner, outcome"
)
_SESSIONS = sa.text(
    "SELECT partner, COUNT(*) AS number FROM sessions"
    " WHERE realm = :realm AND partner IS NOT NULL AND started_ms >= :start AND started_ms < :end"
    " GROUP BY partner"
)
_ERRORS = sa.text(
    "SELECT type, error, alias, COUNT(*) AS number FROM raw_events"
    " WHERE realm = :realm AND error IS NOT NULL AND time_ms >= :start AND time_ms < :end"
    " AND type IN ('IDENTITY_PROVIDER_LOGIN_ERROR', 'IDENTITY_PROVIDER_FIRST_LOGIN_ERROR',"
    " 'IDENTITY_PROVIDER_POST_LOGIN_ERROR', 'IDENTITY_PROVIDER_RESPONSE_ERROR', 'LOGIN_ERROR',"
    " 'REGISTER_ERROR', 'LOGOUT_ERROR', 'REFRESH_TOKEN_ERROR')"
    " GROUP BY type, error, alias"
)
