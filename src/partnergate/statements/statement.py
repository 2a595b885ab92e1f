"""What a statement says. Values only; ``canonical`` writes them, ``build`` makes them.

Everything that decides an amount is in the document itself, so that a partner who has nothing else
can check it: quantities, steps of the price, the terms with the commit they came from, the rules,
and the hash of the facts behind each line.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime  # noqa: TC003 - documents are read back by these types
from decimal import Decimal  # noqa: TC003
from enum import StrEnum

from partnergate.metering.usage import FactSet, Quantity  # noqa: TC001
from partnergate.model.agreement import Agreement  # noqa: TC001
from partnergate.pricing.rated import LineKind, RatedLine, RatedShare, VersionId  # noqa: TC001

FORMAT = "partnergate.statement/1"
"""Changes when a reader of the old documents could not read the new ones."""


class DocumentKind(StrEnum):
    """What a document of the chain is."""

    STATEMENT = "statement"
    CREDIT_NOTE = "credit_note"
    """Takes a final statement back, whole; the statement itself stays as it is."""


class AmendmentKind(StrEnum):
    """Why a line changes an earlier finalized statement."""

    CORRECTION = "correction"
    """Late billable records changed the amount of a line."""
    CREDIT = "credit"
    """A dispute or a voided statement returns an amount."""


class IncompleteReason(StrEnum):
    """Why a statement may lack facts."""

    GAP = "gap"
    """Login events of a span inside the period may be lost."""
    NOT_READ = "not_read"
    """The reader has not passed the end of the period."""
    NOT_STORED = "not_stored"
    """The terms count a kind of event that the realm does not store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The partner file that the statement was made from."""

    file: str
    sha256: str
    commit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementPeriod:
    """``[start, end)``; ``first_day`` and ``last_day`` are local days, both included."""

    start: datetime
    end: datetime
    first_day: date
    last_day: date
    time_zone: str
    cycle: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """The line of a finalized statement that a correction or credit changes, and by how much."""

    kind: AmendmentKind
    statement: str
    line: int
    """Number of the line; 0 if the finalized statement has no such line."""
    original: Decimal
    """The amount on the finalized statement."""
    earlier: Decimal
    """The sum of the corrections finalized before."""
    rerated: Decimal
    """The amount of the line with all billable records known now."""
    original_facts: FactSet | None
    facts: FactSet | None
    quantity: Decimal
    """The re-rated quantity."""
    dispute: str
    """The dispute that a credit resolves; empty for a correction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """One numbered line: a rated line of the period, or an amendment of an earlier statement.

    On an amendment, ``rated`` describes the amended line and holds the difference as its amount.
    """

    number: int
    rated: RatedLine
    corrects: Amendment | None = None

    @property
    def kind(self) -> LineKind | AmendmentKind:
        """What the line is for; an amendment is a correction or a credit, whatever it amends."""
        return self.rated.kind if self.corrects is None else self.corrects.kind

    @property
    def name(self) -> str:
        """The name of the charge or tax, or ``Minimum commitment``."""
        return self.rated.name

    @property
    def quantity(self) -> Decimal:
        """The quantity, or on an amendment the change of it."""
        return self.rated.quantity

    @property
    def amount(self) -> Decimal:
        """The rounded amount."""
        return self.rated.amount

    @property
    def facts(self) -> FactSet | None:
        """The billable records that the line counts."""
        return self.rated.facts


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareCorrection:
    """What late facts change in the share of a final statement."""

    statement: str
    original: Decimal
    earlier: Decimal
    rerated: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendedSpan:
    """A span ``[start, end)`` in which the partner was suspended."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Facts that were not billed, and the rule that says so."""

    of: str
    """The charge that would have counted them; empty when they are of no charge."""
    reason: str
    count: int
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Incomplete:
    """One reason why facts may lack, and for which span."""

    reason: IncompleteReason
    start: datetime
    end: datetime
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Who finalised an incomplete statement, and why."""

    name: str
    reason: str
    over: tuple[str, ...]
    """The reasons that were overridden, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finalized:
    """What makes a document final: its place in the partner's chain."""

    at: datetime
    sequence: int
    previous: str
    """SHA-256 of the previous document of this partner; 64 zeros for the first."""
    override: Override | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Voided:
    """For a credit note: which statement it takes back, who said so and why."""

    statement: str
    sha256: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What a partner owes, and is owed, for one period."""

    format: str
    kind: DocumentKind
    number: str
    """``<partner>-<first day>``, with ``-2`` and on for one that replaces a voided one."""
    environment: str
    partner: str
    name: str
    source: Source
    period: StatementPeriod
    currency: str
    measured: tuple[Quantity, ...]
    """What the lines are rated from; empty on a credit note."""
    suspended: tuple[SuspendedSpan, ...]
    """When the partner was suspended inside the period: nothing of these spans is billed."""
    lines: tuple[StatementLine, ...]
    subtotal: Decimal
    """Sum of the lines without tax."""
    tax: Decimal
    total: Decimal
    """Sum of all lines."""
    shares: tuple[RatedShare, ...]
    share_corrections: tuple[ShareCorrection, ...]
    share_total: Decimal
    rules: tuple[tuple[str, str], ...]
    explanation: tuple[str, ...]
    excluded: tuple[Counted, ...]
    """Of the partner, and not billed."""
    incomplete: tuple[Incomplete, ...]
    versions: tuple[VersionId, ...]
    terms: tuple[Agreement, ...]
    """The terms themselves, so that a final statement can be rated again whatever the files say now."""
    final: Finalized | None = None
    voids: Voided | None = None
