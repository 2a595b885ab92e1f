"""The statement document as values. ``build`` makes it, ``typed_json`` writes and reads it.

The document contains everything that decides an amount, so that a partner can check it alone: the
quantities, the price steps, the terms with the commit they came from, the rules, and a hash of the
billable records behind each line. In the code, a *fact* is a billable record.
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
"""The format and its version; changes if an old reader cannot read new documents."""


class DocumentKind(StrEnum):
    """The kind of a document in the chain."""

    STATEMENT = "statement"
    CREDIT_NOTE = "credit_note"
    """Reverses a finalized statement completely; the statement itself does not change."""


class AmendmentKind(StrEnum):
    """Why a line changes an earlier finalized statement."""

    CORRECTION = "correction"
    """Late billable records changed the amount of a line."""
    CREDIT = "credit"
    """A dispute or a voided statement returns an amount."""


class IncompleteReason(StrEnum):
    """Why records may be missing from a statement."""

    GAP = "gap"
    """Login events of a span in the period may be lost."""
    NOT_READ = "not_read"
    """The reader has not passed the end of the period."""
    NOT_STORED = "not_stored"
    """The terms count an event type that the realm does not store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The partner file with the terms of the statement."""

    file: str
    sha256: str
    commit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementPeriod:
    """``[start, end)``; ``first_day`` and ``last_day`` are local days, both inclusive."""

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
        """The kind of the line. The kind of an amendment does not depend on the amended line."""
        return self.rated.kind if self.corrects is None else self.corrects.kind

    @property
    def name(self) -> str:
        """The name of the charge or tax, or ``Minimum commitment``."""
        return self.rated.name

    @property
    def quantity(self) -> Decimal:
        """The quantity, or the change of the quantity for an amendment."""
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
    """The change of the revenue share of a finalized statement by late records."""

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
    """Records that are excluded from billing, and the rule that excludes them."""

    of: str
    """The charge that would have counted them; empty if there is none."""
    reason: str
    count: int
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Incomplete:
    """A reason why records may be missing, and the span that it affects."""

    reason: IncompleteReason
    start: datetime
    end: datetime
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """The person who finalized an incomplete statement, and the reason."""

    name: str
    reason: str
    over: tuple[str, ...]
    """The overridden reasons, as text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finalized:
    """The place of a finalized document in the partner's chain."""

    at: datetime
    sequence: int
    previous: str
    """SHA-256 of the previous document of this partner; 64 zeros for the first document."""
    override: Override | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Voided:
    """On a credit note: the statement that it reverses, the person who voided it, and the reason."""

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
    """``<partner>-<first day>``; a statement that replaces a voided one ends in ``-2`` and so on."""
    environment: str
    partner: str
    name: str
    source: Source
    period: StatementPeriod
    currency: str
    measured: tuple[Quantity, ...]
    """The quantities that the lines are rated from; empty on a credit note."""
    suspended: tuple[SuspendedSpan, ...]
    """Spans in the period in which the partner was suspended; their usage is not billed."""
    lines: tuple[StatementLine, ...]
    subtotal: Decimal
    """Sum of the lines, excluding tax."""
    tax: Decimal
    total: Decimal
    """Sum of all lines."""
    shares: tuple[RatedShare, ...]
    share_corrections: tuple[ShareCorrection, ...]
    share_total: Decimal
    rules: tuple[tuple[str, str], ...]
    explanation: tuple[str, ...]
    excluded: tuple[Counted, ...]
    """Records of the partner that are excluded from billing."""
    incomplete: tuple[Incomplete, ...]
    versions: tuple[VersionId, ...]
    terms: tuple[Agreement, ...]
    """The complete terms, so that a finalized statement can be rated again without the partner files."""
    final: Finalized | None = None
    voids: Voided | None = None
