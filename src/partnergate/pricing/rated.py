"""Input and result of rating: versions of an agreement, rated lines, and the rated period.

Each amount carries its derivation: ``exact`` is the value before rounding, ``amount`` is money.
A sealed statement contains these types, and its reader and schema follow their annotations.
Nothing here computes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime  # noqa: TC003 - statements are read back by these types
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from partnergate.metering.usage import FactSet  # noqa: TC001
from partnergate.model.agreement import Proration
from partnergate.pricing.models.steps import RatedTier  # noqa: TC001 - documents are read by these types
from partnergate.pricing.periods import Period  # noqa: TC001

if TYPE_CHECKING:
    from partnergate.model.agreement import Agreement

Money = Annotated[Decimal, "money"]
"""A rounded amount. Its text has the decimals of its currency: ``10.00``."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class VersionId:
    """The agreement version that decided: its first day and its place in the partner file."""

    effective: date
    commit: str = ""
    """The commit that the partner file was read from; empty outside a repository."""
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
        """The reference to this version that a line carries."""
        return VersionId(
            effective=self.agreement.effective, commit=self.commit, file=self.file, line=self.agreement.line
        )


class LineKind(StrEnum):
    """What a line charges for."""

    FLAT = "flat"
    """A fixed amount."""
    USAGE = "usage"
    """A metered charge."""
    TRUE_UP = "true_up"
    """The difference to the minimum commitment of the period."""
    TAX = "tax"


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """The part of a line that one price decided: the default price, or the price of a dimension."""

    where: tuple[tuple[str, str], ...]
    """The dimensions that this price is for; empty for the default price of the charge."""
    model: str
    quantity: Decimal
    included: Decimal
    """Free units in the quantity."""
    events: int
    tiers: tuple[RatedTier, ...]
    amount: Decimal
    """The exact sum of the steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fraction:
    """The part of the period that a line covers, counted in the agreement's proration unit."""

    numerator: int
    denominator: int
    by: Proration

    @property
    def is_whole(self) -> bool:
        """Whether the line covers all of the period, so that nothing was prorated."""
        return self.numerator == self.denominator


WHOLE_PERIOD = Fraction(numerator=1, denominator=1, by=Proration.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedDiscount:
    """A discount on a line."""

    percent: Decimal
    amount: Decimal
    """The fixed part, prorated for this line."""
    taken: Decimal
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedLine:
    """One line of a bill; its amount is rounded, once."""

    kind: LineKind
    name: str
    """The name of the charge or tax, or ``Minimum commitment``."""
    model: str
    start: datetime
    end: datetime
    due: datetime
    """The start for a flat price in advance; otherwise the end."""
    quantity: Decimal
    included: Decimal
    events: int
    unit: Decimal | None
    """The unit price if a single price per unit applies; the rate of a tax; otherwise null."""
    components: tuple[Component, ...]
    gross: Decimal
    """Exact amount before discount, minimum, and maximum."""
    discount: AppliedDiscount | None
    minimum: Decimal | None
    """The prorated minimum of the charge, if it raised the amount."""
    maximum: Decimal | None
    """The prorated maximum of the charge, if it lowered the amount."""
    fraction: Fraction
    exact: Decimal
    amount: Money
    versions: tuple[VersionId, ...]
    """The versions in effect, oldest first; several if a new version did not change the charge."""
    facts: FactSet | None
    rules: tuple[tuple[str, str], ...]
    """The agreement's rules that affected this line, as keys and values."""

    @property
    def version(self) -> VersionId:
        """The version in effect at the line's end."""
        return self.versions[-1]

    @property
    def is_tax(self) -> bool:
        """Whether the line is a tax."""
        return self.kind is LineKind.TAX

    @property
    def key(self) -> tuple[LineKind, str, datetime, Decimal | None]:
        """Identity of the line across re-rating; two taxes of the same name differ by their rate."""
        return (self.kind, self.name, self.start, self.unit if self.is_tax else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineShare:
    """The partner's share of one line."""

    name: str
    start: datetime
    base: Money
    partner: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedShare:
    """Revenue share that the partner is owed; not deducted from the total. ``partner + host == base``."""

    of: str
    percent: Decimal
    base: Money
    exact: Decimal
    partner: Money
    host: Money
    lines: tuple[LineShare, ...]
    version: VersionId


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedPeriod:
    """A rated period: what the partner owes, and what it is owed."""

    period: Period
    start: datetime
    """The first instant of the period at which an agreement was in effect."""
    end: datetime
    currency: str
    lines: tuple[RatedLine, ...]
    subtotal: Money
    """Sum of the rounded lines, excluding tax."""
    tax: Money
    total: Money
    """Sum of all rounded lines."""
    shares: tuple[RatedShare, ...]
    share_total: Money
    """What the partner is owed; not deducted from ``total``."""
    rules: tuple[tuple[str, str], ...]
    """Every rule of the agreement in effect at the end of the period."""
    explanation: tuple[str, ...]
    """The derivation of each amount, one line of text an entry."""
