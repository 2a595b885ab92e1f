"""Pairs the records of both sides, and assigns one cause to each pair and to each unpaired record.

Records are paired by ID, then by user and time, then by user and a time that differs by whole quarters of
an hour. The cause of a pair is the first that explains it completely: the host's status of the record, then
the period, the time zone, the quantity, and the amount.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from partnergate.model.decimals import exactly, plain
from partnergate.statements.reconciliation.records import (
    Cause,
    CauseCount,
    ClassifiedRecord,
    HostStatus,
    Reconciliation,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from partnergate.statements.reconciliation.records import Frame, HostRecord, PartnerRecord

ZERO = Decimal(0)
TOLERANCE = timedelta(seconds=2)
"""The greatest difference between two clocks at the same time."""
EDGE = timedelta(minutes=5)
"""A host-only record this close to a bound of the period may belong to the adjacent period."""
_QUARTER = timedelta(minutes=15)
_WIDEST = timedelta(hours=26)
"""The greatest difference between two time zones."""
_BY_STATUS: dict[HostStatus, Cause] = {
    HostStatus.REPEATED: Cause.REPEATED_LOGIN,
    HostStatus.FAILED: Cause.FAILED_LOGIN,
    HostStatus.TEST_USER: Cause.TEST_USER,
    HostStatus.SUSPENDED: Cause.SUSPENDED,
    HostStatus.UNKNOWN_USER: Cause.UNKNOWN_USER,
    HostStatus.LATE: Cause.LATE,
    HostStatus.NOT_COUNTED: Cause.NOT_COUNTED,
}
_PREFERRED = tuple(HostStatus)


@exactly
def reconcile(partner: Sequence[PartnerRecord], host: Sequence[HostRecord], frame: Frame) -> Reconciliation:
    """Assign every record to exactly one finding. ``host`` may include records around the period."""
    rows = sorted(partner, key=lambda p: p.row)
    board = _Board(host)
    findings: list[ClassifiedRecord] = []
    readable = []
    for row in rows:
        if row.trouble:
            findings.append(_finding(Cause.UNREADABLE, row, None, frame, detail=row.trouble))
        else:
            readable.append(row)
    left, repeats = _without_repeats(readable)
    findings += [_finding(Cause.DUPLICATE, row, None, frame) for row in repeats]
    for match in (
        board.by_id,
        board.by_moment,
        board.by_failure,
        board.by_shift,
        board.by_day,
        board.by_user,
    ):
        kept = []
        for row in left:
            found = match(row)
            if found is None:
                kept.append(row)
            else:
                findings.append(_pair(row, found, frame))
        left = kept
    findings += [
        _finding(Cause.MISSING_AT_HOST if row.known else Cause.UNKNOWN_USER, row, None, frame) for row in left
    ]
    only_host = [h for h in board.left if h.status is HostStatus.BILLED and frame.start <= h.time < frame.end]
    findings += [_only_host(h, frame) for h in only_host]
    return _result(findings, frame)


class _Board:
    """The host's records that are not paired with a row yet."""

    def __init__(self, host: Iterable[HostRecord]) -> None:
        self._records = sorted(host, key=lambda h: (h.time, h.id))
        self._taken: set[int] = set()
        self._ids = self._index(lambda h: h.id)
        self._users = self._index(lambda h: h.user)
        self._sessions = self._index(lambda h: h.session)
        self._failed = [
            n for n, h in enumerate(self._records) if h.status is HostStatus.FAILED and not h.user
        ]

    @property
    def left(self) -> tuple[HostRecord, ...]:
        return tuple(h for n, h in enumerate(self._records) if n not in self._taken)

    def by_id(self, row: PartnerRecord) -> HostRecord | None:
        """Return the record with the same ID."""
        return self._first(self._ids.get(row.id, ())) if row.id else None

    def by_moment(self, row: PartnerRecord) -> HostRecord | None:
        """Return the nearest record of the same user at the same time."""
        return self._nearest(row, lambda apart: apart <= TOLERANCE)

    def by_failure(self, row: PartnerRecord) -> HostRecord | None:
        """Return a failed login at the same time; failed logins have no user."""
        if row.time is None or row.until is not None:
            return None
        near = [
            (abs(self._records[n].time - row.time), n)
            for n in self._failed
            if n not in self._taken and abs(self._records[n].time - row.time) <= TOLERANCE
        ]
        return self._first([n for _, n in sorted(near)])

    def by_shift(self, row: PartnerRecord) -> HostRecord | None:
        """Return the record of the same user that differs by whole quarters of an hour."""
        return self._nearest(row, _is_shift)

    def by_day(self, row: PartnerRecord) -> HostRecord | None:
        """Return the user's record of the day of a row without a time of day, the most similar one."""
        start, end = row.time, row.until
        if start is None or end is None or not row.user:
            return None
        numbers = [n for n in self._of(row) if n not in self._taken and start <= self._records[n].time < end]

        def unlike(n: int) -> tuple[bool, int, int]:
            record = self._records[n]
            return row.quantity != record.quantity, _PREFERRED.index(record.status), n

        return self._first(sorted(numbers, key=unlike))

    def by_user(self, row: PartnerRecord) -> HostRecord | None:
        """Return the user's record for a row without a time; a billed record is preferred."""
        if row.time is not None or not row.user:
            return None
        numbers = [n for n in self._of(row) if n not in self._taken]
        return self._first(sorted(numbers, key=lambda n: (_PREFERRED.index(self._records[n].status), n)))

    def _nearest(self, row: PartnerRecord, fits: Callable[[timedelta], bool]) -> HostRecord | None:
        if row.time is None or row.until is not None or not row.user:
            return None
        near = [
            (abs(self._records[n].time - row.time), n)
            for n in self._of(row)
            if n not in self._taken and fits(abs(self._records[n].time - row.time))
        ]
        return self._first([n for _, n in sorted(near)])

    def _of(self, row: PartnerRecord) -> Sequence[int]:
        return self._users.get(row.user) or self._sessions.get(row.user) or ()

    def _first(self, numbers: Iterable[int]) -> HostRecord | None:
        number = next((n for n in numbers if n not in self._taken), None)
        if number is None:
            return None
        self._taken.add(number)
        return self._records[number]

    def _index(self, key: Callable[[HostRecord], str]) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for number, record in enumerate(self._records):
            if key(record):
                found.setdefault(key(record), []).append(number)
        return found


def _without_repeats(rows: Iterable[PartnerRecord]) -> tuple[list[PartnerRecord], list[PartnerRecord]]:
    """Return the first row of each ID (or of each user and time), and the rows that repeat it."""
    ids: set[Hashable] = set()
    others: set[Hashable] = set()
    first, again = [], []
    for row in rows:
        seen = ids if row.id else others
        key: Hashable = row.id or (row.user, row.time, row.quantity)
        if not row.id and (not row.user or row.until is not None):
            first.append(row)  # two records of one day are not the same
        elif key in seen:
            again.append(row)
        else:
            seen.add(key)
            first.append(row)
    return first, again


def _pair(row: PartnerRecord, host: HostRecord, frame: Frame) -> ClassifiedRecord:
    if host.status is not HostStatus.BILLED:
        return _finding(_BY_STATUS[host.status], row, host, frame)
    inside = frame.start <= host.time < frame.end
    shift = timedelta(0) if row.time is None or row.until is not None else row.time - host.time
    if _is_shift(abs(shift)):
        return _finding(Cause.TIME_ZONE, row, host, frame, detail=_hours(shift))
    if not inside:
        in_their_days = frame.partner_start <= host.time < frame.partner_end
        cause = Cause.TIME_ZONE if in_their_days else Cause.PERIOD_EDGE
        return _finding(cause, row, host, frame, detail=f"{host.time:%Y-%m-%dT%H:%M:%SZ}")
    if row.quantity != host.quantity:
        return _finding(
            Cause.QUANTITY, row, host, frame, detail=f"{plain(row.quantity)} against {plain(host.quantity)}"
        )
    difference = _amount(row, frame, host) - host.amount
    if not difference:
        return _finding(Cause.AGREED, row, host, frame)
    return _finding(Cause.ROUNDING if abs(difference) < frame.unit else Cause.PRICE, row, host, frame)


def _only_host(host: HostRecord, frame: Frame) -> ClassifiedRecord:
    if not frame.partner_start <= host.time < frame.partner_end:
        return _finding(Cause.TIME_ZONE, None, host, frame, detail="outside the partner's days")
    if host.time - frame.start < EDGE or frame.end - host.time <= EDGE:
        return _finding(Cause.PERIOD_EDGE, None, host, frame)
    return _finding(Cause.MISSING_AT_PARTNER, None, host, frame)


def _finding(
    cause: Cause, row: PartnerRecord | None, host: HostRecord | None, frame: Frame, *, detail: str = ""
) -> ClassifiedRecord:
    billed = host is not None and host.status is HostStatus.BILLED and frame.start <= host.time < frame.end
    theirs_quantity = row.quantity if row is not None else ZERO
    theirs = _amount(row, frame, host if billed else None) if row is not None else ZERO
    ours_quantity = host.quantity if host is not None and billed else ZERO
    ours = host.amount if host is not None and billed else ZERO
    return ClassifiedRecord(
        cause=cause,
        partner=row,
        host=host,
        quantity=_less(theirs_quantity, ours_quantity),
        amount=_less(theirs, ours),
        detail=detail,
    )


def _less(theirs: Decimal, ours: Decimal) -> Decimal:
    """The difference; without a new number where it is zero or one of the two."""
    if not ours:
        return theirs
    return theirs - ours if theirs != ours else ZERO


def _amount(row: PartnerRecord, frame: Frame, host: HostRecord | None) -> Decimal:
    """Return the partner's amount, or if it is missing, the price of the quantity on the line."""
    if row.amount is not None:
        return row.amount
    if host is not None and row.quantity == host.quantity:
        return host.amount
    return row.quantity if frame.unit_price == 1 else row.quantity * frame.unit_price


def _result(findings: list[ClassifiedRecord], frame: Frame) -> Reconciliation:
    by_cause: dict[Cause, list[ClassifiedRecord]] = {}
    for finding in findings:
        by_cause.setdefault(finding.cause, []).append(finding)
    findings.clear()
    ordered = tuple(f for cause in Cause for f in _in_order(by_cause.get(cause, [])))
    partner_total = sum((_amount_of(f, frame) for f in ordered if f.partner is not None), ZERO)
    return Reconciliation(
        findings=ordered,
        counts=tuple(
            CauseCount(
                cause=cause,
                count=len(by_cause[cause]),
                quantity=sum((f.quantity for f in by_cause[cause]), ZERO),
                amount=sum((f.amount for f in by_cause[cause]), ZERO),
            )
            for cause in Cause
            if cause in by_cause
        ),
        partner_records=sum(f.partner is not None for f in ordered),
        host_records=sum(f.host is not None for f in ordered),
        partner_total=partner_total,
        host_total=partner_total - sum((f.amount for f in ordered), ZERO),
    )


def _in_order(findings: list[ClassifiedRecord]) -> list[ClassifiedRecord]:
    """Records of the host alone by time, then the rows of the partner by number."""
    host_only = [f for f in findings if f.partner is None]
    host_only.sort(key=lambda f: (f.host.time, f.host.id) if f.host else ())
    rows = [f for f in findings if f.partner is not None]
    rows.sort(key=lambda f: f.partner.row if f.partner else 0)
    return host_only + rows


def _amount_of(finding: ClassifiedRecord, frame: Frame) -> Decimal:
    host = finding.host
    billed = host is not None and host.status is HostStatus.BILLED and frame.start <= host.time < frame.end
    return finding.amount + (host.amount if host is not None and billed else ZERO)


def _is_shift(apart: timedelta) -> bool:
    if not _QUARTER - TOLERANCE <= apart <= _WIDEST:
        return False
    over = apart % _QUARTER
    return min(over, _QUARTER - over) <= TOLERANCE


def _hours(shift: timedelta) -> str:
    hours = Decimal(round(shift / _QUARTER)) / 4
    return f"{hours.normalize():+f} hours"
