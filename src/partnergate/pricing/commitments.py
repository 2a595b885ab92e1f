"""The minimum commitment of a period: one true-up line raises the lines to it."""

from __future__ import annotations

from decimal import localcontext
from typing import TYPE_CHECKING

from partnergate.model.agreement import Proration
from partnergate.model.decimals import CONTEXT, ZERO, exact, part
from partnergate.pricing.added_lines import added_line
from partnergate.pricing.money import rounded
from partnergate.pricing.parts import is_due_once
from partnergate.pricing.rated import WHOLE_PERIOD, Fraction, LineKind
from partnergate.pricing.timeline import fraction_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from decimal import Decimal

    from partnergate.pricing.periods import Period
    from partnergate.pricing.rated import RatedLine
    from partnergate.pricing.timeline import Segment

TRUE_UP_NAME = "Minimum commitment"


def true_up(parts: Sequence[Segment], lines: Sequence[RatedLine], period: Period) -> RatedLine | None:
    """Return the line from the sum of the lines up to the minimum of the period; zero if they reach it.

    The minimum is prorated version by version and summed; it is never spread over lines. Prices
    that are due once do not count towards it. None if no version has a minimum.
    """
    agreed = [one for one in parts if one.version.agreement.minimum is not None]
    if not agreed:
        return None
    terms = agreed[-1].version.agreement
    minimum, fraction = _minimum(parts, period)
    with localcontext(CONTEXT):
        reached = sum((line.amount for line in lines if not _once(line, parts)), ZERO)
        money = rounded(minimum, terms.currency, terms.rules.rounding)
        amount = max(ZERO * money, money - reached)
        missing = max(ZERO, exact(minimum - reached))
    rules = [("proration", terms.rules.proration.value)] * (
        (parts[0].start, parts[-1].end) != (period.start, period.end)
    )
    rules += [("rounding", terms.rules.rounding.value)] * (money != minimum)
    return added_line(
        LineKind.TRUE_UP,
        TRUE_UP_NAME,
        quantity=minimum,
        included=reached,
        exact_amount=missing,
        amount=amount,
        fraction=fraction,
        span=(parts[0].start, parts[-1].end),
        versions=tuple(one.version.id for one in agreed),
        rules=tuple(sorted(rules)),
    )


def _minimum(parts: Sequence[Segment], period: Period) -> tuple[Decimal, Fraction]:
    """Return the minimum of the period: each version's for its part, or without proration the last one's."""
    last = parts[-1].version.agreement
    if last.rules.proration is Proration.NONE:
        return last.minimum or ZERO, WHOLE_PERIOD
    spans: dict[Decimal, list[tuple[datetime, datetime]]] = {}
    for one in parts:
        if one.version.agreement.minimum is not None:
            spans.setdefault(one.version.agreement.minimum, []).append((one.start, one.end))
    total = ZERO
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
    return any(charge.name == line.name and is_due_once(charge.price) for charge in charges)
