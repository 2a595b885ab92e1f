"""The usage events of one charge: how each was billed, or why it was not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

import sqlalchemy as sa

from partnergate.attribution.outcome import UnattributedReason
from partnergate.metering.aggregates import aggregate_named
from partnergate.metering.aggregates.aggregate import EventQuantity
from partnergate.metering.attributing import FUTURE_BOUND
from partnergate.metering.series import series_of_charge
from partnergate.metering.usage_corrections import effective_event
from partnergate.model.event_data import text_of
from partnergate.model.instants import from_us, to_us
from partnergate.statements.reconciliation.records import HostRecord, HostStatus
from partnergate.statements.reconciliation.requested import STATUS_OF_EXCLUSION, RecordRequest
from partnergate.store.usage.deciding import VOIDED
from partnergate.store.usage.rows import Row, event_of, owners, types

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from partnergate.metering.series import Series
    from partnergate.metering.usage import UsageEvent
    from partnergate.model.event_data import Scalar

    Corrections = dict[tuple[int, str], list[UsageEvent]]

_ZERO = Decimal(0)
_FIELDS = Row._fields
_COLUMNS = ", ".join(f"e.{name}" for name in _FIELDS)
_OWN = sa.text(
    f"SELECT {_COLUMNS}, a.person, a.excluded FROM usage_attributed a "  # noqa: S608 - names of this package
    "JOIN usage_events e ON e.seq = a.seq WHERE a.owner_no = :owner AND a.type_no = :type "
    "AND a.time_us >= :start AND a.time_us < :end"
)
_UNATTRIBUTED = sa.text(
    f"SELECT {_COLUMNS} FROM usage_attributed a "  # noqa: S608 - names of this package
    "CROSS JOIN usage_events e CROSS JOIN usage_sources s "
    "WHERE a.reason IN :reasons AND a.reason IS NOT NULL AND a.type_no = :type "
    "AND a.time_us >= :start AND a.time_us < :end AND e.seq = a.seq AND s.no = e.source_no "
    "AND s.realm = :realm"
).bindparams(sa.bindparam("reasons", expanding=True))
_VOIDED = sa.text(
    f"SELECT {_COLUMNS}, p.subject, '' FROM usage_attributed a "  # noqa: S608 - names of this package
    "CROSS JOIN usage_events e CROSS JOIN usage_sources s CROSS JOIN sessions p "
    "WHERE a.reason = :voided AND a.type_no = :type AND a.time_us >= :start AND a.time_us < :end "
    "AND e.seq = a.seq AND s.no = e.source_no AND s.realm = :realm AND p.realm = s.realm "
    "AND p.session_id = e.subject AND p.partner = :partner"
)
"""A voided event is unattributed in the ledger; its session identifies the partner."""
_CORRECTIONS = sa.text(
    f"SELECT {_COLUMNS} FROM usage_attributed a JOIN usage_events o ON o.seq = a.seq "  # noqa: S608
    "JOIN usage_corrections c ON c.source_no = o.source_no AND c.target = o.id "
    "JOIN usage_events e ON e.seq = c.seq WHERE a.type_no = :type "
    "AND (a.owner_no = :owner OR a.reason = :voided) AND a.time_us >= :start AND a.time_us < :end"
)
_REASONS = [reason.value for reason in UnattributedReason]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    """A record, and its value for meters of distinct, greatest, or latest values."""

    record: HostRecord
    source_no: int
    value: str = ""


def usage_records(connection: Connection, realm: str, request: RecordRequest) -> tuple[HostRecord, ...]:
    """Return every usage event of the charge's type that is the partner's or unattributed."""
    series = series_of_charge(request.charge)
    type_no = None if series is None else types().find(connection, series.event)
    if series is None or type_no is None:
        return ()
    values = {
        "realm": realm,
        "partner": request.partner,
        "voided": VOIDED,
        "type": type_no,
        "start": to_us(request.reach[0]),
        "end": to_us(request.reach[1]),
        "owner": owners().find(connection, realm, request.partner),
    }
    own = tuple(_own(connection, values, series, request))
    unattributed = (
        _unattributed(row) for row in connection.execute(_UNATTRIBUTED, values | {"reasons": _REASONS})
    )
    return (*_deciding(own, series, request), *unattributed)


def _own(
    connection: Connection, values: Mapping[str, object], series: Series, request: RecordRequest
) -> Iterator[_Counted]:
    corrections = _corrections(connection, values, request)
    rows = (row for query in (_OWN, _VOIDED) for row in connection.execute(query, values))
    for *columns, person, excluded in rows:
        row = Row._make(columns)
        correcting = corrections.get((row.source_no, row.id), ())
        effective = effective_event(event_of(row, "", ""), correcting)
        data = {} if effective is None else effective.event.data
        quantity = _quantity(series, data)
        if excluded:
            status = STATUS_OF_EXCLUSION.get(excluded, HostStatus.NOT_COUNTED)
        elif effective is None or series.split_of(data) is None or quantity is None:
            status = HostStatus.NOT_COUNTED
        elif request.final_at is not None and from_us(row.received_us) > request.final_at:
            status = HostStatus.LATE
        else:
            status = HostStatus.BILLED
        record = HostRecord(
            id=row.id,
            time=from_us(row.time_us),
            user=person or "",
            session=row.subject,
            quantity=_ZERO if quantity is None else quantity,
            status=status,
        )
        yield _Counted(record=record, source_no=row.source_no, value=text_of(data.get(series.of or "")))


def _corrections(connection: Connection, values: Mapping[str, object], request: RecordRequest) -> Corrections:
    """Return the corrections that were stored when the statement was finalized."""
    found: Corrections = {}
    for row in map(Row._make, connection.execute(_CORRECTIONS, values)):
        known = request.final_at is None or from_us(row.received_us) <= request.final_at
        if known and from_us(row.time_us) <= from_us(row.received_us) + FUTURE_BOUND:
            found.setdefault((row.source_no, row.target), []).append(event_of(row, "", ""))
    return found


def _quantity(series: Series, data: Mapping[str, Scalar]) -> Decimal | None:
    return aggregate_named(series.aggregate).event_quantity(data.get(series.of or ""))


def _deciding(found: Sequence[_Counted], series: Series, request: RecordRequest) -> Iterator[HostRecord]:
    """Yield the records with their amounts. If one event represents others, the others are not billed."""
    deciding = _deciding_of(found, series, request)
    for one in found:
        record = one.record
        if record.status is not HostStatus.BILLED:
            yield record
        elif deciding is None or one in deciding:
            yield replace(record, amount=record.quantity * request.price_at(record.time))
        elif aggregate_named(series.aggregate).distinct:
            yield replace(record, status=HostStatus.REPEATED)
        else:
            yield replace(record, status=HostStatus.NOT_COUNTED)


def _deciding_of(
    found: Sequence[_Counted], series: Series, request: RecordRequest
) -> frozenset[_Counted] | None:
    """Return the deciding records of the period, or None if every record counts."""
    start, end = request.period
    inside = [x for x in found if x.record.status is HostStatus.BILLED and start <= x.record.time < end]
    ordered = sorted(inside, key=lambda x: (x.record.time, x.source_no, x.record.id))
    outside = [x for x in found if x.record.status is HostStatus.BILLED and not start <= x.record.time < end]
    chosen = aggregate_named(series.aggregate).deciding(
        [EventQuantity(x.record.quantity, x.value) for x in ordered]
    )
    return None if chosen is None else frozenset((*outside, *(ordered[place] for place in chosen)))


def _unattributed(columns: Sequence[object]) -> HostRecord:
    row = Row._make(columns)
    return HostRecord(
        id=row.id, time=from_us(row.time_us), user="", quantity=_ZERO, status=HostStatus.UNKNOWN_USER
    )
