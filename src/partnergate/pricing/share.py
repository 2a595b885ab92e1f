"""Revenue share: the partner's part of what it pays, split over the lines to the last minor unit."""

from __future__ import annotations

from decimal import localcontext
from typing import TYPE_CHECKING

from partnergate.model.decimals import CONTEXT, HUNDRED, ZERO, exact
from partnergate.pricing.money import allocate, rounded
from partnergate.pricing.rated import LineKind, LineShare, RatedLine, RatedShare

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from partnergate.model.agreement import Agreement, RevenueShare
    from partnergate.pricing.timeline import Segment


def shares(parts: Sequence[Segment], lines: Sequence[RatedLine]) -> tuple[RatedShare, ...]:
    """Return one share for each declared one, on the rounded lines of the versions that declare it."""
    by_version = {one.version.id: one.version.agreement for one in parts}
    scopes: dict[RevenueShare, list[RatedLine]] = {}
    for one in parts:
        if one.version.agreement.revenue_share is not None:
            scopes.setdefault(one.version.agreement.revenue_share, [])
    for line in lines:
        share = by_version[line.version].revenue_share
        if share is not None and _in_scope(line, share.of):
            scopes[share].append(line)
    last = {one.version.agreement.revenue_share: one.version.agreement for one in parts}
    return tuple(_share(share, scope, last[share], parts) for share, scope in scopes.items())


def _in_scope(line: RatedLine, of: str) -> bool:
    match of:
        case "all":
            return True
        case "usage":
            return line.kind is LineKind.USAGE
        case _:
            return line.name == of and line.kind in {LineKind.USAGE, LineKind.FLAT}


def _share(
    share: RevenueShare, lines: Sequence[RatedLine], terms: Agreement, parts: Sequence[Segment]
) -> RatedShare:
    """Return the share: rounded once, on the sum. The host keeps the rest, and each line gets its part."""
    version = next(one.version.id for one in reversed(parts) if one.version.agreement == terms)
    with localcontext(CONTEXT):
        base = sum((line.amount for line in lines), ZERO)
        owed = exact(base * share.partner_percent / HUNDRED)
        partner = rounded(owed, terms.currency, terms.rules.rounding)
    return RatedShare(
        of=share.of,
        percent=share.partner_percent,
        base=rounded(base, terms.currency, terms.rules.rounding),
        exact=owed,
        partner=partner,
        host=rounded(base - partner, terms.currency, terms.rules.rounding),
        lines=_over_lines(partner, lines, terms.currency),
        version=version,
    )


def _over_lines(partner: Decimal, lines: Sequence[RatedLine], currency: str) -> tuple[LineShare, ...]:
    if not lines:
        return ()
    parts = allocate(partner, [max(ZERO, line.amount) for line in lines], currency)
    return tuple(
        LineShare(name=line.name, start=line.start, base=line.amount, partner=amount)
        for line, amount in zip(lines, parts, strict=True)
    )
