"""The host side of a reconciliation: a charge of a statement with the records that it counts.

A charge has several lines if its price changed inside the period or the partner was suspended. They
are compared together, each record at the price of its line.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import cached_property
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from partnergate.errors import UsageError
from partnergate.metering.series import series_of_charge
from partnergate.model.days import first_instant
from partnergate.model.decimals import CONTEXT, exact
from partnergate.pricing.money import minor_unit
from partnergate.statements.reconciliation.classifying import reconcile
from partnergate.statements.reconciliation.mapping import guessed
from partnergate.statements.reconciliation.partner_csv import partner_records
from partnergate.statements.reconciliation.records import Frame
from partnergate.statements.reconciliation.requested import RecordRequest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from partnergate.model.agreement import Agreement, Charge
    from partnergate.statements.account import Account
    from partnergate.statements.reconciliation.mapping import ColumnMapping
    from partnergate.statements.reconciliation.partner_csv import CsvRows
    from partnergate.statements.reconciliation.records import HostRecord, Reconciliation
    from partnergate.statements.reconciliation.requested import HostRecords
    from partnergate.statements.statement import Statement, StatementLine

_DAY = timedelta(days=1)
_REACH = timedelta(days=2)
_LOOKED_AT = 300
_SAMPLE = 500
_CACHED_USERS = 100_000
ZONES = (
    "UTC", "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles",
    "America/Sao_Paulo", "Europe/London", "Europe/Berlin", "Asia/Kolkata", "Asia/Shanghai", "Asia/Tokyo",
    "Australia/Sydney",
)  # fmt: skip
"""Tried for times without an offset, after the time zone of the agreement."""


@dataclass(frozen=True, kw_only=True)
class HostSide:
    """The lines of one charge, and the records of the host behind them."""

    statement: Statement
    lines: tuple[StatementLine, ...]
    """The lines of the charge, oldest first."""
    records: tuple[HostRecord, ...]
    reader: HostRecords
    aliases: tuple[str, ...]
    _keys: dict[str, str | None] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the charge."""
        return self.lines[0].name

    def guess(self, head: Sequence[str], rows: CsvRows, *, order: str = "") -> ColumnMapping:
        """Guess the role of each column, and the time zone in which most rows match a record of the host.

        ``order`` of day and month: ``day-first``, ``month-first``, or empty to decide it the same way.
        Raises ``UsageError`` if that decides nothing.
        """
        zones = (self.statement.period.time_zone, *ZONES)
        ours = {
            "id": frozenset(r.id for r in self.records if r.id),
            "session": frozenset(r.session for r in self.records if r.session),
            "user": frozenset(r.user for r in self.records if r.user),
        }

        def known(role: str, text: str) -> bool:
            return (self._key_of(text) if role == "user" else text) in ours[role]

        sample = rows[:_SAMPLE]
        return guessed(
            head,
            sample,
            zones=zones,
            score=lambda m: self._score(sample, m),
            near=lambda m: self._near(sample, m),
            order=order,
            score_numbers=lambda m: self._score_numbers(sample, m),
            known=known,
        )

    def reconcile(self, rows: CsvRows, mapping: ColumnMapping) -> Reconciliation:
        """Return the differences between the records of both sides, each with its cause.

        Raises ``UsageError`` if no row can be read: such a result would compare nothing.
        """
        found = partner_records(rows, mapping, key_of=self._key_of, currency=self.statement.currency)
        if all(r.trouble for r in found):
            raise UsageError(
                "no row of the partner's file can be read",
                advice=found[0].trouble if found else "it has only totals",
            )
        return reconcile(found, self.records, self._frame(mapping))

    def _key_of(self, user: str) -> str | None:
        if user not in self._keys:
            if len(self._keys) >= _CACHED_USERS:
                self._keys.clear()
            self._keys[user] = self.reader.key_of(self.aliases, user)
        return self._keys[user]

    def _score(self, rows: Sequence[Mapping[str, str]], mapping: ColumnMapping) -> int:
        """Return how many of the first rows match a record of the host by name and time."""
        known = {
            (name, r.time.replace(microsecond=0))
            for r in self.records
            for name in (r.user, r.session, r.id)
            if name
        }
        found = partner_records(rows[:_LOOKED_AT], mapping, key_of=self._key_of)
        return sum(
            (name, p.time.replace(microsecond=0)) in known
            if p.until is None
            else self._has_record(name, p.time, p.until)
            for p in found
            if p.time is not None
            for name in {p.user, p.id} - {""}
        )

    def _near(self, rows: Sequence[Mapping[str, str]], mapping: ColumnMapping) -> int:
        """Return how many of the first rows have a record of the host by name within a day."""
        found = partner_records(rows[:_LOOKED_AT], mapping, key_of=self._key_of)
        return sum(
            self._has_record(name, p.time - _DAY, (p.until or p.time) + _DAY)
            for p in found
            if p.time is not None
            for name in {p.user, p.id} - {""}
        )

    def _has_record(self, name: str, start: datetime, end: datetime) -> bool:
        times = self._times.get(name, [])
        return bisect_left(times, start) < bisect_left(times, end)

    @cached_property
    def _times(self) -> dict[str, list[datetime]]:
        """The times of the records of each user, session and ID, in order."""
        found: dict[str, list[datetime]] = {}
        for record in sorted(self.records, key=lambda r: r.time):
            for name in {record.user, record.session, record.id} - {""}:
                found.setdefault(name, []).append(record.time)
        return found

    def _score_numbers(self, rows: Sequence[Mapping[str, str]], mapping: ColumnMapping) -> int:
        """Return how many quantities and amounts of the first rows are those of a record of the same name."""
        of_name = {(name, r.quantity, r.amount) for r in self.records for name in (r.user, r.session, r.id)}
        quantities = {(name, quantity) for name, quantity, _ in of_name}
        amounts = {(name, amount) for name, _, amount in of_name}
        found = partner_records(rows[:_LOOKED_AT], mapping, key_of=self._key_of)
        return sum(
            ((name, p.quantity) in quantities) + ((name, p.amount) in amounts)
            for p in found
            if not p.trouble
            for name in {p.user, p.id} - {""}
        )

    def _frame(self, mapping: ColumnMapping) -> Frame:
        period = self.statement.period
        return Frame(
            start=period.start,
            end=period.end,
            partner_start=first_instant(period.first_day, mapping.zone),
            partner_end=first_instant(period.last_day + timedelta(days=1), mapping.zone),
            unit=minor_unit(self.statement.currency),
            unit_price=unit_price(self.lines),
        )


def host_side(reader: HostRecords, account: Account, statement: Statement, name: str | None) -> HostSide:
    """Return the host side of the charge ``name``, or of the only metered charge if ``name`` is none.

    Raises ``UsageError`` if no such charge has a line, or several have one and ``name`` is none.
    """
    lines = _chosen_lines(statement, name)
    aliases = tuple(p.alias for p in account.partner.providers)
    return HostSide(
        statement=statement,
        lines=lines,
        records=tuple(
            record for request in _requests(statement, lines) for record in reader.of_charge(request, aliases)
        ),
        reader=reader,
        aliases=aliases,
    )


def unit_price(lines: Sequence[StatementLine]) -> Decimal:
    """Return the average price of a unit on these lines; 0 without any quantity."""
    quantity = sum((x.quantity for x in lines), Decimal(0))
    if not quantity:
        return Decimal(0)
    return exact(CONTEXT.divide(sum((x.rated.exact for x in lines), Decimal(0)), quantity))


def _requests(statement: Statement, lines: Sequence[StatementLine]) -> Iterator[RecordRequest]:
    """Return the record requests. Adjacent lines of one meter share one, to keep values distinct."""
    prices = [(line.rated.start, unit_price((line,))) for line in lines]
    edges = [lines[0].rated.start - _REACH, *(x.rated.start for x in lines[1:]), lines[-1].rated.end + _REACH]
    terms = {a.effective: a for a in statement.terms}
    of_line = [
        (terms[x.rated.version.effective], begin, end)
        for x, (begin, end) in zip(lines, pairwise(edges), strict=True)
    ]

    def charge(agreement: Agreement) -> Charge:
        return next(c for c in agreement.charges if c.name == lines[0].name)

    for _, same in groupby(of_line, key=lambda x: series_of_charge(charge(x[0])) or charge(x[0]).meter):
        parts = tuple(same)
        agreement = parts[-1][0]
        yield RecordRequest(
            partner=statement.partner,
            charge=charge(agreement),
            rule=agreement.active_user,
            time_zone=agreement.time_zone,
            period=(statement.period.start, statement.period.end),
            reach=(parts[0][1], parts[-1][2]),
            final_at=statement.final.at if statement.final else None,
            price_at=lambda at: next((p for start, p in reversed(prices) if start <= at), prices[0][1]),
        )


def metered_lines(statement: Statement) -> tuple[StatementLine, ...]:
    """Return the lines that a partner's file can be compared with."""
    names = {c.name for a in statement.terms for c in a.charges if c.meter is not None}
    return tuple(x for x in statement.lines if x.name in names and x.corrects is None)


def _chosen_lines(statement: Statement, name: str | None) -> tuple[StatementLine, ...]:
    lines = metered_lines(statement)
    names = dict.fromkeys(x.name for x in lines)
    wanted = name if name is not None or len(names) != 1 else next(iter(names))
    if wanted not in names:
        raise UsageError(
            "several charges can be compared; name one", advice=f"--line, one of: {', '.join(names)}"
        )
    return tuple(sorted((x for x in lines if x.name == wanted), key=lambda x: x.rated.start))
