"""Disputes: a partner objects to a line, the host responds, and the dispute ends in a credit or a rejection.

A dispute is an append-only list of entries. This module decides which entry may follow.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from partnergate.errors import StatementError
from partnergate.model.decimals import CONTEXT, exactly
from partnergate.model.written_text import MESSAGE, NAME, cleaned
from partnergate.pricing.money import minor_unit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from partnergate.statements.statement import Statement


class EntryKind(StrEnum):
    """The kind of an entry."""

    OPENED = "opened"
    ANSWERED = "answered"
    CREDITED = "credited"
    REJECTED = "rejected"


_ENDS = (EntryKind.CREDITED, EntryKind.REJECTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeEntry:
    """One entry of a dispute."""

    at: datetime
    kind: EntryKind
    name: str
    """The author: from the access token on the pages, and entered on the command line."""
    words: str
    amount: Decimal | None = None
    """Opened: the disputed amount, if known. Credited: the credit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """All entries about one line."""

    id: str
    partner: str
    statement: str
    line: int
    entries: tuple[DisputeEntry, ...]

    @property
    def state(self) -> EntryKind:
        """The kind of the last entry."""
        return self.entries[-1].kind

    @property
    def is_open(self) -> bool:
        """Whether the dispute has not ended."""
        return self.state not in _ENDS


def opened(statement: Statement, line: int, entry: DisputeEntry, known: Sequence[Dispute]) -> Dispute:
    """Return a new dispute about a line of a finalized statement. A line has at most one open dispute."""
    target = f"{statement.number} line {line}"
    if statement.final is None:
        raise StatementError(
            "only a finalized statement can be disputed; this is a draft", target=statement.number
        )
    if not 1 <= line <= len(statement.lines):
        raise StatementError("the statement does not have this line", target=target)
    if any(d.is_open and (d.statement, d.line) == (statement.number, line) for d in known):
        raise StatementError(
            "the line already has an open dispute", target=target, advice="add to that dispute"
        )
    entry = _readable(entry, target)
    _is_money(entry, statement.currency, target)
    number = 1 + sum(d.statement == statement.number for d in known)
    return Dispute(
        id=f"{statement.number}-d{number}",
        partner=statement.partner,
        statement=statement.number,
        line=line,
        entries=(entry,),
    )


@exactly
def next_entry(
    dispute: Dispute, entry: DisputeEntry, *, currency: str, billed: Decimal, credited: Decimal
) -> DisputeEntry:
    """Return the entry if it may be the next one, with cleaned text.

    The credits of a line never exceed its billed amount.
    """
    entry = _readable(entry, dispute.id)
    _is_money(entry, currency, dispute.id)
    if not dispute.is_open:
        raise StatementError(f"the dispute has ended: {dispute.state.value}", target=dispute.id)
    if entry.kind is EntryKind.OPENED:
        raise StatementError("the dispute is already open", target=dispute.id)
    if entry.kind is EntryKind.CREDITED:
        if entry.amount is None:
            raise StatementError("a credit needs its amount", target=dispute.id)
        if credited + entry.amount > billed:
            raise StatementError(
                f"the line billed {billed}, {credited} of it is given back already", target=dispute.id
            )
    return entry


@exactly
def credited_so_far(dispute: Dispute, known: Sequence[Dispute]) -> Decimal:
    """Return the amount that earlier disputes about the same line have credited."""
    same = (d for d in known if (d.statement, d.line) == (dispute.statement, dispute.line))
    ended = (d.entries[-1].amount or Decimal(0) for d in same if d.state is EntryKind.CREDITED)
    return sum(ended, Decimal(0))


def _is_money(entry: DisputeEntry, currency: str, target: str) -> None:
    if entry.amount is None:
        return
    unit = minor_unit(currency)
    try:
        whole = entry.amount == entry.amount.quantize(unit, context=CONTEXT)
    except ArithmeticError:
        whole = False
    if not whole or entry.amount <= 0:
        raise StatementError(
            f"{str(entry.amount)[:40]} is not an amount in {currency}",
            target=target,
            advice=f"positive, in whole steps of {unit}",
        )


def entered_name(name: str) -> str:
    """Return the author of an entry from the command line, which authenticates no user."""
    return f"{cleaned(name, NAME, 'name')} (command line)" if name.strip() else ""


def _readable(entry: DisputeEntry, target: str) -> DisputeEntry:
    name = cleaned(entry.name, NAME, "name")
    words = cleaned(entry.words, MESSAGE, "message")
    if not name or not words:
        raise StatementError("the entry needs an author and a message", target=target)
    return replace(entry, name=name, words=words)
