"""What late facts change in a final statement, as lines of the next one.

One correction line for each line whose re-rated amount is not what was billed so far. The original
stays; original + corrections + this one = re-rated.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from partnergate.errors import StatementError
from partnergate.statements.build import Amendments, statement_line
from partnergate.statements.model import (
    Corrected,
    DocumentKind,
    ShareCorrection,
    StatementLine,
    StatementLineKind,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from partnergate.rating.model import RatedPeriod
    from partnergate.statements.model import Statement

ZERO = Decimal(0)
_AMENDING = (StatementLineKind.CORRECTION, StatementLineKind.CREDIT)


def corrections(
    original: Statement,
    rerated: RatedPeriod,
    *,
    later: Iterable[Statement] = (),
    due: datetime,
) -> Amendments:
    """What the next statement says about ``original``; nothing when no amount changed.

    ``later`` are the final statements after it, whose corrections of it are already billed.
    """
    if original.currency != rerated.currency:
        raise StatementError("two currencies are never added", target=original.number)
    billed = tuple(later)
    earlier = _earlier(original.number, billed)
    now = {line.key: line for line in map(statement_line, rerated.lines)}
    before = {line.key: line for line in original.lines if line.kind not in _AMENDING}
    found = []
    for key in sorted(before.keys() | now.keys(), key=lambda k: (k[2], k[0], k[1])):
        old, new = before.get(key), now.get(key)
        amount_so_far, quantity_so_far = earlier.get((key[1], key[2], key[0]), (ZERO, ZERO))
        first, amount_now = (old.amount if old else ZERO), (new.amount if new else ZERO)
        if amount_now == first + amount_so_far:
            continue
        quantity_now = new.quantity if new else ZERO
        line = new or old
        assert line is not None  # noqa: S101 - the key came from one of the two
        found.append(
            _line(
                line,
                due=due,
                quantity=quantity_now - (old.quantity if old else ZERO) - quantity_so_far,
                corrects=Corrected(
                    statement=original.number,
                    line=old.number if old else 0,
                    original=first,
                    earlier=amount_so_far,
                    rerated=amount_now,
                    original_facts=old.facts if old else None,
                    facts=new.facts if new else None,
                    quantity=quantity_now,
                    dispute="",
                ),
            )
        )
    return Amendments(lines=tuple(found), shares=_share(original, rerated, billed))


def credit_line(
    statement: Statement, line: StatementLine, amount: Decimal, *, dispute: str, reason: str, due: datetime
) -> StatementLine:
    """A credit that ends a dispute; never more than the line itself."""
    if amount <= 0:
        raise StatementError("a credit is a positive amount", target=f"{statement.number} line {line.number}")
    if amount > line.amount:
        raise StatementError(
            f"a credit of {amount} is more than the {line.amount} that the line billed",
            target=f"{statement.number} line {line.number}",
        )
    return _line(
        line,
        due=due,
        kind=StatementLineKind.CREDIT,
        rules=(("reason", reason),),
        corrects=Corrected(
            statement=statement.number,
            line=line.number,
            original=line.amount,
            earlier=ZERO,
            rerated=line.amount - amount,
            original_facts=line.facts,
            facts=line.facts,
            quantity=line.quantity,
            dispute=dispute,
        ),
    )


def billed_for(number: str, documents: Iterable[Statement]) -> tuple[StatementLine, ...]:
    """Every line of any statement that amends the statement of that number."""
    return tuple(
        line
        for s in documents
        if s.kind is DocumentKind.STATEMENT
        for line in s.lines
        if line.corrects is not None and line.corrects.statement == number
    )


def _earlier(
    number: str, later: tuple[Statement, ...]
) -> dict[tuple[str, datetime, str], tuple[Decimal, Decimal]]:
    """Amount and quantity of the corrections already billed, by name, start and kind of the line."""
    sums: dict[tuple[str, datetime, str], tuple[Decimal, Decimal]] = {}
    for line in billed_for(number, later):
        if line.kind is StatementLineKind.CORRECTION:
            key = (line.name, line.start, line.model)
            amount, quantity = sums.get(key, (ZERO, ZERO))
            sums[key] = (amount + line.amount, quantity + line.quantity)
    return sums


def _share(
    original: Statement, rerated: RatedPeriod, later: tuple[Statement, ...]
) -> tuple[ShareCorrection, ...]:
    first = original.share_total - sum((s.amount for s in original.share_corrections), ZERO)
    earlier = sum(
        (s.amount for x in later for s in x.share_corrections if s.statement == original.number), ZERO
    )
    amount = rerated.share_total - first - earlier
    if not amount:
        return ()
    return (
        ShareCorrection(
            statement=original.number,
            original=first,
            earlier=earlier,
            rerated=rerated.share_total,
            amount=amount,
        ),
    )


def _line(
    line: StatementLine,
    *,
    due: datetime,
    corrects: Corrected,
    quantity: Decimal = ZERO,
    kind: StatementLineKind = StatementLineKind.CORRECTION,
    rules: tuple[tuple[str, str], ...] = (),
) -> StatementLine:
    amount = corrects.rerated - corrects.original - corrects.earlier
    return StatementLine(
        number=0,
        kind=kind,
        name=line.name,
        model=line.kind.value,
        start=line.start,
        end=line.end,
        due=due,
        quantity=quantity,
        included=ZERO,
        events=0,
        unit=None,
        steps=(),
        gross=amount,
        discount=None,
        minimum=None,
        maximum=None,
        fraction="",
        exact=amount,
        amount=amount,
        versions=line.versions,
        facts=corrects.facts,
        rules=rules,
        corrects=corrects,
    )
