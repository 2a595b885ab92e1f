"""The share of a partner's records that are excluded from billing, such as those of test users."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from partnergate.model.decimals import CONTEXT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partnergate.metering.usage import Quantity

_HUNDRED = Decimal(100)
_TENTH = Decimal("0.1")


def excluded_share(excluded: int, billable: int) -> Decimal | None:
    """Return the percentage of excluded records, exactly; None without any record."""
    total = excluded + billable
    return CONTEXT.divide(excluded * _HUNDRED, Decimal(total)) if total else None


def share_of_quantities(quantities: Iterable[Quantity]) -> Decimal | None:
    """Return the percentage of the records of these quantities that are excluded; None without any."""
    listed = tuple(quantities)
    excluded = sum(number for q in listed for _, number in q.excluded)
    return excluded_share(excluded, sum(q.facts.count for q in listed if q.facts is not None))


def share_text(share: Decimal | None) -> str:
    """Return a percentage for readers, such as ``2.5 %``; a small one is never shown as zero."""
    if share is None:
        return ""
    if 0 < share < _TENTH:
        return "under 0.1 %"
    return f"{share.quantize(_TENTH, context=CONTEXT).normalize():f} %"
