"""Lines that are added to those of the charges: they have an amount, and no price behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.pricing.rated import Fraction, LineKind, RatedLine

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from partnergate.pricing.rated import VersionId


def added_line(
    kind: LineKind,
    name: str,
    *,
    quantity: Decimal,
    included: Decimal,
    exact_amount: Decimal,
    amount: Decimal,
    fraction: Fraction,
    span: tuple[datetime, datetime],
    versions: tuple[VersionId, ...],
    rules: tuple[tuple[str, str], ...],
    unit: Decimal | None = None,
) -> RatedLine:
    """Return a line without price, events or billable records, due at the end of ``span``.

    ``exact_amount`` is the amount before rounding, ``amount`` is money.
    """
    return RatedLine(
        kind=kind,
        name=name,
        model=kind.value,
        start=span[0],
        end=span[1],
        due=span[1],
        quantity=quantity,
        included=included,
        events=0,
        unit=unit,
        components=(),
        gross=exact_amount,
        discount=None,
        minimum=None,
        maximum=None,
        fraction=fraction,
        exact=exact_amount,
        amount=amount,
        versions=versions,
        facts=None,
        rules=rules,
    )
