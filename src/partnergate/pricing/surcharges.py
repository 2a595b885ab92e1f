"""What comes on top of the charges: the true-up to the period's minimum, and tax."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import TYPE_CHECKING

from partnergate.model.agreement import FlatTiming, Proration
from partnergate.pricing.money import CONTEXT, exact, part, rounded
from partnergate.pricing.rated import WHOLE_PERIOD, LineKind, RatedLine
from partnergate.pricing.timeline import fraction_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from partnergate.model.agreement import Agreement, Tax
    from partnergate.pricing.periods import Period
    from partnergate.pricing.rated import Fraction, VersionId
    from partnergate.pricing.timeline import Segment

TRUE_UP_NAME = "Minimum commitment"
_HUNDRED = Decimal(100)
_ZERO = Decimal(0)


def true_up(parts: Sequence[Segment], lines: Sequence[RatedLine], period: Period) -> RatedLine | None:
    """What the lines lack to the minimum of the period; listed as zero when they reach it.

    The minimum is prorated version by version and summed; it is never spread over lines. Prices
    that are due once do not count towards it. None where no version has a minimum.
    """
    agreed = [one for one in parts if one.version.agreement.minimum is not None]
    if not agreed:
        return None
    terms = agreed[-1].version.agreement
    minimum, fraction = _minimum(parts, period)
    with localcontext(CONTEXT):
        reached = sum((line.amount for line in lines if not _once(line, parts)), _ZERO)
        money = rounded(minimum, terms.currency, terms.rules.rounding)
        amount = max(_ZERO * money, money - reached)
        lacking = max(_ZERO, exact(minimum - reached))
    rules = [("proration", terms.rules.proration.value)] * (
        (parts[0].start, parts[-1].end) != (period.start, period.end)
    )
    rules += [("rounding", terms.rules.rounding.value)] * (money != minimum)
    return _surcharge(
        LineKind.TRUE_UP,
        TRUE_UP_NAME,
        quantity=minimum,
        included=reached,
        exact_amount=lacking,
        amount=amount,
        fraction=fraction,
        span=(parts[0].start, parts[-1].end),
        versions=tuple(one.version.id for one in agreed),
        rules=tuple(sorted(rules)),
    )


def tax_lines(parts: Sequence[Segment], lines: Sequence[RatedLine]) -> tuple[RatedLine, ...]:
    """Tax on the total of the rounded lines, one line for each declared rate, rounded once."""
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
        base = sum((line.amount for line in taxed), _ZERO)
        amount = exact(base * tax.percent / _HUNDRED)
    money = rounded(amount, terms.currency, terms.rules.rounding)
    return _surcharge(
        LineKind.TAX,
        tax.name,
        quantity=base,
        included=_ZERO,
        exact_amount=amount,
        amount=money,
        fraction=WHOLE_PERIOD,
        span=(parts[0].start, parts[-1].end),
        versions=versions,
        rules=(("rounding", terms.rules.rounding.value),) if money != amount else (),
        unit=tax.percent,
    )


def _minimum(parts: Sequence[Segment], period: Period) -> tuple[Decimal, Fraction]:
    """The minimum of the period: that of each version for its part, or the last one's as it is."""
    last = parts[-1].version.agreement
    if last.rules.proration is Proration.NONE:
        return last.minimum or _ZERO, WHOLE_PERIOD
    spans: dict[Decimal, list[tuple[datetime, datetime]]] = {}
    for one in parts:
        if one.version.agreement.minimum is not None:
            spans.setdefault(one.version.agreement.minimum, []).append((one.start, one.end))
    total = _ZERO
    with localcontext(CONTEXT):
        for minimum, covered in spans.items():
            share = fraction_of(period, covered, last.rules.proration, last.time_zone)
            total += part(minimum, share.numerator, share.denominator)
    everything = [span for covered in spans.values() for span in covered]
    return exact(total), fraction_of(period, everything, last.rules.proration, last.time_zone)


def _once(line: RatedLine, parts: Sequence[Segment]) -> bool:
    if line.kind is not LineKind.FLAT:
        return False
    charges = (c for one in parts if one.version.id in line.versions for c in one.version.agreement.charges)
    return any(
        charge.name == line.name and getattr(charge.price, "timing", None) is FlatTiming.ONCE
        for charge in charges
    )


def _surcharge(
    kind: LineKind,
    name: str,
    *,
    quantity: Decimal,
    included: Decimal,
    exact_amount: Decimal,
    amount: Decimal,
    fraction: Fraction,
    span: tuple[datetime, datetime],
    versions: tuple[VersionId, ...],
    rules: tuple[tuple[str, str], ...],
    unit: Decimal | None = None,
) -> RatedLine:
    return RatedLine(
        kind=kind,
        name=name,
        model=kind.value,
        start=span[0],
        end=span[1],
        due=span[1],
        quantity=quantity,
        included=included,
        events=0,
        unit=unit,
        components=(),
        gross=exact_amount,
        discount=None,
        minimum=None,
        maximum=None,
        fraction=fraction,
        exact=exact_amount,
        amount=amount,
        versions=versions,
        facts=None,
        rules=rules,
    )
