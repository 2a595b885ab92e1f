"""A charge of a statement with the host's records behind it, beside the rows of a partner's file.

A charge has several lines where its price changed inside the period or the partner was suspended;
they are compared together, each record at the price of the line it is on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from partnergate.errors import UsageError
from partnergate.metering.series import series_of_charge
from partnergate.model.days import first_instant
from partnergate.pricing.money import CONTEXT, exact, minor_unit
from partnergate.statements.reconciliation.classifying import reconcile
from partnergate.statements.reconciliation.mapping import guessed
from partnergate.statements.reconciliation.reading import partner_records
from partnergate.statements.reconciliation.records import Frame
from partnergate.store.statements.records import StoredRecords
from partnergate.store.statements.requested_records import Asked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from partnergate.model.agreement import Agreement, Charge
    from partnergate.statements.draft import Account
    from partnergate.statements.reconciliation.mapping import ColumnMapping
    from partnergate.statements.reconciliation.records import HostRecord, Reconciliation
    from partnergate.statements.statement import Statement, StatementLine
    from partnergate.store.database.engine import Store

_REACH = timedelta(days=2)
_LOOKED_AT = 300
ZONES = (
    "UTC", "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles",
    "America/Sao_Paulo", "Europe/London", "Europe/Berlin", "Asia/Kolkata", "Asia/Shanghai", "Asia/Tokyo",
    "Australia/Sydney",
)  # fmt: skip
"""Tried for times without an offset, after the agreement's own zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostSide:
    """What the host has for one line."""

    statement: Statement
    lines: tuple[StatementLine, ...]
    """Of the one charge, in order of time."""
    records: tuple[HostRecord, ...]
    reader: StoredRecords
    aliases: tuple[str, ...]
    _keys: dict[str, str | None] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The charge."""
        return self.lines[0].name

    def guess(self, head: Sequence[str], rows: Sequence[Mapping[str, str]]) -> ColumnMapping:
        """Which column is what, and the zone in which most rows meet a record of the host."""
        zones = (self.statement.period.time_zone, *ZONES)
        ours = {
            "id": frozenset(r.id for r in self.records if r.id),
            "session": frozenset(r.session for r in self.records if r.session),
            "user": frozenset(r.user for r in self.records if r.user),
        }

        def known(role: str, text: str) -> bool:
            return (self._key_of(text) if role == "user" else text) in ours[role]

        return guessed(head, rows, zones=zones, score=lambda m: self._score(rows, m), known=known)

    def reconcile(self, rows: Sequence[Mapping[str, str]], mapping: ColumnMapping) -> Reconciliation:
        """Every record of both sides with its cause."""
        return reconcile(
            partner_records(rows, mapping, key_of=self._key_of), self.records, self._frame(mapping)
        )

    def _key_of(self, user: str) -> str | None:
        if user not in self._keys:
            self._keys[user] = self.reader.key_of(self.aliases, user)
        return self._keys[user]

    def _score(self, rows: Sequence[Mapping[str, str]], mapping: ColumnMapping) -> int:
        """How many of the first rows have a record of the same user, session or id at the same time."""
        known = {
            (name, r.time.replace(microsecond=0))
            for r in self.records
            for name in (r.user, r.session, r.id)
            if name
        }
        return sum(
            (name, p.time.replace(microsecond=0)) in known
            for p in partner_records(rows[:_LOOKED_AT], mapping, key_of=self._key_of)
            if p.time is not None
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


def host_side(store: Store, realm: str, account: Account, statement: Statement, name: str | None) -> HostSide:
    """The records behind the lines of that name; of the only metered charge when none is named."""
    lines = _chosen_lines(statement, name)
    aliases = tuple(p.alias for p in account.partner.providers)
    reader = StoredRecords(store, realm)
    return HostSide(
        statement=statement,
        lines=lines,
        records=tuple(
            record for asked in _asked(statement, lines) for record in reader.of_charge(asked, aliases)
        ),
        reader=reader,
        aliases=aliases,
    )


def unit_price(lines: Sequence[StatementLine]) -> Decimal:
    """What a unit costs on these lines, on average."""
    quantity = sum((x.quantity for x in lines), Decimal(0))
    if not quantity:
        return Decimal(0)
    return exact(CONTEXT.divide(sum((x.rated.exact for x in lines), Decimal(0)), quantity))


def _asked(statement: Statement, lines: Sequence[StatementLine]) -> Iterator[Asked]:
    """What to read: neighbouring lines of one meter together, so that what is distinct is so in them all."""
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
        yield Asked(
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
    """The lines that a partner's file can be compared with."""
    names = {c.name for a in statement.terms for c in a.charges if c.meter is not None}
    return tuple(x for x in statement.lines if x.name in names and x.corrects is None)


def _chosen_lines(statement: Statement, name: str | None) -> tuple[StatementLine, ...]:
    lines = metered_lines(statement)
    names = dict.fromkeys(x.name for x in lines)
    wanted = name if name is not None or len(names) != 1 else next(iter(names))
    if wanted not in names:
        raise UsageError("say which line is compared", advice=f"--line, one of: {', '.join(names)}")
    return tuple(sorted((x for x in lines if x.name == wanted), key=lambda x: x.rated.start))
