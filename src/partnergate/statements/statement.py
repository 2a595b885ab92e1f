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

from partnergate.model.agreement import Agreement  # noqa: TC001

FORMAT = "partnergate.statement/1"
"""Changes when a reader of the old documents could not read the new ones."""


class DocumentKind(StrEnum):
    """What a document of the chain is."""

    STATEMENT = "statement"
    CREDIT_NOTE = "credit_note"
    """Takes a final statement back, whole; the statement itself stays as it is."""


class StatementLineKind(StrEnum):
    """What a line is for."""

    FLAT = "flat"
    USAGE = "usage"
    TRUE_UP = "true_up"
    TAX = "tax"
    CORRECTION = "correction"
    """What late facts add to a line of a final statement, or take off it."""
    CREDIT = "credit"
    """What a dispute or a voided statement gives back."""


class IncompleteReason(StrEnum):
    """Why a statement may lack facts."""

    GAP = "gap"
    """Login events of a span inside the period may be lost."""
    NOT_READ = "not_read"
    """The reader has not passed the end of the period."""
    NOT_STORED = "not_stored"
    """The terms count a kind of event that the realm does not store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsRef:
    """Which version of the agreement decided."""

    effective: date
    commit: str
    file: str
    line: int


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
class LineFacts:
    """The facts that a line counts: how many, and one hash over their identities in any order."""

    count: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LineStep:
    """One step of a price: ``amount = quantity * unit + flat``; a percentage's unit is in percent."""

    where: tuple[tuple[str, str], ...]
    """The dimensions that this price is for; empty for the charge's own."""
    model: str
    basis: str
    lower: Decimal
    upper: Decimal | None
    quantity: Decimal
    unit: Decimal
    flat: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDiscount:
    """What a discount took off."""

    percent: Decimal
    amount: Decimal
    taken: Decimal
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """Which line of which final statement a correction or a credit is for, and how it comes about."""

    statement: str
    line: int
    original: Decimal
    """The amount on the final statement."""
    earlier: Decimal
    """The sum of the corrections already final."""
    rerated: Decimal
    """What the line would be with every fact known now."""
    original_facts: LineFacts | None
    facts: LineFacts | None
    quantity: Decimal
    """The re-rated quantity."""
    dispute: str
    """The dispute that a credit ends; empty for a correction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """One line; its amount is rounded, once."""

    number: int
    kind: StatementLineKind
    name: str
    model: str
    start: datetime
    end: datetime
    due: datetime
    quantity: Decimal
    included: Decimal
    events: int
    unit: Decimal | None
    steps: tuple[LineStep, ...]
    gross: Decimal
    discount: LineDiscount | None
    minimum: Decimal | None
    maximum: Decimal | None
    fraction: str
    """How much of the whole period the line covers, such as ``17/31 days``; empty for all of it."""
    exact: Decimal
    amount: Decimal
    versions: tuple[TermsRef, ...]
    facts: LineFacts | None
    rules: tuple[tuple[str, str], ...]
    corrects: Corrected | None = None

    @property
    def key(self) -> tuple[str, str, datetime, Decimal | None]:
        """What stays the same when the line is rated again; two taxes of one name differ by their rate."""
        return (self.kind.value, self.name, self.start, self.unit if self.is_tax else None)

    @property
    def is_tax(self) -> bool:
        """Whether it is a tax, or amends one."""
        return self.model == StatementLineKind.TAX.value


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareLine:
    """The partner's part of one line."""

    name: str
    start: datetime
    base: Decimal
    partner: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareSection:
    """Revenue share: what the partner is owed; not taken off the total. ``partner + host == base``."""

    of: str
    percent: Decimal
    base: Decimal
    partner: Decimal
    host: Decimal
    lines: tuple[ShareLine, ...]
    version: TermsRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareCorrection:
    """What late facts change in the share of a final statement."""

    statement: str
    original: Decimal
    earlier: Decimal
    rerated: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """``[start, end)``."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredQuantity:
    """What a meter measured: all that a price needs, so that the file alone can be rated again."""

    charge: str
    start: datetime
    end: datetime
    dimensions: tuple[tuple[str, str], ...]
    value: Decimal
    events: int
    event_values: tuple[Decimal, ...]
    """The value of each event in order of time, where a price looks at them one by one."""
    facts: LineFacts | None


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
class Finalised:
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
    measured: tuple[MeasuredQuantity, ...]
    """What the lines are rated from; empty on a credit note."""
    suspended: tuple[Span, ...]
    """When the partner was suspended inside the period: nothing of these spans is billed."""
    lines: tuple[StatementLine, ...]
    subtotal: Decimal
    """Sum of the lines without tax."""
    tax: Decimal
    total: Decimal
    """Sum of all lines."""
    shares: tuple[ShareSection, ...]
    share_corrections: tuple[ShareCorrection, ...]
    share_total: Decimal
    rules: tuple[tuple[str, str], ...]
    explanation: tuple[str, ...]
    excluded: tuple[Counted, ...]
    """Of the partner, and not billed."""
    unattributed: tuple[Counted, ...]
    """Of the whole environment in the period: of no partner."""
    incomplete: tuple[Incomplete, ...]
    versions: tuple[TermsRef, ...]
    terms: tuple[Agreement, ...]
    """The terms themselves, so that a final statement can be rated again whatever the files say now."""
    final: Finalised | None = None
    voids: Voided | None = None
