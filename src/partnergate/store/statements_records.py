"""The host's own records behind one charge, billed or not, for reconciliation."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from partnergate.attribution.model import Exclusion
from partnergate.spec.agreement import ActiveUsersMeter, Aggregate, LoginsMeter, SessionsMeter, UsageMeter
from partnergate.statements.reconciliation.model import HostRecord, HostStatus
from partnergate.store.instants import from_ms, from_us, to_ms, to_us
from partnergate.store.subjects import find_subject
from partnergate.store.usage_rows import data_of
from partnergate.usage.series import number_of, series_of_charge

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from partnergate.spec.agreement import Charge
    from partnergate.store.engine import Store

_STATUS = {
    Exclusion.TEST_USER.value: HostStatus.TEST_USER,
    Exclusion.STAGING.value: HostStatus.TEST_USER,
    Exclusion.SUSPENDED.value: HostStatus.SUSPENDED,
}
_USAGE = sa.text(
    "SELECT e.id, e.time_us, e.subject, e.data, e.received_us, e.subject_kind, a.person, a.excluded, "
    "o.partner FROM usage_events e JOIN usage_sources s ON s.no = e.source_no "
    "JOIN usage_types t ON t.no = e.type_no LEFT JOIN usage_attributed a ON a.seq = e.seq "
    "LEFT JOIN usage_owners o ON o.no = a.owner_no WHERE s.realm = :realm AND t.type = :type "
    "AND e.time_us >= :start AND e.time_us < :end AND e.action = 0 "
    "AND (o.partner = :partner OR o.partner IS NULL)"
)
_LOGINS = sa.text(
    "SELECT l.event_id AS id, l.time_ms, r.seen_ms, l.session_id, l.subject, l.user_id, l.excluded "
    "FROM logins l JOIN raw_events r ON r.realm = l.realm AND r.id = l.event_id WHERE l.realm = :realm "
    "AND l.partner = :partner AND l.time_ms >= :start AND l.time_ms < :end ORDER BY l.time_ms, l.event_id"
)
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
        """The key of a person whom the partner names; none when nobody of that name was ever seen."""
        with self._store.read() as connection:
            for alias in aliases:
                found = find_subject(connection, alias, subject)
                if found is not None:
                    return found
        return None

    def of_charge(
        self,
        partner: str,
        charge: Charge,
        aliases: Sequence[str],
        *,
        period: tuple[datetime, datetime],
        reach: tuple[datetime, datetime],
        final_at: datetime | None,
        unit_price: Decimal,
    ) -> tuple[HostRecord, ...]:
        """Every record in ``reach`` that the charge counts, or that a partner may think it counts."""
        arguments = {"realm": self._realm, "partner": partner}
        match charge.meter:
            case UsageMeter():
                return tuple(self._usage(charge, arguments, reach, final_at, unit_price))
            case ActiveUsersMeter() | LoginsMeter() | SessionsMeter():
                logins = self._logins(charge, arguments, (period, reach), final_at, unit_price)
                return (*logins, *self._failed(aliases, reach))
            case None:
                return ()

    def _usage(
        self,
        charge: Charge,
        arguments: dict[str, Any],
        reach: tuple[datetime, datetime],
        final_at: datetime | None,
        unit_price: Decimal,
    ) -> Iterator[HostRecord]:
        series = series_of_charge(charge)
        if series is None:
            return
        values = arguments | {"type": series.event, "start": to_us(reach[0]), "end": to_us(reach[1])}
        with self._store.read() as connection:
            for row in connection.execute(_USAGE, values):
                data = data_of(row.data)
                quantity = Decimal(1)
                if series.aggregate is Aggregate.SUM:
                    quantity = number_of(data.get(series.of or "")) or Decimal(0)
                if row.partner is None:
                    status = HostStatus.UNKNOWN_USER
                elif row.excluded:
                    status = _STATUS.get(row.excluded, HostStatus.NOT_COUNTED)
                elif series.split_of(data) is None:
                    status = HostStatus.NOT_COUNTED
                elif final_at is not None and from_us(row.received_us) > final_at:
                    status = HostStatus.LATE
                else:
                    status = HostStatus.BILLED
                yield HostRecord(
                    id=row.id,
                    time=from_us(row.time_us),
                    user=row.person or "",
                    session=row.subject if row.partner is not None else "",
                    quantity=quantity,
                    amount=quantity * unit_price if status is HostStatus.BILLED else Decimal(0),
                    status=status,
                )

    def _logins(
        self,
        charge: Charge,
        arguments: dict[str, Any],
        spans: tuple[tuple[datetime, datetime], tuple[datetime, datetime]],
        final_at: datetime | None,
        unit_price: Decimal,
    ) -> Iterator[HostRecord]:
        (start, end), reach = spans
        values = arguments | {"start": to_ms(reach[0]), "end": to_ms(reach[1])}
        counted: set[tuple[bool, str]] = set()
        with self._store.read() as connection:
            for row in connection.execute(_LOGINS, values):
                at = from_ms(row.time_ms)
                who = row.subject or row.user_id or row.id
                unique = {ActiveUsersMeter: who, SessionsMeter: row.session_id or row.id}.get(
                    type(charge.meter),
                    row.id,
                )
                inside = start <= at < end
                if row.excluded:
                    status = _STATUS.get(row.excluded, HostStatus.NOT_COUNTED)
                elif (inside, unique) in counted and inside:
                    status = HostStatus.REPEATED
                elif final_at is not None and from_ms(row.seen_ms) > final_at:
                    status = HostStatus.LATE
                else:
                    counted.add((inside, unique))
                    status = HostStatus.BILLED
                yield HostRecord(
                    id=row.id,
                    time=at,
                    user=who,
                    session=row.session_id or "",
                    amount=unit_price if status is HostStatus.BILLED else Decimal(0),
                    status=status,
                )

    def _failed(self, aliases: Sequence[str], reach: tuple[datetime, datetime]) -> Iterator[HostRecord]:
        values = {
            "realm": self._realm, "aliases": list(aliases), "start": to_ms(reach[0]), "end": to_ms(reach[1])
        }  # fmt: skip
        with self._store.read() as connection:
            for row in connection.execute(_FAILED, values):
                yield HostRecord(id=row.id, time=from_ms(row.time_ms), user="", status=HostStatus.FAILED)
