"""One charge of a period to its lines: price, discount, minimum, maximum, one rounding."""

from __future__ import annotations

from decimal import Decimal, localcontext
from itertools import groupby
from typing import TYPE_CHECKING

from partnergate.errors import RatingError
from partnergate.model.agreement import Charge, Flat, FlatTiming, PerUnit
from partnergate.pricing.cumulative import ZERO, Measured, cost, difference, model_name, steps
from partnergate.pricing.deciding import deciding_rules
from partnergate.pricing.fact_sets import facts_together
from partnergate.pricing.money import CONTEXT, exact, part, rounded
from partnergate.pricing.parts import measured, quantities_of
from partnergate.pricing.rated import WHOLE_PERIOD, AppliedDiscount, Component, LineKind, RatedLine
from partnergate.pricing.timeline import fraction_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TypeAlias

    from partnergate.metering.usage import FactSet, Quantity
    from partnergate.model.agreement import Discount, Price, RatingRules
    from partnergate.pricing.parts import Part
    from partnergate.pricing.periods import Period
    from partnergate.pricing.rated import Fraction

    Where: TypeAlias = tuple[tuple[str, str], ...]
    Given: TypeAlias = tuple[Quantity, ...]

_HUNDRED = Decimal(100)


def charge_lines(
    parts: Sequence[Part], quantities: Sequence[Quantity], period: Period
) -> tuple[RatedLine, ...]:
    """The lines of one charge, one for each part, in order of time."""
    given = quantities_of(parts, quantities)
    lines: list[RatedLine] = []
    for _, run in groupby(zip(parts, given, strict=True), key=lambda pair: pair[0].run):
        members = list(run)
        if isinstance(members[0][0].charge.price, Flat):
            lines.extend(_flat_line(one, amounts, period) for one, amounts in members)
        else:
            lines.extend(_usage_lines(members, period, cut=len(parts) > 1))
    return tuple(lines)


def _flat_line(one: Part, given: Given, period: Period) -> RatedLine:
    if given:
        raise RatingError(f'the flat charge "{one.charge.name}" takes no quantity')
    price = one.charge.price
    timing = price.timing if isinstance(price, Flat) else FlatTiming.ARREARS
    fraction = WHOLE_PERIOD if timing is FlatTiming.ONCE else _fraction([one], period)
    amount = price.amount if isinstance(price, Flat) else ZERO
    component = Component(
        where=(),
        model="flat",
        quantity=Decimal(1),
        included=ZERO,
        events=0,
        tiers=(),
        amount=part(amount, fraction.numerator, fraction.denominator),
    )
    return _line(
        one, (component,), period, fraction, facts=None, cut=False, advance=timing is FlatTiming.ADVANCE
    )


def _usage_lines(members: Sequence[tuple[Part, Given]], period: Period, *, cut: bool) -> list[RatedLine]:
    """A run: each part costs what the run costs up to its end, less what it cost up to its start."""
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
        lines.append(_line(one, added, period, _fraction([one], period), facts=facts, cut=cut, advance=False))
    return lines


def _line(
    one: Part,
    components: tuple[Component, ...],
    period: Period,
    fraction: Fraction,
    *,
    facts: FactSet | None,
    cut: bool,
    advance: bool,
) -> RatedLine:
    charge, terms = one.charge, one.terms.version.agreement
    with localcontext(CONTEXT):
        gross = sum((component.amount for component in components), ZERO)
        discount = _discount(charge.discount, gross, fraction)
        net = gross if discount is None else gross - discount.taken
        minimum, maximum = _bound(charge.minimum, fraction), _bound(charge.maximum, fraction)
        amount = net if minimum is None else max(net, minimum)
        amount = exact(amount if maximum is None else min(amount, maximum))
        quantity = sum((component.quantity for component in components), ZERO)
        included = sum((component.included for component in components), ZERO)
    money = rounded(amount, terms.currency, terms.rules.rounding)
    return RatedLine(
        kind=LineKind.FLAT if isinstance(charge.price, Flat) else LineKind.USAGE,
        name=charge.name,
        model=model_name(charge.price),
        start=one.start,
        end=one.end,
        due=one.start if advance else one.end,
        quantity=quantity,
        included=included,
        events=sum(component.events for component in components),
        unit=charge.price.unit if isinstance(charge.price, PerUnit) and not charge.by_dimension else None,
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
        rules=deciding_rules(one, period, components, rounding=money != amount, cut=cut),
    )


def _discount(discount: Discount | None, gross: Decimal, fraction: Fraction) -> AppliedDiscount | None:
    """Percent first, then the fixed amount, which takes no more than is left."""
    if discount is None:
        return None
    fixed = part(discount.amount, fraction.numerator, fraction.denominator)
    by_percent = exact(gross * discount.percent / _HUNDRED)
    taken = by_percent + min(fixed, max(ZERO, gross - by_percent))
    return AppliedDiscount(percent=discount.percent, amount=fixed, taken=taken, reason=discount.reason)


def _bound(bound: Decimal | None, fraction: Fraction) -> Decimal | None:
    return None if bound is None else part(bound, fraction.numerator, fraction.denominator)


def _fraction(run: Sequence[Part], period: Period) -> Fraction:
    terms = run[0].terms.version.agreement
    spans = [span for one in run for span in one.spans]
    return fraction_of(period, spans, terms.rules.proration, terms.time_zone)


def _prices(charge: Charge) -> tuple[tuple[Where, Price], ...]:
    """The prices of the dimensions in their order, the charge's own last."""
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
    """What everything so far costs; the included units go to the prices in their order."""
    made = []
    for (where, price), value in zip(prices, so_far, strict=True):
        included = min(free, value.value)
        free -= included
        tiers = steps(price, value, included, rules)
        made.append(
            Component(
                where=where,
                model=model_name(price),
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
                advice="a quantity is zero or more; corrections that leave less than nothing are not billed",
            )
