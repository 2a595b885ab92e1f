"""Builds the typed agreement from its checked keys."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from partnergate.language.shape.amounts import amount, optional_amount
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
    LoginsMeter,
    Meter,
    Price,
    Proration,
    RatingRules,
    RevenueShare,
    Rounding,
    SessionsMeter,
    Tax,
    TierBoundary,
    UniquePriceAt,
    UsageMeter,
    ZeroUsageFlatFee,
)
from partnergate.pricing.models import model_named

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


def price(values: Values) -> Price:
    """Return the price that the checked keys describe."""
    return model_named(values["model"]).from_values(values)


def _charge(values: Values) -> Charge:
    discount = values.get("discount")
    return Charge(
        name=values["name"],
        price=price(values["price"]),
        meter=meter(values["meter"]) if "meter" in values else None,
        included=amount(values, "included"),
        minimum=optional_amount(values, "minimum"),
        maximum=optional_amount(values, "maximum"),
        discount=None
        if discount is None
        else Discount(
            percent=amount(discount, "percent"),
            amount=amount(discount, "amount"),
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


_DEFAULT_RULES = RatingRules()


def _rules(values: Values) -> RatingRules:
    if not values:
        return _DEFAULT_RULES
    return RatingRules(
        rounding=Rounding(values.get("rounding", _DEFAULT_RULES.rounding)),
        proration=Proration(values.get("proration", _DEFAULT_RULES.proration)),
        tier_boundary=TierBoundary(values.get("tier_boundary", _DEFAULT_RULES.tier_boundary)),
        zero_usage_flat_fee=ZeroUsageFlatFee(
            values.get("zero_usage_flat_fee", _DEFAULT_RULES.zero_usage_flat_fee)
        ),
        unique_price_at=UniquePriceAt(values.get("unique_price_at", _DEFAULT_RULES.unique_price_at)),
    )


def agreement(values: Values, line: int) -> Agreement:
    """Return one version; ``line`` is where it starts in the file."""
    share, tax = values.get("revenue_share"), values.get("tax")
    return Agreement(
        effective=values["effective"],
        until=values.get("until"),
        currency=values["currency"],
        time_zone=values["time_zone"],
        cycle=_cycle(values.get("cycle", {})),
        charges=tuple(_charge(item) for item in values["charges"]),
        active_user=_active_user(values.get("active_user", {})),
        minimum=optional_amount(values, "minimum"),
        revenue_share=None
        if share is None
        else RevenueShare(partner_percent=amount(share, "partner_percent"), of=share.get("of", "usage")),
        tax=None if tax is None else Tax(name=tax["name"], percent=amount(tax, "percent")),
        rules=_rules(values.get("rules", {})),
        grace_hours=values.get("grace_hours", 24),
        line=line,
    )


def in_order(versions: Sequence[Agreement]) -> tuple[Agreement, ...]:
    """Return the versions by date; one without ``until`` ends where the next begins."""
    ordered = sorted(versions, key=lambda version: version.effective)
    ends: list[date | None] = [following.effective for following in ordered[1:]]
    return tuple(
        replace(version, until=end) if version.until is None and end is not None else version
        for version, end in zip(ordered, [*ends, None], strict=False)
    )
