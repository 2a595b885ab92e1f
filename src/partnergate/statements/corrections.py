"""Corrections of a finalized statement for late billable records, as lines of the next statement.

Each line with a re-rated amount that differs from the amount billed so far gets one correction line. The
original line never changes: original + earlier corrections + this correction = re-rated amount. A credit
from a dispute stays in effect, so corrections never reduce a line below the credited amount.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from partnergate.errors import StatementError
from partnergate.model.decimals import exactly
from partnergate.pricing.rated import WHOLE_PERIOD
from partnergate.statements.build import Amendments
from partnergate.statements.statement import (
    Amendment,
    AmendmentKind,
    DocumentKind,
    ShareCorrection,
    StatementLine,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from partnergate.pricing.rated import RatedLine, RatedPeriod
    from partnergate.statements.statement import Statement

ZERO = Decimal(0)


@exactly
def corrections(
    original: Statement,
    rerated: RatedPeriod,
    *,
    later: Iterable[Statement] = (),
    due: datetime,
) -> Amendments:
    """Return the amendments of ``original`` for the next statement; empty if no amount changed.

    ``later`` are the finalized statements after it; they already bill earlier corrections of it.
    """
    if original.currency != rerated.currency:
        raise StatementError("cannot add amounts in two currencies", target=original.number)
    billed = tuple(later)
    amended = (*billed_for(original.number, billed), *_credits_of_corrections(original.number, billed))
    now = {line.key: line for line in rerated.lines}
    before = {line.rated.key: line for line in original.lines if line.corrects is None}
    both = [(before.get(key), now.get(key)) for key in {**before, **now}]
    found = [_correction(original, old, new, amended, due) for old, new in sorted(both, key=_place)]
    return Amendments(
        lines=tuple(line for line in found if line is not None), shares=_share(original, rerated, billed)
    )


def billed_for(number: str, documents: Iterable[Statement]) -> tuple[StatementLine, ...]:
    """Return every line of the statements that amends the statement with that number."""
    return tuple(
        line
        for s in documents
        if s.kind is DocumentKind.STATEMENT
        for line in s.lines
        if line.corrects is not None and line.corrects.statement == number
    )


def _credits_of_corrections(number: str, billed: Sequence[Statement]) -> Iterator[StatementLine]:
    """Yield the credits of correction lines of the statement; they reduce its amount as well."""
    corrected = {
        (s.number, x.number)
        for s in billed
        for x in s.lines
        if x.kind is AmendmentKind.CORRECTION and x.corrects and x.corrects.statement == number
    }
    for statement in billed:
        for line in statement.lines:
            target = line.corrects
            if line.kind is AmendmentKind.CREDIT and target and (target.statement, target.line) in corrected:
                yield line


@exactly
def amending_line(
    line: RatedLine,
    *,
    due: datetime,
    corrects: Amendment,
    quantity: Decimal = ZERO,
    rules: tuple[tuple[str, str], ...] = (),
) -> StatementLine:
    """Return a line that amends ``line`` of a finalized statement. Its position assigns its number."""
    amount = corrects.rerated - corrects.original - corrects.earlier
    difference = replace(
        line,
        due=due,
        quantity=quantity,
        included=ZERO,
        events=0,
        unit=line.unit if line.is_tax else None,
        components=(),
        gross=amount,
        discount=None,
        minimum=None,
        maximum=None,
        fraction=WHOLE_PERIOD,
        exact=amount,
        amount=amount,
        facts=corrects.facts,
        rules=rules,
    )
    return StatementLine(number=0, rated=difference, corrects=corrects)


def _place(both: tuple[StatementLine | None, RatedLine | None]) -> tuple[bool, int, datetime, str, str]:
    """Sort key: the order of the corrected lines, then lines that the original does not have."""
    old, new = both
    line = _rated(old, new)
    return (old is None, old.number if old else 0, line.start, line.kind, line.name)


def _rated(old: StatementLine | None, new: RatedLine | None) -> RatedLine:
    line = new or (old.rated if old else None)
    assert line is not None  # noqa: S101 - the key came from one of the two
    return line


def _correction(
    original: Statement,
    old: StatementLine | None,
    new: RatedLine | None,
    amended: Sequence[StatementLine],
    due: datetime,
) -> StatementLine | None:
    line = _rated(old, new)
    mine = [x for x in amended if x.rated.key == line.key]
    corrected = [x for x in mine if x.kind is AmendmentKind.CORRECTION]
    given = [x.amount for x in mine if x.kind is AmendmentKind.CREDIT]
    first, so_far = (old.amount if old else ZERO), sum((x.amount for x in corrected), ZERO)
    amount = new.amount if new else ZERO
    if given:
        amount = max(amount, -sum(given, ZERO))
    if amount == first + so_far:
        return None
    quantity = new.quantity if new else ZERO
    counted = (old.quantity if old else ZERO) + sum((x.quantity for x in corrected), ZERO)
    return amending_line(
        line,
        due=due,
        quantity=quantity - counted,
        corrects=Amendment(
            kind=AmendmentKind.CORRECTION,
            statement=original.number,
            line=old.number if old else 0,
            original=first,
            earlier=so_far,
            rerated=amount,
            original_facts=old.facts if old else None,
            facts=new.facts if new else None,
            quantity=quantity,
            dispute="",
        ),
    )


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
