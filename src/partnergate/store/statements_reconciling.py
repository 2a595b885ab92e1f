"""One line of a statement with the host's records behind it, beside the rows of a partner's file."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from partnergate.errors import UsageError
from partnergate.rating.money import minor_unit
from partnergate.spec.local_day import first_instant
from partnergate.statements.reconciliation.classifying import reconcile
from partnergate.statements.reconciliation.mapping import guessed
from partnergate.statements.reconciliation.model import Frame
from partnergate.statements.reconciliation.reading import partner_records
from partnergate.store.statements_records import StoredRecords

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from partnergate.spec.agreement import Charge
    from partnergate.statements.drafting import Account
    from partnergate.statements.model import Statement, StatementLine
    from partnergate.statements.reconciliation.mapping import ColumnMapping
    from partnergate.statements.reconciliation.model import HostRecord, Reconciliation
    from partnergate.store.engine import Store

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
    line: StatementLine
    records: tuple[HostRecord, ...]
    reader: StoredRecords
    aliases: tuple[str, ...]
    _keys: dict[str, str | None] = field(default_factory=dict)

    def guess(self, head: Sequence[str], rows: Sequence[Mapping[str, str]]) -> ColumnMapping:
        """Which column is what, and the zone in which most rows meet a record of the host."""
        zones = (self.statement.period.time_zone, *ZONES)
        return guessed(head, rows, zones=zones, score=lambda m: self._score(rows, m))

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
            unit_price=unit_price(self.line),
        )


def host_side(store: Store, realm: str, account: Account, statement: Statement, name: str | None) -> HostSide:
    """The records behind the line of that name; the only metered one when none is named."""
    line, charge = _chosen_line(statement, name)
    aliases = tuple(p.alias for p in account.partner.providers)
    reader = StoredRecords(store, realm)
    records = reader.of_charge(
        statement.partner,
        charge,
        aliases,
        period=(line.start, line.end),
        reach=(line.start - _REACH, line.end + _REACH),
        final_at=statement.final.at if statement.final else None,
        unit_price=unit_price(line),
    )
    return HostSide(statement=statement, line=line, records=records, reader=reader, aliases=aliases)


def unit_price(line: StatementLine) -> Decimal:
    """What a unit costs on the line, on average."""
    return round(line.exact / line.quantity, 12) if line.quantity else Decimal(0)


def metered_lines(statement: Statement) -> tuple[StatementLine, ...]:
    """The lines that a partner's file can be compared with."""
    names = {c.name for c in statement.terms[-1].charges if c.meter is not None}
    return tuple(x for x in statement.lines if x.name in names and x.corrects is None)


def _chosen_line(statement: Statement, name: str | None) -> tuple[StatementLine, Charge]:
    charges = {c.name: c for c in statement.terms[-1].charges if c.meter is not None}
    lines = metered_lines(statement)
    wanted = [x for x in lines if name is None or x.name == name]
    if len(wanted) != 1:
        names = ", ".join(dict.fromkeys(x.name for x in lines))
        raise UsageError("say which line is compared", advice=f"--line, one of: {names}")
    return wanted[0], charges[wanted[0].name]
