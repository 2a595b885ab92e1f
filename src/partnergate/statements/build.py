"""Builds a statement from a rated period and its quantities. Pure: equal input gives an equal statement."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from partnergate.model.days import local_date
from partnergate.model.decimals import exactly
from partnergate.pricing.parts import counts_uniques
from partnergate.pricing.timeline import in_force
from partnergate.statements.reasons import EXCLUSION_RULES
from partnergate.statements.statement import (
    FORMAT,
    Counted,
    DocumentKind,
    Incomplete,
    ShareCorrection,
    Source,
    Statement,
    StatementLine,
    StatementPeriod,
    SuspendedSpan,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from partnergate.metering.usage import Quantity
    from partnergate.model.agreement import Agreement, Cycle
    from partnergate.pricing.rated import AgreementVersion, RatedPeriod

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """The recipient of a statement, and the file with its terms."""

    environment: str
    partner: str
    name: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendments:
    """The corrections and credits of earlier periods that a statement carries, in order."""

    lines: tuple[StatementLine, ...] = ()
    shares: tuple[ShareCorrection, ...] = ()


@exactly
def build_statement(
    *,
    party: Party,
    rated: RatedPeriod,
    versions: Sequence[AgreementVersion],
    quantities: Sequence[Quantity] = (),
    unbilled: Sequence[Quantity] = (),
    incomplete: tuple[Incomplete, ...] = (),
    suspended: Iterable[tuple[datetime, datetime]] = (),
    amendments: Amendments | None = None,
    revision: int = 1,
) -> Statement:
    """Return the statement of one period, not finalized; its total is the sum of its rounded lines."""
    carried = amendments or Amendments()
    used = tuple(v for v in sorted(versions, key=lambda v: v.agreement.effective) if _begun(v, rated))
    own = [StatementLine(number=0, rated=line) for line in rated.lines]
    lines = tuple(replace(line, number=n) for n, line in enumerate((*own, *carried.lines), start=1))
    tax = sum((x.amount for x in lines if x.rated.is_tax), Decimal(0))
    total = sum((x.amount for x in lines), Decimal(0))
    agreement = used[-1].agreement
    period = _period(rated, agreement)
    return Statement(
        format=FORMAT,
        kind=DocumentKind.STATEMENT,
        number=statement_number(party.partner, period.first_day, revision),
        environment=party.environment,
        partner=party.partner,
        name=party.name,
        source=party.source,
        period=period,
        currency=rated.currency,
        measured=measured_quantities(quantities),
        suspended=tuple(SuspendedSpan(start=start, end=end) for start, end in suspended),
        lines=lines,
        subtotal=total - tax,
        tax=tax,
        total=total,
        shares=rated.shares,
        share_corrections=carried.shares,
        share_total=rated.share_total + sum((s.amount for s in carried.shares), Decimal(0)),
        rules=(*rated.rules, *counting_rules(agreement)),
        explanation=rated.explanation,
        excluded=_excluded((*quantities, *unbilled), used),
        incomplete=incomplete,
        versions=tuple(v.id for v in used),
        terms=tuple(v.agreement for v in used),
    )


def statement_number(partner: str, first_day: date, revision: int = 1) -> str:
    """Return the number of a statement, which is known before the statement exists."""
    first = f"{partner}-{first_day.isoformat()}"
    return first if revision == 1 else f"{first}-{revision}"


def measured_quantities(quantities: Iterable[Quantity]) -> tuple[Quantity, ...]:
    """The quantities in the order of the document, whatever order they came in."""
    return tuple(sorted(quantities, key=lambda q: (q.meter, q.start, q.end, q.dimensions)))


def counting_rules(agreement: Agreement) -> tuple[tuple[str, str], ...]:
    """Return the rules for counting active users, which the statement lists after the rating rules."""
    rule = agreement.active_user
    return (
        ("active_user.by", ", ".join(rule.by)),
        ("active_user.unique_by", rule.unique_by),
        ("active_user.min_days", str(rule.min_days)),
        ("time_zone", agreement.time_zone),
        ("grace_hours", str(agreement.grace_hours)),
    )


def cycle_words(cycle: Cycle) -> str:
    """Return the cycle as text, such as ``month from day 1``."""
    month = f" of month {cycle.anchor_month}" if cycle.every in ("quarter", "year") else ""
    return (
        str(cycle.every.value)
        if cycle.every == "day"
        else f"{cycle.every.value} from day {cycle.anchor_day}{month}"
    )


def _period(rated: RatedPeriod, agreement: Agreement) -> StatementPeriod:
    return StatementPeriod(
        start=rated.start,
        end=rated.end,
        first_day=local_date(rated.start, agreement.time_zone),
        last_day=local_date(rated.end - _INSTANT, agreement.time_zone),
        time_zone=agreement.time_zone,
        cycle=cycle_words(agreement.cycle),
    )


def _excluded(quantities: Iterable[Quantity], used: Iterable[AgreementVersion]) -> tuple[Counted, ...]:
    """The excluded records; a meter of distinct values reports those of the whole period in each part."""
    uniques = {c.name for v in used for c in v.agreement.charges if counts_uniques(c)}
    by_part: dict[tuple[str, str], dict[datetime, int]] = {}
    for quantity in quantities:
        for reason, number in (*quantity.excluded, ("unmeasured", quantity.unmeasured)):
            parts = by_part.setdefault((quantity.meter, str(reason)), {})
            parts[quantity.start] = parts.get(quantity.start, 0) + number
    counts = {
        key: max(parts.values()) if key[0] in uniques else sum(parts.values())
        for key, parts in by_part.items()
    }
    return tuple(
        Counted(of=meter, reason=reason, count=number, rule=EXCLUSION_RULES.get(reason, ""))
        for (meter, reason), number in sorted(counts.items())
        if number
    )


def _begun(version: AgreementVersion, rated: RatedPeriod) -> bool:
    """Earlier versions stay in the statement; they decide whether a one-time charge was due before."""
    return in_force(version)[0] < rated.end
