"""Finalized documents: a statement or a credit note with its place in the partner's chain."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from partnergate.errors import StatementError
from partnergate.model.decimals import exactly
from partnergate.statements.corrections import billed_for
from partnergate.statements.document import FIRST, hash_of
from partnergate.statements.statement import (
    Amendment,
    AmendmentKind,
    DocumentKind,
    Finalized,
    ShareCorrection,
    StatementLine,
    Voided,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from partnergate.statements.document import SealedStatement
    from partnergate.statements.statement import Override, Statement


def with_place(
    statement: Statement, chain: Sequence[SealedStatement], *, at: datetime, override: Override | None
) -> Statement:
    """Return the statement with its place after the last document of the partner's chain."""
    last = chain[-1] if chain else None
    sequence = 1
    if last is not None:
        if last.statement.final is None:
            raise StatementError(
                "the chain contains a document that is not finalized", target=last.statement.number
            )
        sequence = last.statement.final.sequence + 1
    return replace(
        statement,
        final=Finalized(
            at=at,
            sequence=sequence,
            previous=FIRST if last is None else hash_of(last.content),
            override=override,
        ),
    )


@exactly
def credit_note(
    original: Statement,
    original_sha256: str,
    chain: Sequence[Statement],
    *,
    at: datetime,
    name: str,
    reason: str,
) -> Statement:
    """Return a credit note that reverses each line of ``original`` and every later amendment of it.

    Corrections that ``original`` carried for earlier statements are also reversed, and its successor
    includes them again.
    """
    billed = [*original.lines, *billed_for(original.number, live_statements(chain))]
    lines = tuple(_reversed_line(original, line, n, at) for n, line in enumerate(billed, start=1))
    total = sum((x.amount for x in lines), Decimal(0))
    tax = sum((x.amount for x in lines if x.rated.is_tax), Decimal(0))
    shared = original.share_total + sum(
        (
            c.amount
            for s in live_statements(chain)
            for c in s.share_corrections
            if c.statement == original.number
        ),
        Decimal(0),
    )
    return replace(
        original,
        kind=DocumentKind.CREDIT_NOTE,
        number=f"{original.number}-credit",
        measured=(),
        suspended=(),
        lines=lines,
        subtotal=total - tax,
        tax=tax,
        total=total,
        shares=(),
        share_corrections=(_share_back(original, shared),) if shared else (),
        share_total=-shared,
        explanation=(f"reverses statement {original.number}: {reason}",),
        incomplete=(),
        final=None,
        voids=Voided(statement=original.number, sha256=original_sha256, name=name, reason=reason),
    )


def live_statements(chain: Sequence[Statement]) -> tuple[Statement, ...]:
    """Return the finalized statements without a credit note, in order."""
    void = {s.voids.statement for s in chain if s.voids is not None}
    return tuple(s for s in chain if s.kind is DocumentKind.STATEMENT and s.number not in void)


def _reversed_line(original: Statement, line: StatementLine, number: int, at: datetime) -> StatementLine:
    negated = replace(
        line.rated,
        due=at,
        quantity=-line.quantity,
        components=(),
        discount=None,
        minimum=None,
        maximum=None,
        gross=-line.amount,
        exact=-line.amount,
        amount=-line.amount,
    )
    return StatementLine(
        number=number,
        rated=negated,
        corrects=Amendment(
            kind=AmendmentKind.CREDIT,
            statement=original.number,
            line=line.number,
            original=line.amount,
            earlier=Decimal(0),
            rerated=Decimal(0),
            original_facts=line.facts,
            facts=None,
            quantity=Decimal(0),
            dispute="",
        ),
    )


def _share_back(original: Statement, shared: Decimal) -> ShareCorrection:
    return ShareCorrection(
        statement=original.number, original=shared, earlier=Decimal(0), rerated=Decimal(0), amount=-shared
    )
