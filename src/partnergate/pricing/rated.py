"""What rating takes and gives: versions of an agreement, rated lines, the rated period.

Every amount says how it came about: ``exact`` is before rounding, ``amount`` is money. Nothing
here computes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal

    from partnergate.metering.usage import FactSet
    from partnergate.model.agreement import Agreement, Proration
    from partnergate.pricing.models.steps import RatedTier
    from partnergate.pricing.periods import Period


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class VersionId:
    """Which agreement version decided: its first day and where it is written."""

    effective: date
    commit: str = ""
    """The commit that the partner file was read from; empty when it was read from no repository."""
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementVersion:
    """One version of the terms and where it came from."""

    agreement: Agreement
    commit: str = ""
    file: str = ""

    @property
    def id(self) -> VersionId:
        """What a line keeps of it."""
        return VersionId(
            effective=self.agreement.effective, commit=self.commit, file=self.file, line=self.agreement.line
        )


class LineKind(StrEnum):
    """What a line is for."""

    FLAT = "flat"
    """A fixed amount."""
    USAGE = "usage"
    """A metered charge."""
    TRUE_UP = "true_up"
    """What is missing to the minimum of the period."""
    TAX = "tax"


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """The part of a line that one price decided: the charge's own, or that of a dimension."""

    where: tuple[tuple[str, str], ...]
    """Empty for the charge's own price."""
    model: str
    quantity: Decimal
    included: Decimal
    """Units of it that were free."""
    events: int
    tiers: tuple[RatedTier, ...]
    amount: Decimal
    """Exact; the sum of the steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fraction:
    """How much of the whole period a line covers, by the agreement's proration unit."""

    numerator: int
    denominator: int
    by: Proration


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedDiscount:
    """What the discount took off."""

    percent: Decimal
    amount: Decimal
    """The fixed part, as prorated for this line."""
    taken: Decimal
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedLine:
    """One line of the bill."""

    kind: LineKind
    name: str
    """The charge's name; the tax's name; ``Minimum commitment``."""
    model: str
    start: datetime
    end: datetime
    due: datetime
    """The start for a flat price in advance, else the end."""
    quantity: Decimal
    included: Decimal
    events: int
    unit: Decimal | None
    """The unit price where one price per unit decided, else none."""
    components: tuple[Component, ...]
    gross: Decimal
    """Exact, before discount, minimum and maximum."""
    discount: AppliedDiscount | None
    minimum: Decimal | None
    """The charge's minimum where it raised the amount, as prorated."""
    maximum: Decimal | None
    """The charge's maximum where it lowered the amount, as prorated."""
    fraction: Fraction
    exact: Decimal
    amount: Decimal
    versions: tuple[VersionId, ...]
    """Those in force, oldest first; several where a new version left the charge as it was."""
    facts: FactSet | None
    rules: tuple[tuple[str, str], ...]
    """Keys of the agreement's rules that decided something on this line, with their values."""

    @property
    def version(self) -> VersionId:
        """The version in force at the line's end."""
        return self.versions[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineShare:
    """The partner's part of one line."""

    name: str
    start: datetime
    base: Decimal
    partner: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedShare:
    """Revenue share: what the partner is owed of the lines in scope. ``partner + host == base``."""

    of: str
    percent: Decimal
    base: Decimal
    exact: Decimal
    partner: Decimal
    host: Decimal
    lines: tuple[LineShare, ...]
    version: VersionId


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedPeriod:
    """A period as rated: what the partner owes, and what it is owed."""

    period: Period
    start: datetime
    """The first instant of the period in which an agreement was in force."""
    end: datetime
    currency: str
    lines: tuple[RatedLine, ...]
    subtotal: Decimal
    """Sum of the rounded lines without tax."""
    tax: Decimal
    total: Decimal
    """Sum of all rounded lines."""
    shares: tuple[RatedShare, ...]
    share_total: Decimal
    """What the partner is owed; not taken off ``total``."""
    rules: tuple[tuple[str, str], ...]
    """Every rule of the agreement in force at the end, to be printed."""
    explanation: tuple[str, ...]
    """How each amount came about, in words; one entry a line of text."""
