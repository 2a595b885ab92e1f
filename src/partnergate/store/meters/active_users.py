"""Active users, logins, and sessions, read from the event and usage tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from partnergate.attribution.outcome import Exclusion
from partnergate.metering.fact_hash import login_identity, session_identity
from partnergate.metering.meters import Occurrence, Seen
from partnergate.model.instants import from_ms, from_us, to_ms, to_us
from partnergate.store.meters.hour_rows import refresh_excluded
from partnergate.store.partners.history import load_registry
from partnergate.store.usage.rows import QUARTER_US, owners

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from sqlalchemy import Connection

    from partnergate.model.agreement import ActiveUserRule
    from partnergate.model.partner import PartnerId

BY_SUBJECT = "partner_subject"


def seen_between(
    connection: Connection,
    realm: str,
    partner: PartnerId,
    rule: ActiveUserRule,
    within: tuple[datetime, datetime],
) -> Iterator[Seen]:
    """Yield the active users in ``[start, end)``, with their first time in each quarter of an hour."""
    start, end = within
    span = {"start": ceil_ms(start), "end": ceil_ms(end)}
    if "login" in rule.by:
        yield from logins_by_quarter(connection, (realm, partner), rule, span["start"], span["end"])
    if "refresh" in rule.by:
        for one in refreshes_between(connection, realm, partner, start, end):
            yield from _person((one.subject if by_subject(rule) else "") or one.user_id, one)
    if "usage" in rule.by:
        for one in usage_between(connection, realm, partner, start, end):
            yield from _person(one.subject if by_subject(rule) else one.user_id, one)


def _person(name: str, one: Active) -> Iterator[Seen]:
    if name:
        yield Seen(person=name, time=one.time, excluded=_exclusion(one.excluded))


class Active(NamedTuple):
    """A user with a token refresh or usage event: the partner-side subject, and the realm's user ID."""

    subject: str
    user_id: str
    time: datetime
    excluded: str


def by_subject(rule: ActiveUserRule) -> bool:
    """Whether users are counted by partner-side subject, not by the realm's user ID."""
    return rule.unique_by == BY_SUBJECT


def logins_by_quarter(
    connection: Connection, of: tuple[str, PartnerId], rule: ActiveUserRule, start: int, end: int
) -> Iterator[Seen]:
    """The users of (realm, partner) who signed in, with the first time in each quarter of an hour, in ms."""
    arguments = {"realm": of[0], "partner": of[1], "start": start, "end": end}
    yield from _seen(connection.execute(_LOGINS_BY_QUARTER, arguments), rule)


def _seen(rows: Iterable[Any], rule: ActiveUserRule) -> Iterator[Seen]:
    by_partner = by_subject(rule)
    for row in rows:
        person = (row.subject if by_partner else row.user_id) or row.user_id
        if person:
            yield Seen(person=person, time=from_ms(row.first_ms), excluded=_exclusion(row.excluded))


def logins_between(
    connection: Connection, realm: str, partner: PartnerId, start: datetime, end: datetime
) -> Iterator[Occurrence]:
    """The brokered logins."""
    arguments = {"realm": realm, "partner": partner, "start": ceil_ms(start), "end": ceil_ms(end)}
    for row in connection.execute(_LOGINS, arguments):
        yield Occurrence(
            identity=login_identity(realm, row.event_id),
            time=from_ms(row.time_ms),
            excluded=Exclusion(row.excluded) if row.excluded else None,
        )


def sessions_between(
    connection: Connection, realm: str, partner: PartnerId, start: datetime, end: datetime
) -> Iterator[Occurrence]:
    """The sessions by their start."""
    arguments = {"realm": realm, "partner": partner, "start": ceil_ms(start), "end": ceil_ms(end)}
    for row in connection.execute(_SESSIONS, arguments):
        yield Occurrence(
            identity=session_identity(realm, row.session_id),
            time=from_ms(row.started_ms),
            excluded=Exclusion(row.excluded) if row.excluded else None,
        )


def refreshes_between(
    connection: Connection, realm: str, partner: str, start: datetime, end: datetime
) -> Iterator[Active]:
    """The first refresh of each session in each quarter, billed or not by the files of that instant."""
    registry = load_registry(connection, realm, partner)
    arguments = {"realm": realm, "partner": partner, "start": ceil_ms(start), "end": ceil_ms(end)}
    for row in connection.execute(_REFRESHES, arguments):
        excluded = refresh_excluded(registry, partner, row)
        yield Active(row.subject or "", row.user_id or "", from_ms(row.first_ms), excluded)


def usage_between(
    connection: Connection, realm: str, partner: str, start: datetime, end: datetime
) -> Iterator[Active]:
    """The users with usage, with the first time in each quarter of an hour."""
    owner = owners().find(connection, realm, partner)
    if owner is None:
        return
    first, last = to_us(start), to_us(end)
    arguments = {"owner_no": owner, "first": -(-first // QUARTER_US), "last": last // QUARTER_US}
    for row in connection.execute(_SEEN, arguments):
        yield Active(row.person or "", row.user_id or "", from_us(row.first_us), row.excluded or "")
    whole = (arguments["first"] * QUARTER_US, arguments["last"] * QUARTER_US)
    edges = [(first, last)] if whole[0] >= whole[1] else [(first, whole[0]), (whole[1], last)]
    for begin, finish in edges:
        if begin < finish:
            for row in connection.execute(_USAGE_EDGE, {"owner_no": owner, "start": begin, "end": finish}):
                yield Active(row.person or "", row.user_id or "", from_us(row.time_us), row.excluded or "")


def _exclusion(text: str | None) -> Exclusion | None:
    return Exclusion(text) if text else None


def ceil_ms(instant: datetime) -> int:
    """Return the instant in milliseconds, rounded up."""
    return to_ms(instant) if instant.microsecond % 1000 == 0 else to_ms(instant) + 1


_WHERE = "WHERE realm = :realm AND partner = :partner AND {time} >= :start AND {time} < :end"
_LOGINS_BY_QUARTER = sa.text(
    "SELECT subject, user_id, excluded, min(time_ms) AS first_ms FROM logins "  # noqa: S608
    + _WHERE.format(time="time_ms")
    + " GROUP BY subject, user_id, excluded, time_ms / 900000"
)
_LOGINS = sa.text(
    "SELECT event_id, time_ms, excluded FROM logins " + _WHERE.format(time="time_ms")  # noqa: S608
)
_SESSIONS = sa.text(
    "SELECT session_id, started_ms, excluded FROM sessions " + _WHERE.format(time="started_ms")  # noqa: S608
)
_REFRESHES = sa.text(
    "SELECT s.subject, s.login_user AS user_id, s.excluded, r.first_ms FROM refreshes r "
    "JOIN sessions s ON s.realm = r.realm AND s.session_id = r.session_id "
    "WHERE r.realm = :realm AND s.partner = :partner AND r.first_ms >= :start AND r.first_ms < :end"
)
_SEEN = sa.text(
    "SELECT person, user_id, excluded, first_us FROM usage_seen "
    "WHERE owner_no = :owner_no AND quarter >= :first AND quarter < :last"
)
_USAGE_EDGE = sa.text(
    "SELECT person, user_id, excluded, time_us FROM usage_attributed "
    "WHERE owner_no = :owner_no AND type_no IN (SELECT no FROM usage_types) "
    "AND time_us >= :start AND time_us < :end"
)
