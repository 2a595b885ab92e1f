"""Why an agreement cannot be rated: the rules that amounts must keep, each problem with its place.

A place is a path of keys and indexes below the agreement, so that whoever read the file can point
at the line. Codes are those of ``spec.codes``.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from partnergate.errors import RatingError
from partnergate.spec.agreement import (
    Aggregate,
    Charge,
    CycleUnit,
    Flat,
    Graduated,
    GraduatedPercentage,
    Package,
    Percentage,
    PercentTier,
    PerUnit,
    Price,
    Tier,
    UsageMeter,
    Volume,
)
from partnergate.spec.currency import EXPONENTS
from partnergate.spec.local_day import time_zones

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from partnergate.spec.agreement import Agreement

Place = tuple[str | int, ...]
_HUNDRED = Decimal(100)
_WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class RateabilityProblem:
    """One reason why the agreement cannot be rated."""

    code: str
    place: Place
    message: str
    hint: str = ""


@lru_cache(maxsize=4096)
def rateability_problems(agreement: Agreement) -> tuple[RateabilityProblem, ...]:
    """Every reason why the agreement cannot be rated; none when it can."""
    return tuple(_of_agreement(agreement))


def require_rateable(agreement: Agreement, file: str) -> None:
    """Raise with the first reason and how many there are."""
    found = rateability_problems(agreement)
    if found:
        more = f" ({len(found)} problems in all)" if len(found) > 1 else ""
        where = ".".join(map(str, found[0].place))
        raise RatingError(
            f"the agreement of {agreement.effective} cannot be rated: {where}: {found[0].message}{more}",
            target=f"{file}:{agreement.line}" if file else "",
            advice=found[0].hint,
        )


def _of_agreement(terms: Agreement) -> Iterator[RateabilityProblem]:
    if terms.currency not in EXPONENTS:
        yield _problem("PG301", ("currency",), f'"{terms.currency}" is no currency', "use an ISO 4217 code")
    if terms.time_zone not in time_zones():
        yield _problem("PG302", ("time_zone",), f'"{terms.time_zone}" is no time zone', "use an IANA name")
    if terms.cycle.every is CycleUnit.WEEK and terms.cycle.anchor_day > _WEEK:
        day = terms.cycle.anchor_day
        yield _problem("PG303", ("cycle", "anchor_day"), f"a week has no day {day}", "1 is Monday, 7 Sunday")
    if terms.until is not None and terms.until <= terms.effective:
        yield _problem("PG314", ("until",), f"{terms.until} is not after {terms.effective}")
    names: set[str] = set()
    for number, charge in enumerate(terms.charges):
        if charge.name in names:
            message = f'another charge is named "{charge.name}"'
            yield _problem("PG311", ("charges", number, "name"), message, "a name is a line's identity")
        names.add(charge.name)
        yield from _of_charge(charge, ("charges", number))
    yield from _positive(terms.minimum, ("minimum",))
    if terms.revenue_share is not None:
        yield from _percent(terms.revenue_share.partner_percent, ("revenue_share", "partner_percent"))
        if terms.revenue_share.of not in {"usage", "all", *names}:
            message = f'no charge is named "{terms.revenue_share.of}"'
            yield _problem("PG312", ("revenue_share", "of"), message, "usage, all, or the name of a charge")
    if terms.tax is not None:
        yield from _percent(terms.tax.percent, ("tax", "percent"))


def _of_charge(charge: Charge, place: Place) -> Iterator[RateabilityProblem]:
    yield from _of_meter(charge, place)
    yield from _of_price(charge.price, charge, (*place, "price"))
    for number, one in enumerate(charge.by_dimension):
        at = (*place, "by_dimension", number, "price")
        if isinstance(one.price, Flat):
            yield _problem("PG319", at, "a flat price for a dimension", "make it a charge of its own")
        else:
            yield from _of_price(one.price, charge, at)
    yield from _positive(charge.included, (*place, "included"))
    yield from _positive(charge.minimum, (*place, "minimum"))
    yield from _positive(charge.maximum, (*place, "maximum"))
    if charge.minimum is not None and charge.maximum is not None and charge.minimum > charge.maximum:
        message = f"the minimum {charge.minimum} is above the maximum {charge.maximum}"
        yield _problem("PG309", (*place, "minimum"), message)
    if charge.discount is not None:
        yield from _percent(charge.discount.percent, (*place, "discount", "percent"))
        yield from _positive(charge.discount.amount, (*place, "discount", "amount"))


def _of_meter(charge: Charge, place: Place) -> Iterator[RateabilityProblem]:
    flat = isinstance(charge.price, Flat)
    if not flat and charge.meter is None:
        message = f'"{charge.name}" has a price by quantity and no meter'
        yield _problem("PG306", (*place, "price"), message, "add meter:, or use model: flat")
    if flat and charge.meter is not None:
        yield _problem("PG319", (*place, "meter"), "a flat price has no meter", "delete meter:")
    if flat and (charge.included or charge.by_dimension):
        key = "included" if charge.included else "by_dimension"
        yield _problem("PG319", (*place, key), f"a flat price has no {key}", f"delete {key}:")
    if isinstance(charge.meter, UsageMeter):
        counts = charge.meter.aggregate is Aggregate.COUNT
        if not counts and charge.meter.of is None:
            message = f"{charge.meter.aggregate} of which field?"
            yield _problem("PG308", (*place, "meter"), message, "add of: with a field of the event's data")
        if counts and charge.meter.of is not None:
            yield _problem("PG319", (*place, "meter", "of"), "a count needs no field", "delete of:")


def _of_price(price: Price, charge: Charge, place: Place) -> Iterator[RateabilityProblem]:
    match price:
        case Flat(amount=amount) | PerUnit(unit=amount):
            yield from _positive(amount, (*place, "amount" if isinstance(price, Flat) else "unit"))
        case Graduated(tiers=tiers) | Volume(tiers=tiers):
            yield from _of_tiers(tiers, place)
        case GraduatedPercentage(tiers=shares):
            yield from _of_tiers(shares, place)
            yield from _of_amount_meter(charge, place)
        case Package(size=size, amount=amount):
            if size <= 0:
                yield _problem("PG020", (*place, "size"), f"a package of {size} units", "more than zero")
            yield from _positive(amount, (*place, "amount"))
        case Percentage():
            yield from _of_percentage(price, place)
            yield from _of_amount_meter(charge, place)


def _of_percentage(price: Percentage, place: Place) -> Iterator[RateabilityProblem]:
    yield from _percent(price.percent, (*place, "percent"))
    yield from _positive(price.fixed, (*place, "fixed"))
    low, high = price.event_minimum, price.event_maximum
    yield from _positive(low, (*place, "event_minimum"))
    yield from _positive(high, (*place, "event_maximum"))
    if low is not None and high is not None and low > high:
        yield _problem("PG309", (*place, "event_minimum"), f"the minimum {low} is above the maximum {high}")


def _of_amount_meter(charge: Charge, place: Place) -> Iterator[RateabilityProblem]:
    """A percentage needs money: the sum of an amount field, never a count of things."""
    meter = charge.meter
    if meter is not None and not (isinstance(meter, UsageMeter) and meter.aggregate is Aggregate.SUM):
        hint = "meter: {event: ..., aggregate: sum, of: the field with the amount}"
        yield _problem("PG307", place, f'"{charge.name}" does not measure an amount of money', hint)


def _of_tiers(tiers: Sequence[Tier | PercentTier], place: Place) -> Iterator[RateabilityProblem]:
    if not tiers:
        yield _problem("PG305", (*place, "tiers"), "no tiers", "give at least one")
    before = Decimal(0)
    for number, tier in enumerate(tiers):
        at = (*place, "tiers", number)
        last = number == len(tiers) - 1
        if tier.up_to is None and not last:
            yield _problem("PG305", at, "only the last tier has no end", "add up_to:")
        elif tier.up_to is not None and last:
            message = f"nothing says what is due above {tier.up_to}"
            yield _problem("PG305", (*at, "up_to"), message, "the last tier has no up_to:")
        elif tier.up_to is not None and tier.up_to <= before:
            message = f"the tier ends at {tier.up_to}, the one before at {before}"
            yield _problem("PG305", (*at, "up_to"), message, "tiers go from the lowest to the highest")
        before = before if tier.up_to is None else tier.up_to
        yield from _positive(tier.flat, (*at, "flat"))
        match tier:
            case PercentTier():
                yield from _percent(tier.percent, (*at, "percent"))
            case Tier():
                yield from _positive(tier.unit, (*at, "unit"))


def _positive(value: Decimal | None, place: Place) -> Iterator[RateabilityProblem]:
    if value is not None and (not value.is_finite() or value < 0):
        yield _problem("PG020", place, f"{value} is less than nothing", "zero or more")


def _percent(value: Decimal, place: Place) -> Iterator[RateabilityProblem]:
    yield from _positive(value, place)
    if value > _HUNDRED:
        yield _problem("PG310", place, f"{value} percent is more than the whole", 'one fifth is "20"')


def _problem(code: str, place: Place, message: str, hint: str = "") -> RateabilityProblem:
    return RateabilityProblem(code=code, place=place, message=message, hint=hint)
