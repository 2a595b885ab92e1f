"""Rules for the commercial terms of one version: well-formed keys that cannot be rated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.language.shape.finding import Finding
from partnergate.metering.aggregates import aggregate_named
from partnergate.model.agreement import CycleUnit, UsageMeter
from partnergate.model.currency import EXPONENTS, is_currency
from partnergate.pricing.models import SIMPLEST_METERED, model_of
from partnergate.pricing.models.price_model import FixedPrice

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
            (*path, "currency"),
            f"{agreement.currency} is not a currency code of ISO 4217",
            "for example USD or EUR",
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
            f"{agreement.time_zone} is not an IANA time zone",
            hint or "for example America/New_York; an abbreviation like EST does not define summer time",
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
    """Yield amounts that appear on a statement unchanged; prices of units may have more decimals."""
    if agreement.minimum is not None:
        yield ("minimum",), agreement.minimum
    for place, charge in enumerate(agreement.charges):
        for key in ("minimum", "maximum"):
            if (amount := getattr(charge, key)) is not None:
                yield ("charges", place, key), amount
        if charge.discount:
            yield ("charges", place, "discount", "amount"), charge.discount.amount
        for key, amount in model_of(charge.price).statement_amounts():
            yield ("charges", place, "price", key), amount


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
                "only prices of single units may have more decimals",
            )


def _prices(charge: Charge) -> Iterator[tuple[Path, Price]]:
    yield ("price",), charge.price
    for place, item in enumerate(charge.by_dimension):
        yield ("by_dimension", place, "price"), item.price


def _found_by_model(code: str, charge: Charge, path: Path) -> Iterator[Finding]:
    """Yield what the models of the charge's prices report under the code."""
    for steps, price in _prices(charge):
        for problem in model_of(price).file_problems((*path, *steps)):
            if problem.code == code:
                yield problem.finding


def tiers_follow(agreement: Agreement, path: Path) -> Iterator[Finding]:
    """PG305."""
    for number, charge in enumerate(agreement.charges):
        yield from _found_by_model("PG305", charge, (*path, "charges", number))


def meter_where_needed(agreement: Agreement, path: Path) -> Iterator[Finding]:
    """PG306."""
    for place, charge in enumerate(agreement.charges):
        here = (*path, "charges", place)
        price = model_of(charge.price)
        fixed = isinstance(price, FixedPrice)
        if fixed and charge.meter is not None:
            yield Finding(
                (*here, "meter"),
                f"a {price.model} price has no meter",
                f"delete the meter, or use {SIMPLEST_METERED}",
                on_key=True,
            )
        elif not fixed and charge.meter is None:
            yield Finding((*here, "price"), "the price needs a meter", "add meter", on_key=True)


def percentage_of_money(agreement: Agreement, path: Path) -> Iterator[Finding]:
    """PG307."""
    for number, charge in enumerate(agreement.charges):
        for steps, price in _prices(charge):
            if not model_of(price).measures_money or charge.meter is None:
                continue
            if not isinstance(charge.meter, UsageMeter) or not _measures_money(charge.meter):
                yield Finding(
                    (*path, "charges", number, *steps),
                    "a percentage needs an amount of money; this meter counts something else",
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
        yield from _found_by_model("PG309", charge, here)


def distinct_charges(agreement: Agreement, path: Path) -> Iterator[Finding]:
    """PG311."""
    seen: set[str] = set()
    for place, charge in enumerate(agreement.charges):
        if charge.name in seen:
            yield Finding(
                (*path, "charges", place, "name"),
                f'another charge is already called "{charge.name}"',
                "the name identifies the line on the statement",
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
        if isinstance(model_of(charge.price), FixedPrice) and charge.included:
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
