"""The life of a statement as pure decisions: open, draft, grace, final, void.

::

    open ---------> draft -------------> grace -----------------> final -------> void
    period runs     period is over,      reader has passed the    sealed, never  a credit note
                    reader is behind     end, late facts count    changes        takes it back

A final statement is never changed. What may be overridden by name is only that facts may lack;
time and order cannot be overridden.
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
    """How far a statement is."""

    OPEN = "open"
    DRAFT = "draft"
    GRACE = "grace"
    FINAL = "final"
    VOID = "void"


class Refusal(StrEnum):
    """Why a transition is not done."""

    PERIOD_RUNS = "period_runs"
    GRACE_RUNS = "grace_runs"
    EARLIER_NOT_FINAL = "earlier_not_final"
    ALREADY_FINAL = "already_final"
    INCOMPLETE = "incomplete"
    NOT_FINAL = "not_final"
    ALREADY_VOID = "already_void"
    NEVER_READ = "never_read"


REFUSAL_WORDS: dict[Refusal, str] = {
    Refusal.PERIOD_RUNS: "the period is not over",
    Refusal.GRACE_RUNS: "the grace time is not over",
    Refusal.EARLIER_NOT_FINAL: "the statement of the period before is not final",
    Refusal.ALREADY_FINAL: "it is final already, and a final statement never changes",
    Refusal.INCOMPLETE: "it is incomplete, and nobody took that on by name",
    Refusal.NOT_FINAL: "only a final statement can be voided; a draft is just made again",
    Refusal.ALREADY_VOID: "it is void already",
    Refusal.NEVER_READ: "no event of this environment was ever read",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a statement is in its life."""

    state: State
    final_from: datetime
    """The first instant at which it may be final."""
    grace_over: bool
    incomplete: tuple[Incomplete, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finalise:
    """It may become final, with the override that is recorded."""

    override: Override | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """It may not, and why."""

    reasons: tuple[Refusal, ...]
    incomplete: tuple[Incomplete, ...] = ()

    def words(self) -> str:
        """All reasons in one sentence part."""
        return "; ".join(REFUSAL_WORDS[r] for r in self.reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """The transition may be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOn:
    """A person who takes an incomplete statement on, with the reason."""

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
    """Every reason why facts of ``[start, end)`` may lack; a gap is cut to the period.

    ``not_stored`` are kinds of event that the terms count and the realm did not store all along.
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
) -> Standing:
    """Where a statement that is not final is, at ``now``."""
    final_from = end + timedelta(hours=grace_hours)
    if now < end:
        state = State.OPEN
    elif read_until is None or read_until < end:
        state = State.DRAFT
    else:
        state = State.GRACE
    return Standing(state=state, final_from=final_from, grace_over=now >= final_from, incomplete=incomplete)


def decide_finalise(
    at: Standing, *, earlier_final: bool, taken_on: TakenOn | None = None
) -> Finalise | Refused:
    """Whether it may become final now."""
    reasons = []
    if at.state is State.FINAL:
        reasons.append(Refusal.ALREADY_FINAL)
    elif at.state is State.VOID:
        reasons.append(Refusal.ALREADY_VOID)
    elif at.state is State.OPEN:
        reasons.append(Refusal.PERIOD_RUNS)
    elif not at.grace_over:
        reasons.append(Refusal.GRACE_RUNS)
    if not earlier_final:
        reasons.append(Refusal.EARLIER_NOT_FINAL)
    # While the period runs its events are of course not read.
    if (
        at.state is not State.OPEN
        and at.incomplete
        and (taken_on is None or not taken_on.name.strip() or not taken_on.reason.strip())
    ):
        reasons.append(Refusal.INCOMPLETE)
    if reasons:
        return Refused(reasons=tuple(reasons), incomplete=() if at.state is State.OPEN else at.incomplete)
    if not at.incomplete or taken_on is None:
        return Finalise(override=None)
    return Finalise(
        override=Override(
            name=taken_on.name.strip(),
            reason=taken_on.reason.strip(),
            over=tuple(words_of(i) for i in at.incomplete),
        )
    )


def decide_void(state: State) -> Allowed | Refused:
    """Whether a credit note may take the statement back."""
    match state:
        case State.FINAL:
            return Allowed()
        case State.VOID:
            return Refused(reasons=(Refusal.ALREADY_VOID,))
        case _:
            return Refused(reasons=(Refusal.NOT_FINAL,))


def words_of(reason: Incomplete) -> str:
    """One reason with its span, for people."""
    span = f"{reason.start:%Y-%m-%d %H:%M:%S} to {reason.end:%Y-%m-%d %H:%M:%S} UTC"
    match reason.reason:
        case IncompleteReason.GAP:
            return f"events may be lost from {span} ({reason.detail})"
        case IncompleteReason.NOT_READ:
            return f"events not read from {span}"
        case IncompleteReason.NOT_STORED:
            return f"events not stored by the realm from {span} ({reason.detail})"
