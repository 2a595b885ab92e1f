"""The commercial terms: what can be written but not be rated."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from partnergate.language.rules.finding import Finding
from partnergate.metering.aggregates import aggregate_named
from partnergate.model.agreement import (
    CycleUnit,
    Flat,
    Graduated,
    GraduatedPercentage,
    Percentage,
    UsageMeter,
    Volume,
)
from partnergate.model.currency import EXPONENTS, is_currency

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from partnergate.language.text.tree import Path
    from partnergate.model.agreement import Agreement, Charge, Price

_DAYS_OF_WEEK = 7
_SEASONLESS = {"EST": "America/New_York", "MST": "America/Denver"}
"""Old names that tzdata keeps; people who write them mean the place."""


def known_currency(agreement: Agreement, path: Path) -> Iterator[Finding]:
    """PG301."""
    if not is_currency(agreement.currency):
        yield Finding(
            (*path, "currency"), f"{agreement.currency} is no currency of ISO 4217", "for example USD or EUR"
        )


def known_time_zone(agreement: Agreement, path: Path) -> Iterator[Finding]:
    """PG302."""
    from partnergate.model.days import time_zones  # noqa: PLC0415 - reads a list once

    if place := _SEASONLESS.get(agreement.time_zone):
        yield Finding(
            (*path, "time_zone"),
            f"{agreement.time_zone} has no summer time: periods would begin an hour late for half the year",
            f"write {place}, or Etc/GMT+5 and the like where there is no summer",
        )
    elif agreement.time_zone not in time_zones():
        from partnergate.language.shape.suggestion import did_you_mean  # noqa: PLC0415 - only a mistake needs it

        name = agreement.time_zone
        near = "" if any(map(str.isdigit, name)) else did_you_mean(name, time_zones())
        hint = did_you_mean_zone(name) or near
        yield Finding(
            (*path, "time_zone"),
            f"{agreement.time_zone} is no IANA time zone",
            hint or "for example America/New_York; an abbreviation like EST says nothing about summer",
        )


def did_you_mean_zone(name: str) -> str:
    """A hint for a city without its continent, or another spelling."""
    from partnergate.model.days import time_zones  # noqa: PLC0415 - reads a list once

    city = name.rsplit("/", 1)[-1].replace(" ", "_").lower()
    found = sorted(z for z in time_zones() if z.rsplit("/", 1)[-1].lower() == city)
    return f'did you mean "{found[0]}"?' if found else ""


def anchor_exists(agreement: Agreement, path: Path) -> Iterator[Finding]:
    """PG303."""
    cycle = agreement.cycle
    if cycle.every is CycleUnit.WEEK and cycle.anchor_day > _DAYS_OF_WEEK:
        yield Finding(
            (*path, "cycle", "anchor_day"),
            f"a week has no day {cycle.anchor_day}",
            "1 (Monday) to 7 (Sunday)",
        )


def _amounts(agreement: Agreement) -> Iterator[tuple[Path, Decimal]]:
    """Amounts that appear on a statement as they are; prices of units may be finer."""
    if agreement.minimum is not None:
        yield ("minimum",), agreement.minimum
    for place, charge in enumerate(agreement.charges):
        for key in ("minimum", "maximum"):
            if (amount := getattr(charge, key)) is not None:
                yield ("charges", place, key), amount
        if charge.discount:
            yield ("charges", place, "discount", "amount"), charge.discount.amount
        if isinstance(charge.price, Flat):
            yield ("charges", place, "price", "amount"), charge.price.amount


def fits_currency(agreement: Agreement, path: Path) -> Iterator[Finding]:
    """PG304."""
    decimals = EXPONENTS.get(agreement.currency)
    if decimals is None:
        return
    for steps, amount in _amounts(agreement):
        exponent = amount.as_tuple().exponent
        if isinstance(exponent, int) and -exponent > decimals:
            yield Finding(
                (*path, *steps),
                f"{amount} has more decimals than {agreement.currency}, which has {decimals}",
                "only prices of single units may be finer",
            )


def _prices(charge: Charge) -> Iterator[tuple[Path, Price]]:
    yield ("price",), charge.price
    for place, item in enumerate(charge.by_dimension):
        yield ("by_dimension", place, "price"), item.price


def tiers_follow(agreement: Agreement, path: Path) -> Iterator[Finding]:
    """PG305."""
    for number, charge in enumerate(agreement.charges):
        for steps, price in _prices(charge):
            if isinstance(price, Graduated | Volume | GraduatedPercentage):
                here = (*path, "charges", number, *steps, "tiers")
                yield from _tier_problems(here, tuple(tier.up_to for tier in price.tiers))


def _tier_problems(path: Path, ends: tuple[Decimal | None, ...]) -> Iterator[Finding]:
    for place, end in enumerate(ends[:-1]):
        if end is None:
            yield Finding((*path, place), "only the last tier has no up_to", "add up_to")
    if ends and ends[-1] is not None:
        yield Finding(
            (*path, len(ends) - 1, "up_to"),
            f"nothing is said about quantities above {ends[-1]}",
            "the last tier has no up_to",
            on_key=True,
        )
    for place, (lower, higher) in enumerate(pairwise(ends)):
        if lower is not None and higher is not None and higher <= lower:
            yield Finding(
                (*path, place + 1, "up_to"),
                f"{higher} is not above {lower}",
                "list tiers from the lowest to the highest",
            )


def meter_where_needed(agreement: Agreement, path: Path) -> Iterator[Finding]:
    """PG306."""
    for place, charge in enumerate(agreement.charges):
        here = (*path, "charges", place)
        if isinstance(charge.price, Flat) and charge.meter is not None:
            yield Finding(
                (*here, "meter"),
                "a flat price counts nothing",
                "delete the meter, or use per_unit",
                on_key=True,
            )
        elif not isinstance(charge.price, Flat) and charge.meter is None:
            yield Finding(
                (*here, "price"), "the price needs something that is counted", "add meter", on_key=True
            )


def percentage_of_money(agreement: Agreement, path: Path) -> Iterator[Finding]:
    """PG307."""
    for number, charge in enumerate(agreement.charges):
        for steps, price in _prices(charge):
            if not isinstance(price, Percentage | GraduatedPercentage) or charge.meter is None:
                continue
            if not isinstance(charge.meter, UsageMeter) or not _measures_money(charge.meter):
                yield Finding(
                    (*path, "charges", number, *steps),
                    "a percentage is taken of an amount of money; this meter counts something else",
                    "meter: {event: TYPE, aggregate: sum, of: AMOUNT}",
                    on_key=True,
                )


def _measures_money(meter: UsageMeter) -> bool:
    return aggregate_named(meter.aggregate).is_money


def meter_has_field(agreement: Agreement, path: Path) -> Iterator[Finding]:
    """PG308."""
    for place, charge in enumerate(agreement.charges):
        meter = charge.meter
        if not isinstance(meter, UsageMeter):
            continue
        problem = aggregate_named(meter.aggregate).check(meter.of)
        if problem is not None:
            where = (*path, "charges", place, "meter", problem.key)
            yield Finding(where, problem.message, problem.hint, on_key=problem.on_key)


def minimum_below_maximum(agreement: Agreement, path: Path) -> Iterator[Finding]:
    """PG309."""
    for number, charge in enumerate(agreement.charges):
        here = (*path, "charges", number)
        if charge.minimum is not None and charge.maximum is not None and charge.minimum > charge.maximum:
            yield Finding((*here, "minimum"), f"{charge.minimum} is above the maximum {charge.maximum}")
        for steps, price in _prices(charge):
            if (
                not isinstance(price, Percentage)
                or price.event_minimum is None
                or price.event_maximum is None
            ):
                continue
            if price.event_minimum > price.event_maximum:
                yield Finding(
                    (*here, *steps, "event_minimum"),
                    f"{price.event_minimum} is above the maximum {price.event_maximum}",
                )


def distinct_charges(agreement: Agreement, path: Path) -> Iterator[Finding]:
    """PG311."""
    seen: set[str] = set()
    for place, charge in enumerate(agreement.charges):
        if charge.name in seen:
            yield Finding(
                (*path, "charges", place, "name"),
                f'another charge is already called "{charge.name}"',
                "lines are told apart by their names",
            )
        seen.add(charge.name)


def share_of_something(agreement: Agreement, path: Path) -> Iterator[Finding]:
    """PG312."""
    share = agreement.revenue_share
    if share and share.of not in ("usage", "all") and share.of not in {c.name for c in agreement.charges}:
        from partnergate.language.shape.suggestion import did_you_mean  # noqa: PLC0415 - only a mistake needs it

        names = ["usage", "all", *(charge.name for charge in agreement.charges)]
        yield Finding(
            (*path, "revenue_share", "of"),
            f'there is no charge "{share.of}"',
            did_you_mean(share.of, names) or f"one of {', '.join(names)}",
        )


def reachable_conditions(agreement: Agreement, path: Path) -> Iterator[Finding]:
    """PG318."""
    for number, charge in enumerate(agreement.charges):
        seen: list[frozenset[tuple[str, str]]] = []
        for place, item in enumerate(charge.by_dimension):
            mine = frozenset(item.where)
            if any(before <= mine for before in seen):
                yield Finding(
                    (*path, "charges", number, "by_dimension", place, "where"),
                    "an earlier entry matches all of these events already",
                    "put the narrower condition first",
                )
            seen.append(mine)


def no_idle_keys(agreement: Agreement, path: Path) -> Iterator[Finding]:
    """PG319."""
    for number, charge in enumerate(agreement.charges):
        here = (*path, "charges", number)
        if isinstance(charge.price, Flat) and charge.included:
            yield Finding(
                (*here, "included"), "a flat price has no units to include", "delete included", on_key=True
            )
        if charge.by_dimension and not isinstance(charge.meter, UsageMeter):
            yield Finding(
                (*here, "by_dimension"),
                "only usage events have data fields",
                "delete by_dimension, or use meter: {event: TYPE, ...}",
                on_key=True,
            )
