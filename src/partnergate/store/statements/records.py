"""The host's own records behind one charge, billed or not, for reconciliation."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import sqlalchemy as sa

from partnergate.model.agreement import ActiveUsersMeter, LoginsMeter, SessionsMeter, UsageMeter
from partnergate.model.days import local_date
from partnergate.model.instants import from_ms, to_ms
from partnergate.statements.reconciliation.records import HostRecord, HostStatus
from partnergate.statements.reconciliation.requested import STATUS_OF_EXCLUSION, RecordRequest
from partnergate.store.meters.active_users import BY_SUBJECT
from partnergate.store.sessions.subjects import find_subject
from partnergate.store.statements.activity import activity
from partnergate.store.statements.usage_records import usage_records

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from partnergate.store.database.engine import Store
    from partnergate.store.statements.activity import Activity

_FAILED = sa.text(
    "SELECT id, time_ms FROM raw_events WHERE realm = :realm AND type = 'LOGIN_ERROR' AND alias IN :aliases "
    "AND time_ms >= :start AND time_ms < :end"
).bindparams(sa.bindparam("aliases", expanding=True))


class StoredRecords:
    """Reads one realm."""

    def __init__(self, store: Store, realm: str) -> None:
        self._store = store
        self._realm = realm

    def key_of(self, aliases: Sequence[str], subject: str) -> str | None:
        """Return the subject key of the user with that identifier, or None if no such user ever logged in."""
        with self._store.read() as connection:
            for alias in aliases:
                found = find_subject(connection, alias, subject)
                if found is not None:
                    return found
        return None

    def of_charge(self, request: RecordRequest, aliases: Sequence[str]) -> tuple[HostRecord, ...]:
        """Return every record in reach that the charge counts, or that a partner may expect it to count."""
        match request.charge.meter:
            case UsageMeter():
                with self._store.read() as connection:
                    return usage_records(connection, self._realm, request)
            case ActiveUsersMeter() | LoginsMeter() | SessionsMeter():
                return (*self._people(request), *self._failed(aliases, request.reach))
            case None:
                return ()

    def _people(self, request: RecordRequest) -> Iterator[HostRecord]:
        start, end = request.period
        with self._store.read() as connection:
            rows = activity(connection, self._realm, request)
        rare = _rarely_seen([r for r in rows if start <= r.time < end], request)
        counted: set[str] = set()
        for row in rows:
            unique = _unique(row, request)
            inside = start <= row.time < end
            if row.excluded:
                status = STATUS_OF_EXCLUSION.get(row.excluded, HostStatus.NOT_COUNTED)
            elif not row.counts or (inside and unique in rare):
                status = HostStatus.NOT_COUNTED
            elif inside and unique in counted:
                status = HostStatus.REPEATED
            elif request.final_at is not None and row.seen is not None and row.seen > request.final_at:
                status = HostStatus.LATE
            else:
                status = HostStatus.BILLED
                if inside:
                    counted.add(unique)
            yield HostRecord(
                id=row.id,
                time=row.time,
                user=row.subject or row.user_id or row.id,
                session=row.session,
                amount=request.price_at(row.time) if status is HostStatus.BILLED else Decimal(0),
                status=status,
            )

    def _failed(self, aliases: Sequence[str], reach: tuple[datetime, datetime]) -> Iterator[HostRecord]:
        values = {
            "realm": self._realm, "aliases": list(aliases), "start": to_ms(reach[0]), "end": to_ms(reach[1])
        }  # fmt: skip
        with self._store.read() as connection:
            for row in connection.execute(_FAILED, values):
                yield HostRecord(id=row.id, time=from_ms(row.time_ms), user="", status=HostStatus.FAILED)


def _unique(row: Activity, request: RecordRequest) -> str:
    """Return what the meter counts: the user by the agreement's rule, the session, or the login."""
    match request.charge.meter:
        case ActiveUsersMeter():
            person = row.subject if request.rule.unique_by == BY_SUBJECT else row.user_id
            return person or row.user_id or row.id
        case SessionsMeter():
            return row.session or row.id
        case _:
            return row.id


def _rarely_seen(rows: Sequence[Activity], request: RecordRequest) -> frozenset[str]:
    """Return the users who were active on fewer days than the agreement requires."""
    if not isinstance(request.charge.meter, ActiveUsersMeter) or request.rule.min_days == 1:
        return frozenset()
    days: dict[str, set[date]] = {}
    for row in rows:
        if row.counts and not row.excluded:
            days.setdefault(_unique(row, request), set()).add(local_date(row.time, request.time_zone))
    return frozenset(person for person, seen in days.items() if len(seen) < request.rule.min_days)
