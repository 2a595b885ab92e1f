"""Checked values of ``agreement`` to its typed form."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from partnergate.metering.aggregates import aggregate_named
from partnergate.model.agreement import (
    ActiveUserRule,
    ActiveUsersMeter,
    Agreement,
    Charge,
    Cycle,
    CycleUnit,
    DimensionPrice,
    Discount,
    Flat,
    FlatTiming,
    Graduated,
    GraduatedPercentage,
    LoginsMeter,
    Meter,
    Package,
    Percentage,
    PercentTier,
    PerUnit,
    Price,
    Proration,
    RatingRules,
    RevenueShare,
    Rounding,
    SessionsMeter,
    Tax,
    Tier,
    TierBoundary,
    UniquePriceAt,
    UsageMeter,
    Volume,
    ZeroUsageFlatFee,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

Values = dict[str, Any]

_NAMED_METERS: dict[str, Callable[[], Meter]] = {
    "active_users": ActiveUsersMeter,
    "logins": LoginsMeter,
    "sessions": SessionsMeter,
}


def _pairs(values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(values.items()))


def _decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _amount(values: Values, key: str, default: str = "0") -> Decimal:
    return Decimal(str(values.get(key, default)))


def meter(value: str | Values) -> Meter:
    """A meter by its name, or one made of usage events."""
    if isinstance(value, str):
        return _NAMED_METERS[value]()
    return UsageMeter(
        event=value["event"],
        aggregate=aggregate_named(value["aggregate"]).name,
        of=value.get("of"),
        where=_pairs(value.get("where", {})),
    )


def _tiers(values: Values) -> tuple[Tier, ...]:
    return tuple(
        Tier(up_to=_decimal(tier.get("up_to")), unit=_amount(tier, "unit"), flat=_amount(tier, "flat"))
        for tier in values["tiers"]
    )


def _percent_tiers(values: Values) -> tuple[PercentTier, ...]:
    return tuple(
        PercentTier(
            up_to=_decimal(tier.get("up_to")),
            percent=_amount(tier, "percent"),
            flat=_amount(tier, "flat"),
        )
        for tier in values["tiers"]
    )


def _percentage(values: Values) -> Percentage:
    return Percentage(
        percent=_amount(values, "percent"),
        fixed=_amount(values, "fixed"),
        free_events=values.get("free_events", 0),
        event_minimum=_decimal(values.get("event_minimum")),
        event_maximum=_decimal(values.get("event_maximum")),
    )


_PRICES: dict[str, Callable[[Values], Price]] = {
    "flat": lambda v: Flat(
        amount=_amount(v, "amount"), timing=FlatTiming(v.get("timing", FlatTiming.ARREARS))
    ),
    "per_unit": lambda v: PerUnit(unit=_amount(v, "unit")),
    "graduated": lambda v: Graduated(tiers=_tiers(v)),
    "volume": lambda v: Volume(tiers=_tiers(v)),
    "package": lambda v: Package(size=_amount(v, "size"), amount=_amount(v, "amount")),
    "percentage": _percentage,
    "graduated_percentage": lambda v: GraduatedPercentage(tiers=_percent_tiers(v)),
}


def price(values: Values) -> Price:
    """A price by its ``model``."""
    return _PRICES[values["model"]](values)


def _charge(values: Values) -> Charge:
    discount = values.get("discount")
    return Charge(
        name=values["name"],
        price=price(values["price"]),
        meter=meter(values["meter"]) if "meter" in values else None,
        included=_amount(values, "included"),
        minimum=_decimal(values.get("minimum")),
        maximum=_decimal(values.get("maximum")),
        discount=None
        if discount is None
        else Discount(
            percent=_amount(discount, "percent"),
            amount=_amount(discount, "amount"),
            reason=discount.get("reason", ""),
        ),
        by_dimension=tuple(
            DimensionPrice(where=_pairs(item["where"]), price=price(item["price"]))
            for item in values.get("by_dimension", ())
        ),
    )


def _cycle(values: Values) -> Cycle:
    return Cycle(
        every=CycleUnit(values.get("every", CycleUnit.MONTH)),
        anchor_day=values.get("anchor_day", 1),
        anchor_month=values.get("anchor_month", 1),
    )


def _active_user(values: Values) -> ActiveUserRule:
    return ActiveUserRule(
        by=tuple(sorted(values.get("by", ("login",)))),
        unique_by=values.get("unique_by", "partner_subject"),
        min_days=values.get("min_days", 1),
    )


_USUAL = RatingRules()


def _rules(values: Values) -> RatingRules:
    if not values:
        return _USUAL
    return RatingRules(
        rounding=Rounding(values.get("rounding", _USUAL.rounding)),
        proration=Proration(values.get("proration", _USUAL.proration)),
        tier_boundary=TierBoundary(values.get("tier_boundary", _USUAL.tier_boundary)),
        zero_usage_flat_fee=ZeroUsageFlatFee(values.get("zero_usage_flat_fee", _USUAL.zero_usage_flat_fee)),
        unique_price_at=UniquePriceAt(values.get("unique_price_at", _USUAL.unique_price_at)),
    )


def agreement(values: Values, line: int) -> Agreement:
    """One version; ``line`` is where it starts in the file."""
    share, tax = values.get("revenue_share"), values.get("tax")
    return Agreement(
        effective=values["effective"],
        until=values.get("until"),
        currency=values["currency"],
        time_zone=values["time_zone"],
        cycle=_cycle(values.get("cycle", {})),
        charges=tuple(_charge(item) for item in values["charges"]),
        active_user=_active_user(values.get("active_user", {})),
        minimum=_decimal(values.get("minimum")),
        revenue_share=None
        if share is None
        else RevenueShare(partner_percent=_amount(share, "partner_percent"), of=share.get("of", "usage")),
        tax=None if tax is None else Tax(name=tax["name"], percent=_amount(tax, "percent")),
        rules=_rules(values.get("rules", {})),
        grace_hours=values.get("grace_hours", 24),
        line=line,
    )


def in_order(versions: Sequence[Agreement]) -> tuple[Agreement, ...]:
    """By their dates, each ending where the next begins unless it says so itself."""
    ordered = sorted(versions, key=lambda version: version.effective)
    ends: list[date | None] = [following.effective for following in ordered[1:]]
    return tuple(
        replace(version, until=end) if version.until is None and end is not None else version
        for version, end in zip(ordered, [*ends, None], strict=False)
    )
