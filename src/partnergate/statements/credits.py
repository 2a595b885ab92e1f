"""Credits from disputes about lines of a finalized statement, with their tax.

A credit never exceeds what the line still bills: its amount with all its corrections and credits so far.
The revenue share does not change.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from partnergate.errors import StatementError
from partnergate.model.decimals import CONTEXT, exactly
from partnergate.pricing.money import rounded
from partnergate.statements.corrections import amending_line
from partnergate.statements.statement import Amendment, AmendmentKind, Statement, StatementLine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from partnergate.statements.ports import PendingCredit

ZERO = Decimal(0)
_HUNDRED = Decimal(100)


@exactly
def credit_lines(
    statement: Statement, credit: PendingCredit, amended: Sequence[StatementLine], *, due: datetime
) -> tuple[StatementLine, ...]:
    """Return the credit line and its tax line; empty if the line bills nothing.

    ``amended`` are all lines that amend the statement, including those of the statement being built.
    """
    line = statement.lines[credit.line - 1]
    target = f"{statement.number} line {line.number}"
    if credit.amount <= 0:
        raise StatementError("a credit is a positive amount", target=target)
    if credit.amount > line.amount:
        raise StatementError(
            f"a credit of {credit.amount} is more than the {line.amount} that the line billed", target=target
        )
    amount = min(credit.amount, _still_billed(statement, line, amended))
    if amount <= 0:
        return ()
    found = [_line(statement, line, amount, credit, due)]
    tax = _tax_of(statement, line)
    if tax is not None and tax.rated.unit is not None:
        exact = CONTEXT.divide(CONTEXT.multiply(amount, tax.rated.unit), _HUNDRED)
        share = rounded(exact, statement.currency, statement.terms[-1].rules.rounding)
        share = min(share, _still_billed(statement, tax, amended))
        if share > 0:
            found.append(_line(statement, tax, share, credit, due))
    return tuple(found)


def _still_billed(statement: Statement, line: StatementLine, amended: Sequence[StatementLine]) -> Decimal:
    of_line = (
        x.amount
        for x in amended
        if x.corrects is not None
        and (x.corrects.statement, x.corrects.line) == (statement.number, line.number)
    )
    return line.amount + sum(of_line, ZERO)


def _tax_of(statement: Statement, line: StatementLine) -> StatementLine | None:
    """Return the tax line for the line, with the same terms and on the same document."""
    terms = next((a for a in statement.terms if a.effective == line.rated.version.effective), None)
    if line.rated.is_tax or terms is None or terms.tax is None:
        return None
    of = line.corrects.statement if line.corrects else ""
    for other in statement.lines:
        is_same_document = (other.corrects.statement if other.corrects else "") == of
        if (
            other.rated.is_tax
            and is_same_document
            and (other.name, other.rated.unit) == (terms.tax.name, terms.tax.percent)
        ):
            return other
    return None


def _line(
    statement: Statement, line: StatementLine, amount: Decimal, credit: PendingCredit, due: datetime
) -> StatementLine:
    return amending_line(
        line.rated,
        due=due,
        rules=(("reason", credit.reason),),
        corrects=Amendment(
            kind=AmendmentKind.CREDIT,
            statement=statement.number,
            line=line.number,
            original=line.amount,
            earlier=ZERO,
            rerated=line.amount - amount,
            original_facts=line.facts,
            facts=line.facts,
            quantity=line.quantity,
            dispute=credit.dispute,
        ),
    )
