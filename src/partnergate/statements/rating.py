"""Billing periods of statements: their measured quantities, and their rating by the terms of a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.pricing.rate import rate
from partnergate.pricing.timeline import in_force, without
from partnergate.statements.sealed_terms import pauses_of, period_of, versions_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from partnergate.metering.usage import Quantity
    from partnergate.pricing.rated import AgreementVersion, RatedPeriod
    from partnergate.pricing.timeline import BillingPeriod, Segment
    from partnergate.statements.account import Account
    from partnergate.statements.ports import FactReader
    from partnergate.statements.statement import Statement

    Pause = tuple[datetime, datetime]


def measured(
    facts: FactReader, account: Account, period: BillingPeriod, *, pauses: Sequence[Pause] = ()
) -> tuple[Quantity, ...]:
    """Return the usage of the partner in each part of the period with terms of its own, without pauses."""
    return _over(facts, account, period, without(period.segments, pauses))


def in_pauses(
    facts: FactReader, account: Account, period: BillingPeriod, *, pauses: Sequence[Pause]
) -> tuple[Quantity, ...]:
    """Return the usage of the partner while it was suspended, which is shown and never billed."""
    edges = [period.start, *(edge for pause in pauses for edge in pause), period.end]
    running = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if a < b]
    return _over(facts, account, period, without(period.segments, running)) if pauses else ()


def _over(
    facts: FactReader, account: Account, period: BillingPeriod, segments: Sequence[Segment]
) -> tuple[Quantity, ...]:
    whole = (period.start, period.end)
    return tuple(
        quantity
        for segment in segments
        for quantity in facts.quantities(
            account.partner.partner, segment.version.agreement, segment.start, segment.end, whole=whole
        )
    )


def rated(
    versions: Sequence[AgreementVersion],
    quantities: Sequence[Quantity],
    period: BillingPeriod,
    *,
    pauses: Sequence[Pause] = (),
) -> RatedPeriod:
    """Rate a billing period; versions with another currency or cycle have billing periods of their own."""
    own = {segment.version.id for segment in period.segments}
    used = [v for v in versions if v.id in own or in_force(v)[0] < period.period.start]
    return rate(used, quantities, period.period, pauses=pauses)


def rerated(facts: FactReader, account: Account, original: Statement) -> RatedPeriod:
    """Rate the period of a finalized statement with all records known now, by the terms inside it."""
    return rated_again(original, measured_again(facts, account, original))


def measured_again(facts: FactReader, account: Account, original: Statement) -> tuple[Quantity, ...]:
    """Return the usage known now of a finalized statement's period, without the suspensions it lists."""
    return measured(facts, account, period_of(original), pauses=pauses_of(original))


def rated_again(original: Statement, quantities: Sequence[Quantity]) -> RatedPeriod:
    """Rate quantities by the terms and suspensions inside the statement."""
    return rated(versions_of(original), quantities, period_of(original), pauses=pauses_of(original))
