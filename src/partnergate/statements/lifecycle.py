"""The lifecycle of a statement as pure decisions: open, draft, grace, finalized, void.

::

    open ---------> draft -------------> grace ------------------> finalized ---> void
    period runs     period is over,      reader has passed the     sealed, never  reversed by
                    reader is behind     end, late usage counts    changes        a credit note

A finalized statement never changes. An operator can override only missing records; the end
of the period, the grace period, and the order of statements cannot be overridden.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from partnergate.statements.statement import Incomplete, IncompleteReason, Override

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from partnergate.events.event_ids import Gap


class State(StrEnum):
    """The stage of a statement in its lifecycle."""

    OPEN = "open"
    DRAFT = "draft"
    GRACE = "grace"
    FINALIZED = "finalized"
    VOID = "void"


class TransitionRefusal(StrEnum):
    """Why a transition is refused."""

    PERIOD_RUNS = "period_runs"
    GRACE_RUNS = "grace_runs"
    EARLIER_NOT_FINALIZED = "earlier_not_finalized"
    ALREADY_FINALIZED = "already_finalized"
    INCOMPLETE = "incomplete"
    NOT_FINALIZED = "not_finalized"
    ALREADY_VOID = "already_void"
    NEVER_READ = "never_read"


REFUSAL_WORDS: dict[TransitionRefusal, str] = {
    TransitionRefusal.PERIOD_RUNS: "the period is not over",
    TransitionRefusal.GRACE_RUNS: "the grace period is not over",
    TransitionRefusal.EARLIER_NOT_FINALIZED: "the statement of the previous period is not finalized",
    TransitionRefusal.ALREADY_FINALIZED: "the statement is already finalized and cannot change",
    TransitionRefusal.INCOMPLETE: (
        "the statement is incomplete; to finalize anyway, pass --incomplete-by and --incomplete-reason"
    ),
    TransitionRefusal.NOT_FINALIZED: (
        "only a finalized statement can be voided; a draft changes automatically"
    ),
    TransitionRefusal.ALREADY_VOID: "the statement is already void",
    TransitionRefusal.NEVER_READ: "no event of this environment was ever read",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementStatus:
    """The stage of a statement, and its properties at a time."""

    state: State
    final_from: datetime
    """The first instant at which the statement can be finalized."""
    grace_over: bool
    incomplete: tuple[Incomplete, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finalize:
    """The statement can be finalized; the override is recorded in it."""

    override: Override | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedTransition:
    """The transition is refused."""

    reasons: tuple[TransitionRefusal, ...]
    incomplete: tuple[Incomplete, ...] = ()

    def words(self) -> str:
        """Return all reasons as one message."""
        return "; ".join(REFUSAL_WORDS[r] for r in self.reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """The transition is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncompleteConsent:
    """The operator who finalizes an incomplete statement, and the reason."""

    name: str
    reason: str


def incompleteness(
    start: datetime,
    end: datetime,
    *,
    read_until: datetime | None,
    gaps: Iterable[Gap],
    not_stored: Iterable[str] = (),
) -> tuple[Incomplete, ...]:
    """Return every reason why records of ``[start, end)`` may be missing; gaps are clipped to the period.

    ``not_stored`` are event types that the terms count and the realm did not store all the time.
    """
    found = [
        Incomplete(
            reason=IncompleteReason.GAP, start=max(g.start, start), end=min(g.end, end), detail=g.reason
        )
        for g in gaps
        if g.start < end and g.end > start
    ]
    found += [
        Incomplete(reason=IncompleteReason.NOT_STORED, start=start, end=end, detail=kind)
        for kind in not_stored
    ]
    if read_until is None or read_until < end:
        since = start if read_until is None else max(start, read_until)
        found.append(
            Incomplete(
                reason=IncompleteReason.NOT_READ,
                start=since,
                end=end,
                detail="never read" if read_until is None else "the reader has not passed the end",
            )
        )
    return tuple(sorted(found, key=lambda i: (i.start, i.end, i.reason, i.detail)))


def standing(
    end: datetime,
    *,
    grace_hours: int,
    now: datetime,
    read_until: datetime | None,
    incomplete: tuple[Incomplete, ...],
) -> StatementStatus:
    """Return the stage of a statement that is not finalized, at ``now``."""
    final_from = end + timedelta(hours=grace_hours)
    if now < end:
        state = State.OPEN
    elif read_until is None or read_until < end:
        state = State.DRAFT
    else:
        state = State.GRACE
    return StatementStatus(
        state=state, final_from=final_from, grace_over=now >= final_from, incomplete=incomplete
    )


def decide_finalize(
    at: StatementStatus, *, earlier_final: bool, consent: IncompleteConsent | None = None
) -> Finalize | RefusedTransition:
    """Decide whether a statement can be finalized now."""
    reasons = []
    if at.state is State.FINALIZED:
        reasons.append(TransitionRefusal.ALREADY_FINALIZED)
    elif at.state is State.VOID:
        reasons.append(TransitionRefusal.ALREADY_VOID)
    elif at.state is State.OPEN:
        reasons.append(TransitionRefusal.PERIOD_RUNS)
    elif not at.grace_over:
        reasons.append(TransitionRefusal.GRACE_RUNS)
    if not earlier_final:
        reasons.append(TransitionRefusal.EARLIER_NOT_FINALIZED)
    # While the period runs, its later events cannot have been read.
    if (
        at.state is not State.OPEN
        and at.incomplete
        and (consent is None or not consent.name.strip() or not consent.reason.strip())
    ):
        reasons.append(TransitionRefusal.INCOMPLETE)
    if reasons:
        return RefusedTransition(
            reasons=tuple(reasons), incomplete=() if at.state is State.OPEN else at.incomplete
        )
    if not at.incomplete or consent is None:
        return Finalize(override=None)
    return Finalize(
        override=Override(
            name=consent.name.strip(),
            reason=consent.reason.strip(),
            over=tuple(describe_incomplete(i) for i in at.incomplete),
        )
    )


def decide_void(state: State) -> Allowed | RefusedTransition:
    """Decide whether a credit note can reverse the statement."""
    match state:
        case State.FINALIZED:
            return Allowed()
        case State.VOID:
            return RefusedTransition(reasons=(TransitionRefusal.ALREADY_VOID,))
        case _:
            return RefusedTransition(reasons=(TransitionRefusal.NOT_FINALIZED,))


def describe_incomplete(reason: Incomplete) -> str:
    """Return one reason with its interval."""
    span = f"{reason.start:%Y-%m-%d %H:%M:%S} to {reason.end:%Y-%m-%d %H:%M:%S} UTC"
    match reason.reason:
        case IncompleteReason.GAP:
            return f"events may be missing from {span} ({reason.detail})"
        case IncompleteReason.NOT_READ:
            return f"events not read from {span}"
        case IncompleteReason.NOT_STORED:
            return f"events not stored by the realm from {span} ({reason.detail})"
