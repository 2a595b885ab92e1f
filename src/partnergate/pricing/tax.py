"""Tax on the total of the rounded lines."""

from __future__ import annotations

from decimal import localcontext
from typing import TYPE_CHECKING

from partnergate.model.decimals import CONTEXT, HUNDRED, ZERO, exact
from partnergate.pricing.added_lines import added_line
from partnergate.pricing.money import rounded
from partnergate.pricing.rated import WHOLE_PERIOD, LineKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partnergate.model.agreement import Agreement, Tax
    from partnergate.pricing.rated import RatedLine, VersionId
    from partnergate.pricing.timeline import Segment


def tax_lines(parts: Sequence[Segment], lines: Sequence[RatedLine]) -> tuple[RatedLine, ...]:
    """Return the tax on the total of the rounded lines: one line for each declared rate, rounded once."""
    rates: dict[Tax, list[RatedLine]] = {}
    by_version = {one.version.id: one.version.agreement for one in parts}
    for line in lines:
        tax = by_version[line.version].tax
        if tax is not None:
            rates.setdefault(tax, []).append(line)
    return tuple(_tax_line(tax, taxed, by_version, parts) for tax, taxed in rates.items())


def _tax_line(
    tax: Tax, taxed: Sequence[RatedLine], by_version: dict[VersionId, Agreement], parts: Sequence[Segment]
) -> RatedLine:
    versions = tuple(sorted({line.version for line in taxed}))
    terms = by_version[versions[-1]]
    with localcontext(CONTEXT):
        base = sum((line.amount for line in taxed), ZERO)
        amount = exact(base * tax.percent / HUNDRED)
    money = rounded(amount, terms.currency, terms.rules.rounding)
    return added_line(
        LineKind.TAX,
        tax.name,
        quantity=base,
        included=ZERO,
        exact_amount=amount,
        amount=money,
        fraction=WHOLE_PERIOD,
        span=(parts[0].start, parts[-1].end),
        versions=versions,
        rules=(("rounding", terms.rules.rounding.value),) if money != amount else (),
        unit=tax.percent,
    )
