"""Quantities to money: pure, exact, and the same bytes for the same inputs.

``billing_periods`` says which periods there are, ``split_instants`` where a period's quantities are
split, ``rate`` makes the bill.
"""

from partnergate.pricing.money import allocate, exponent, formatted, minor_unit, rounded
from partnergate.pricing.periods import Period, days_in, next_period, period_containing, periods
from partnergate.pricing.rate import rate, split_instants
from partnergate.pricing.rated import (
    AgreementVersion,
    AppliedDiscount,
    Basis,
    Component,
    Fraction,
    LineKind,
    LineShare,
    RatedLine,
    RatedPeriod,
    RatedShare,
    RatedTier,
    VersionId,
)
from partnergate.pricing.timeline import BillingPeriod, Segment, billing_periods, in_force, segments

__all__ = [
    "AgreementVersion",
    "AppliedDiscount",
    "Basis",
    "BillingPeriod",
    "Component",
    "Fraction",
    "LineKind",
    "LineShare",
    "Period",
    "RatedLine",
    "RatedPeriod",
    "RatedShare",
    "RatedTier",
    "Segment",
    "VersionId",
    "allocate",
    "billing_periods",
    "days_in",
    "exponent",
    "formatted",
    "in_force",
    "minor_unit",
    "next_period",
    "period_containing",
    "periods",
    "rate",
    "rounded",
    "segments",
    "split_instants",
]
