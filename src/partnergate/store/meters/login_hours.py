"""Hourly rollups of logins, sessions, refreshes, and users with usage: written and read here.

Triggers record each hour with an outdated rollup (``login_stale``). Those hours are read
from the rows until they are recomputed, so a result never depends on the time of the recomputation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from partnergate.metering.active_users import people_set
from partnergate.metering.fact_hash import fact_weight, weight_bytes, weight_sum
from partnergate.store.database.bulk import in_chunks, insert_new
from partnergate.store.database.engine import Dialect, take_lock
from partnergate.store.meters.hour_rows import HourRows
from partnergate.store.sessions.ingest import event_lock
from partnergate.store.usage.attribute import ATTRIBUTION_LOCK
from partnergate.store.usage.rows import HOUR_US

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection

    from partnergate.store.database.engine import Store
    from partnergate.store.meters.hour_rows import HourRow

BY_SUBJECT, BY_USER = 0, 1
"""How unique users are counted."""
_MOST_HOURS = 500
_MOST_ROWS = 50_000
"""About how many logins one transaction recounts. The event reader waits for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginHours:
    """The hours of a partner with current rollups in ``[start, end)``, in microseconds."""

    whole: tuple[tuple[int, int], ...]
    """First hour, and the one after the last."""
    raw: tuple[tuple[int, int], ...]
    """Spans that must be read from the rows themselves."""


def login_hours(
    connection: Connection,
    of: tuple[str, str, int],
    start: int,
    end: int,
    *,
    boundaries: Iterable[int] = (),
) -> LoginHours:
    """Return the complete, valid hours of (realm, partner, kind) without a boundary inside; and the rest."""
    first, last = -(-start // HOUR_US), end // HOUR_US
    cut = {instant // HOUR_US for instant in boundaries if instant % HOUR_US}
    bounds = dict(zip(("realm", "partner", "kind"), of, strict=True)) | {"first": first, "last": last}
    cut.update(connection.execute(_STALE_BETWEEN, bounds).scalars())
    whole: list[tuple[int, int]] = []
    begin = first
    for hour in sorted(h for h in cut if first <= h < last):
        if begin < hour:
            whole.append((begin, hour))
        begin = hour + 1
    if begin < last:
        whole.append((begin, last))
    raw: list[tuple[int, int]] = []
    at = start
    for low, high in whole:
        if at < low * HOUR_US:
            raw.append((at, low * HOUR_US))
        at = high * HOUR_US
    if at < end:
        raw.append((at, end))
    return LoginHours(whole=tuple(whole), raw=tuple(raw))


def rollups_of(
    connection: Connection, of: tuple[str, str, int], hours: LoginHours, columns: str
) -> Iterator[tuple[Any, ...]]:
    """Return the hour, the exclusion, and the columns of each valid rollup."""
    query = sa.text(
        f"SELECT hour, excluded, {columns} FROM login_hours "  # noqa: S608 - column names of this package
        "WHERE realm = :realm AND partner = :partner AND kind = :kind AND hour >= :first AND hour < :last"
    )
    named = dict(zip(("realm", "partner", "kind"), of, strict=True))
    for first, last in hours.whole:
        yield from map(tuple, connection.execute(query, {**named, "first": first, "last": last}))


def people_numbers(connection: Connection, realm: str, partner: str, who: int) -> dict[str, int]:
    """Return the number of each user that was counted before."""
    found = connection.execute(_PEOPLE, {"realm": realm, "partner": partner, "who": who})
    return {person: number for person, number in found}  # noqa: C416 - rows are no pairs to the type checker


def count_stale_hours(store: Store) -> int:
    """Recompute the rollups of some stale hours and return their number. Call it until it returns 0.

    Other writers of login rows wait in the meantime, so that no row is missed.
    """
    with store.read() as connection:
        stale = [tuple(row) for row in connection.execute(_STALE, {"most": _MOST_HOURS})]
    if not stale:
        return 0
    realm = stale[0][0]
    done = 0
    with store.write(lock=event_lock(realm)) as connection:
        if store.dialect is Dialect.POSTGRESQL:
            take_lock(connection, ATTRIBUTION_LOCK)
        rows, reading = 0, HourRows(connection=connection, realm=realm)
        for of_realm, partner, kind, hour in stale:
            if of_realm == realm and rows < _MOST_ROWS:
                rows += _count_hour(connection, (realm, partner, kind), hour, reading)
                done += 1
    return done


def _count_hour(connection: Connection, of: tuple[str, str, int], hour: int, reading: HourRows) -> int:
    realm, partner, kind = of
    named = {"realm": realm, "partner": partner, "kind": kind, "hour": hour}
    connection.execute(_FORGET_STALE, named)
    connection.execute(_FORGET_HOUR, named)
    by_reason: dict[str, list[HourRow]] = {}
    found = reading.rows(partner, kind, hour)
    for row in found:
        by_reason.setdefault(row.excluded, []).append(row)
    for excluded, rows in sorted(by_reason.items()):
        subjects = _people_bytes(connection, (realm, partner, BY_SUBJECT), (r.subject for r in rows))
        users = _people_bytes(connection, (realm, partner, BY_USER), (r.user for r in rows))
        weight = weight_sum(fact_weight(r.identity) for r in rows if r.identity)
        connection.execute(
            _ADD_HOUR,
            {
                **named,
                "excluded": excluded,
                "count": len(rows),
                "weight": weight_bytes(weight),
                "subjects": subjects,
                "users": users,
            },
        )
    return len(found)


def _people_bytes(connection: Connection, of: tuple[str, str, int], people: Iterable[str]) -> bytes:
    """Return the bit set of the users. A user without a number gets the next one."""
    names = sorted({person for person in people if person})
    if not names:
        return b""
    known = _numbered(connection, of, names)
    new = [name for name in names if name not in known]
    if new:
        realm, partner, who = of
        named = {"realm": realm, "partner": partner, "who": who}
        first = connection.execute(_NEXT_NUMBER, named).scalar_one()
        rows = [(*of, name, number) for number, name in enumerate(new, start=first)]
        insert_new(connection, "login_people", ("realm", "partner", "who", "person", "number"), rows)
        known.update((name, number) for *_, name, number in rows)
    found = people_set(known.values())
    return found.to_bytes((found.bit_length() + 7) // 8, "little")


def _numbered(connection: Connection, of: tuple[str, str, int], names: Sequence[str]) -> dict[str, int]:
    named = dict(zip(("realm", "partner", "who"), of, strict=True))
    found: dict[str, int] = {}
    for part in in_chunks(names):
        rows = connection.execute(_NUMBERS, {**named, "people": part})
        found.update({row.person: row.number for row in rows})
    return found


_WHERE = "WHERE realm = :realm AND partner = :partner AND "
_STALE = sa.text(
    "SELECT realm, partner, kind, hour FROM login_stale ORDER BY realm, kind, hour, partner LIMIT :most"
)
_STALE_BETWEEN = sa.text(
    f"SELECT hour FROM login_stale {_WHERE} kind = :kind AND hour >= :first AND hour < :last"  # noqa: S608
)
_FORGET_STALE = sa.text(f"DELETE FROM login_stale {_WHERE} kind = :kind AND hour = :hour")  # noqa: S608
_FORGET_HOUR = sa.text(f"DELETE FROM login_hours {_WHERE} kind = :kind AND hour = :hour")  # noqa: S608
_ADD_HOUR = sa.text(
    "INSERT INTO login_hours (realm, partner, kind, hour, excluded, count, weight, subjects, users) "
    "VALUES (:realm, :partner, :kind, :hour, :excluded, :count, :weight, :subjects, :users)"
)
_PEOPLE = sa.text(f"SELECT person, number FROM login_people {_WHERE} who = :who")  # noqa: S608
_NUMBERS = sa.text(
    f"SELECT person, number FROM login_people {_WHERE} who = :who AND person IN :people"  # noqa: S608
).bindparams(sa.bindparam("people", expanding=True))
_NEXT_NUMBER = sa.text(
    f"SELECT coalesce(max(number), -1) + 1 FROM login_people {_WHERE} who = :who"  # noqa: S608
)
