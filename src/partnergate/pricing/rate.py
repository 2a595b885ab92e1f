"""Rating: the quantities of a period to its bill, by the agreement versions in effect.

The order is: lines of the charges, true-up to the minimum of the period, tax on the rounded lines,
total. The revenue share is a separate section and is not subtracted from the total.
"""

from __future__ import annotations

from decimal import localcontext
from typing import TYPE_CHECKING

from partnergate.errors import RatingError
from partnergate.model.decimals import CONTEXT
from partnergate.pricing.checks import require_rateable
from partnergate.pricing.commitments import true_up
from partnergate.pricing.deciding import all_rules
from partnergate.pricing.explanation import explained
from partnergate.pricing.lines import charge_lines
from partnergate.pricing.money import minor_unit
from partnergate.pricing.parts import charge_named, charge_names, is_due_once, parts_of
from partnergate.pricing.rated import RatedLine, RatedPeriod
from partnergate.pricing.share import shares
from partnergate.pricing.tax import tax_lines
from partnergate.pricing.timeline import Segment, in_force, segments, without

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from partnergate.metering.usage import Quantity
    from partnergate.pricing.periods import Period
    from partnergate.pricing.rated import AgreementVersion


def rate(
    versions: Sequence[AgreementVersion],
    quantities: Sequence[Quantity],
    period: Period,
    *,
    until: datetime | None = None,
    pauses: Sequence[tuple[datetime, datetime]] = (),
) -> RatedPeriod:
    """Return the bill of one period. The same inputs in any order give the same value.

    ``versions`` are all that the partner ever had. Only those in effect in the period decide amounts;
    the earlier ones show whether a price that is due once was due before. Each of ``quantities`` names
    its charge; where terms change inside the period, quantities are split (``split_instants``).
    Nothing is billed from ``until`` on, nor in ``pauses`` (suspensions): flat amounts, included units
    and minimums shrink by the proration rule, measured against the whole period.
    Raise ``RatingError`` if an agreement or a quantity cannot be rated.
    """
    agreed = segments(versions, period, until=until)
    if not agreed:
        raise RatingError(f"no agreement is in effect from {period.start} to {period.end}")
    for part in agreed:
        require_rateable(part.version.agreement, part.version.file)
    currency = _one_frame(agreed, period)
    parts = without(agreed, pauses)
    lines = _charge_lines(versions, parts, quantities, period)
    missing = true_up(parts, lines, period)
    owed = (*lines, missing) if missing is not None else lines
    taxes = tax_lines(parts, owed)
    with localcontext(CONTEXT):
        nothing = 0 * minor_unit(currency)
        subtotal = sum((line.amount for line in owed), nothing)
        tax = sum((line.amount for line in taxes), nothing)
        owing = shares(parts, owed)
        bill = RatedPeriod(
            period=period,
            start=agreed[0].start,
            end=agreed[-1].end,
            currency=currency,
            lines=(*owed, *taxes),
            subtotal=subtotal,
            tax=tax,
            total=subtotal + tax,
            shares=owing,
            share_total=sum((share.partner for share in owing), nothing),
            rules=all_rules(agreed[-1].version.agreement.rules),
            explanation=(),
        )
    return explained(bill)


def split_instants(
    versions: Sequence[AgreementVersion], period: Period, *, until: datetime | None = None
) -> tuple[datetime, ...]:
    """Return the instants at which quantities of the period are split: start, changes of version, end."""
    parts = segments(versions, period, until=until)
    return tuple(sorted({edge for part in parts for edge in (part.start, part.end)}))


def _one_frame(parts: Sequence[Segment], period: Period) -> str:
    frames = {
        (p.version.agreement.currency, p.version.agreement.time_zone, p.version.agreement.cycle)
        for p in parts
    }
    if len(frames) > 1:
        raise RatingError(
            f"currency, time zone or cycle change between {period.start} and {period.end}",
            advice="rate each billing period separately (billing_periods)",
        )
    return parts[0].version.agreement.currency


def _charge_lines(
    versions: Sequence[AgreementVersion],
    parts: Sequence[Segment],
    quantities: Sequence[Quantity],
    period: Period,
) -> tuple[RatedLine, ...]:
    names = charge_names(parts)
    given: dict[str, list[Quantity]] = {name: [] for name in names}
    for quantity in quantities:
        if quantity.meter not in given:
            raise RatingError(f'no charge is named "{quantity.meter}"', advice=f"charges: {', '.join(names)}")
        given[quantity.meter].append(quantity)
    lines: list[RatedLine] = []
    for name in names:
        if _due_before(name, versions, parts):
            continue
        lines.extend(charge_lines(parts_of(name, parts), given[name], period))
    return tuple(lines)


def _due_before(name: str, versions: Sequence[AgreementVersion], parts: Sequence[Segment]) -> bool:
    """Whether the charge is due once and was already due before this period under an earlier version."""
    here = next(charge for part in parts if (charge := charge_named(name, part)) is not None)
    if not is_due_once(here.price):
        return False
    return any(
        in_force(version)[0] < parts[0].start
        and any(charge.name == name and is_due_once(charge.price) for charge in version.agreement.charges)
        for version in versions
    )
