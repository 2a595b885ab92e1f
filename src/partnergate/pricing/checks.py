"""Why an agreement cannot be rated: checked before every bill, and by ``partnergate price``.

The rules of the language (``language.rules``) find one half. The other half are numbers that no file
can contain, such as a negative price, but that an agreement from another source may have.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from partnergate.errors import RatingError
from partnergate.language.rules.rule_catalog import AGREEMENT_RULES
from partnergate.language.shape.finding import CodedFinding
from partnergate.pricing.models import model_of
from partnergate.pricing.models.number_checks import not_negative, problem, valid_percent
from partnergate.pricing.models.price_model import FixedPrice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.language.text.tree import Path
    from partnergate.model.agreement import Agreement, Charge

_CAN_BE_RATED = frozenset({"PG304", "PG318"})
"""Codes that are about the file only: the amounts are still well defined."""


@lru_cache(maxsize=4096)
def rateability_problems(agreement: Agreement) -> tuple[CodedFinding, ...]:
    """Return every problem of the language rules and of the numbers, with paths inside the agreement."""
    by_language = [
        CodedFinding(code, finding) for code, rule in AGREEMENT_RULES for finding in rule(agreement, ())
    ]
    return (*by_language, *_of_numbers(agreement))


def require_rateable(agreement: Agreement, file: str) -> None:
    """Raise ``RatingError`` if the agreement cannot be rated, with the first problem and their number."""
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


def _of_numbers(terms: Agreement) -> Iterator[CodedFinding]:
    for number, charge in enumerate(terms.charges):
        yield from _of_charge(charge, ("charges", number))
    yield from not_negative(terms.minimum, ("minimum",))
    if terms.revenue_share is not None:
        yield from valid_percent(terms.revenue_share.partner_percent, ("revenue_share", "partner_percent"))
    if terms.tax is not None:
        yield from valid_percent(terms.tax.percent, ("tax", "percent"))


def _of_charge(charge: Charge, path: Path) -> Iterator[CodedFinding]:
    yield from model_of(charge.price).number_problems((*path, "price"))
    for number, one in enumerate(charge.by_dimension):
        at = (*path, "by_dimension", number, "price")
        model = model_of(one.price)
        if isinstance(model, FixedPrice):
            yield problem("PG319", at, "a flat price for a dimension", "make it a separate charge")
        yield from model.number_problems(at)
    yield from not_negative(charge.included, (*path, "included"))
    yield from not_negative(charge.minimum, (*path, "minimum"))
    yield from not_negative(charge.maximum, (*path, "maximum"))
    if charge.discount is not None:
        yield from valid_percent(charge.discount.percent, (*path, "discount", "percent"))
        yield from not_negative(charge.discount.amount, (*path, "discount", "amount"))
