"""Why an agreement cannot be rated, whoever made it: asked before every bill, and by ``price``.

The rules of the language (``language.rules``) are one half. The other half are numbers that the language
cannot write at all, such as a negative price, and that an agreement from elsewhere could have.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from partnergate.errors import RatingError
from partnergate.language.rules.catalog import AGREEMENT_RULES
from partnergate.language.rules.finding import Finding
from partnergate.model.agreement import (
    Charge,
    Flat,
    Graduated,
    GraduatedPercentage,
    Package,
    Percentage,
    PercentTier,
    PerUnit,
    Price,
    Tier,
    Volume,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from partnergate.language.text.tree import Path
    from partnergate.model.agreement import Agreement

_HUNDRED = Decimal(100)
_CAN_BE_RATED = frozenset({"PG304", "PG318"})
"""Codes that are about the file; the amounts are clear in spite of them."""


class Problem(NamedTuple):
    """One reason why the agreement cannot be rated."""

    code: str
    finding: Finding


@lru_cache(maxsize=4096)
def rateability_problems(agreement: Agreement) -> tuple[Problem, ...]:
    """What the rules of the language and of numbers find, with paths below the agreement."""
    by_language = [
        Problem(code, finding) for code, rule in AGREEMENT_RULES for finding in rule(agreement, ())
    ]
    return (*by_language, *_of_numbers(agreement))


def require_rateable(agreement: Agreement, file: str) -> None:
    """Raise with the first reason and how many there are."""
    found = [one for one in rateability_problems(agreement) if one.code not in _CAN_BE_RATED]
    if found:
        first = found[0].finding
        more = f" ({len(found)} problems in all)" if len(found) > 1 else ""
        where = ".".join(map(str, first.path))
        raise RatingError(
            f"the agreement of {agreement.effective} cannot be rated: {where}: {first.message}{more}",
            target=f"{file}:{agreement.line}" if file else "",
            advice=first.hint,
        )


def _of_numbers(terms: Agreement) -> Iterator[Problem]:
    for number, charge in enumerate(terms.charges):
        yield from _of_charge(charge, ("charges", number))
    yield from _positive(terms.minimum, ("minimum",))
    if terms.revenue_share is not None:
        yield from _percent(terms.revenue_share.partner_percent, ("revenue_share", "partner_percent"))
    if terms.tax is not None:
        yield from _percent(terms.tax.percent, ("tax", "percent"))


def _of_charge(charge: Charge, path: Path) -> Iterator[Problem]:
    yield from _of_price(charge.price, (*path, "price"))
    for number, one in enumerate(charge.by_dimension):
        at = (*path, "by_dimension", number, "price")
        if isinstance(one.price, Flat):
            yield _problem("PG319", at, "a flat price for a dimension", "make it a charge of its own")
        yield from _of_price(one.price, at)
    yield from _positive(charge.included, (*path, "included"))
    yield from _positive(charge.minimum, (*path, "minimum"))
    yield from _positive(charge.maximum, (*path, "maximum"))
    if charge.discount is not None:
        yield from _percent(charge.discount.percent, (*path, "discount", "percent"))
        yield from _positive(charge.discount.amount, (*path, "discount", "amount"))


def _of_price(price: Price, path: Path) -> Iterator[Problem]:
    match price:
        case Flat(amount=amount) | PerUnit(unit=amount):
            yield from _positive(amount, (*path, "amount" if isinstance(price, Flat) else "unit"))
        case Graduated(tiers=tiers) | Volume(tiers=tiers):
            yield from _of_tiers(tiers, (*path, "tiers"))
        case GraduatedPercentage(tiers=shares):
            yield from _of_tiers(shares, (*path, "tiers"))
        case Package(size=size, amount=amount):
            if not size.is_finite() or size <= 0:
                yield _problem("PG020", (*path, "size"), f"a package of {size} units", "more than zero")
            yield from _positive(amount, (*path, "amount"))
        case Percentage():
            yield from _percent(price.percent, (*path, "percent"))
            yield from _positive(price.fixed, (*path, "fixed"))
            yield from _positive(price.event_minimum, (*path, "event_minimum"))
            yield from _positive(price.event_maximum, (*path, "event_maximum"))


def _of_tiers(tiers: Sequence[Tier | PercentTier], path: Path) -> Iterator[Problem]:
    if not tiers:
        yield _problem("PG305", path, "no tiers", "give at least one")
    for number, tier in enumerate(tiers):
        at = (*path, number)
        if tier.up_to is not None and tier.up_to <= 0:
            yield _problem("PG020", (*at, "up_to"), f"a tier up to {tier.up_to}", "more than zero")
        yield from _positive(tier.flat, (*at, "flat"))
        match tier:
            case PercentTier():
                yield from _percent(tier.percent, (*at, "percent"))
            case Tier():
                yield from _positive(tier.unit, (*at, "unit"))


def _positive(value: Decimal | None, path: Path) -> Iterator[Problem]:
    if value is not None and (not value.is_finite() or value < 0):
        yield _problem("PG020", path, f"{value} is less than nothing", "zero or more")


def _percent(value: Decimal, path: Path) -> Iterator[Problem]:
    yield from _positive(value, path)
    if value > _HUNDRED:
        yield _problem("PG310", path, f"{value} percent is more than the whole", 'one fifth is "20"')


def _problem(code: str, path: Path, message: str, hint: str) -> Problem:
    return Problem(code, Finding(path, message, hint))
