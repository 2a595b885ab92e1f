"""The lines of one charge in a period: price, discount, minimum, maximum, one rounding."""

from __future__ import annotations

from decimal import Decimal, localcontext
from itertools import groupby
from typing import TYPE_CHECKING

from partnergate.errors import RatingError
from partnergate.model.decimals import CONTEXT, HUNDRED, ZERO, exact, part
from partnergate.pricing.cumulative import cost, difference, steps
from partnergate.pricing.deciding import deciding_rules
from partnergate.pricing.fact_sets import facts_together
from partnergate.pricing.models import model_of
from partnergate.pricing.models.measured import Measured
from partnergate.pricing.models.price_model import FixedPrice
from partnergate.pricing.money import rounded
from partnergate.pricing.parts import measured, quantities_of
from partnergate.pricing.rated import WHOLE_PERIOD, AppliedDiscount, Component, LineKind, RatedLine
from partnergate.pricing.timeline import fraction_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TypeAlias

    from partnergate.metering.usage import FactSet, Quantity
    from partnergate.model.agreement import Charge, Discount, Price, RatingRules
    from partnergate.pricing.parts import ChargePart
    from partnergate.pricing.periods import Period
    from partnergate.pricing.rated import Fraction

    Where: TypeAlias = tuple[tuple[str, str], ...]
    Given: TypeAlias = tuple[Quantity, ...]


def charge_lines(
    parts: Sequence[ChargePart], quantities: Sequence[Quantity], period: Period
) -> tuple[RatedLine, ...]:
    """Return the lines of one charge, one for each part, in order of time."""
    given = quantities_of(parts, quantities)
    lines: list[RatedLine] = []
    for _, run in groupby(zip(parts, given, strict=True), key=lambda pair: pair[0].run):
        members = list(run)
        if isinstance(model_of(members[0][0].charge.price), FixedPrice):
            lines.extend(_fixed_line(one, amounts, period) for one, amounts in members)
        else:
            lines.extend(_usage_lines(members, period, split=len(parts) > 1))
    return tuple(lines)


def _fixed_line(one: ChargePart, given: Given, period: Period) -> RatedLine:
    price = model_of(one.charge.price)
    if given or not isinstance(price, FixedPrice):
        raise RatingError(f'the {price.model} charge "{one.charge.name}" takes no quantity')
    fraction = WHOLE_PERIOD if price.is_due_once else _fraction([one], period)
    component = Component(
        where=(),
        model=price.model,
        quantity=Decimal(1),
        included=ZERO,
        events=0,
        tiers=(),
        amount=part(price.due, fraction.numerator, fraction.denominator),
    )
    advance = price.is_due_in_advance
    return _line(one, (component,), period, fraction, facts=None, split=False, advance=advance)


def _usage_lines(
    members: Sequence[tuple[ChargePart, Given]], period: Period, *, split: bool
) -> list[RatedLine]:
    """Return the lines of a run: a part costs what the run costs to its end, less the cost to its start."""
    first = members[0][0]
    prices = _prices(first.charge)
    share = _fraction([one for one, _ in members], period)
    free = part(first.charge.included, share.numerator, share.denominator)
    rules = first.terms.version.agreement.rules
    so_far = [Measured() for _ in prices]
    before: tuple[Component, ...] | None = None
    lines = []
    for one, given in members:
        _check_values(one.charge, given)
        for group, quantities in enumerate(_by_price(prices, given)):
            so_far[group] = so_far[group].plus(measured(quantities))
        after = _components(prices, so_far, free, rules)
        added = after if before is None else tuple(map(_added, after, before))
        before = after
        facts = facts_together(quantity.facts for quantity in given)
        lines.append(
            _line(one, added, period, _fraction([one], period), facts=facts, split=split, advance=False)
        )
    return lines


def _line(
    one: ChargePart,
    components: tuple[Component, ...],
    period: Period,
    fraction: Fraction,
    *,
    facts: FactSet | None,
    split: bool,
    advance: bool,
) -> RatedLine:
    charge, terms = one.charge, one.terms.version.agreement
    price = model_of(charge.price)
    with localcontext(CONTEXT):
        gross = sum((component.amount for component in components), ZERO)
        discount = _discount(charge.discount, gross, fraction)
        net = gross if discount is None else gross - discount.taken
        minimum, maximum = _prorated(charge.minimum, fraction), _prorated(charge.maximum, fraction)
        amount = net if minimum is None else max(net, minimum)
        amount = exact(amount if maximum is None else min(amount, maximum))
        quantity = sum((component.quantity for component in components), ZERO)
        included = sum((component.included for component in components), ZERO)
    money = rounded(amount, terms.currency, terms.rules.rounding)
    return RatedLine(
        kind=LineKind.FLAT if isinstance(price, FixedPrice) else LineKind.USAGE,
        name=charge.name,
        model=price.model,
        start=one.start,
        end=one.end,
        due=one.start if advance else one.end,
        quantity=quantity,
        included=included,
        events=sum(component.events for component in components),
        unit=None if isinstance(price, FixedPrice) or charge.by_dimension else price.unit_price,
        components=components,
        gross=gross,
        discount=discount,
        minimum=minimum if minimum is not None and net < minimum else None,
        maximum=maximum if maximum is not None and net > maximum else None,
        fraction=fraction,
        exact=amount,
        amount=money,
        versions=one.versions,
        facts=facts,
        rules=deciding_rules(one, period, components, rounding=money != amount, split=split),
    )


def _discount(discount: Discount | None, gross: Decimal, fraction: Fraction) -> AppliedDiscount | None:
    """Return the discount: the percentage first, then the fixed amount, at most what is left."""
    if discount is None:
        return None
    fixed = part(discount.amount, fraction.numerator, fraction.denominator)
    by_percent = exact(gross * discount.percent / HUNDRED)
    taken = by_percent + min(fixed, max(ZERO, gross - by_percent))
    return AppliedDiscount(percent=discount.percent, amount=fixed, taken=taken, reason=discount.reason)


def _prorated(bound: Decimal | None, fraction: Fraction) -> Decimal | None:
    return None if bound is None else part(bound, fraction.numerator, fraction.denominator)


def _fraction(run: Sequence[ChargePart], period: Period) -> Fraction:
    terms = run[0].terms.version.agreement
    spans = [span for one in run for span in one.spans]
    return fraction_of(period, spans, terms.rules.proration, terms.time_zone)


def _prices(charge: Charge) -> tuple[tuple[Where, Price], ...]:
    """Return the prices of the dimensions in their order, then the price of the charge."""
    return (*((one.where, one.price) for one in charge.by_dimension), ((), charge.price))


def _by_price(prices: Sequence[tuple[Where, Price]], given: Given) -> list[list[Quantity]]:
    groups: list[list[Quantity]] = [[] for _ in prices]
    for quantity in given:
        dimensions = set(quantity.dimensions)
        group = next(i for i, (where, _) in enumerate(prices) if dimensions.issuperset(where))
        groups[group].append(quantity)
    return groups


def _components(
    prices: Sequence[tuple[Where, Price]], so_far: Sequence[Measured], free: Decimal, rules: RatingRules
) -> tuple[Component, ...]:
    """Return what everything so far costs. The prices take the included units in their order."""
    made = []
    for (where, price), value in zip(prices, so_far, strict=True):
        included = min(free, value.value)
        free -= included
        tiers = steps(price, value, included, rules)
        made.append(
            Component(
                where=where,
                model=model_of(price).model,
                quantity=value.value,
                included=included,
                events=value.events,
                tiers=tiers,
                amount=cost(tiers),
            )
        )
    return tuple(made)


def _added(after: Component, before: Component) -> Component:
    with localcontext(CONTEXT):
        return Component(
            where=after.where,
            model=after.model,
            quantity=after.quantity - before.quantity,
            included=after.included - before.included,
            events=after.events - before.events,
            tiers=difference(after.tiers, before.tiers),
            amount=after.amount - before.amount,
        )


def _check_values(charge: Charge, given: Iterable[Quantity]) -> None:
    for quantity in given:
        if not quantity.value.is_finite() or quantity.value < 0 or quantity.events < 0:
            raise RatingError(
                f'the quantity of "{charge.name}" is {quantity.value}',
                advice="a quantity must not be negative; corrections below zero are not billed",
            )
