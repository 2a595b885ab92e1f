"""The lifecycle of a statement: allowed transitions, and conditions without an override."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from partnergate.events.event_ids import Gap
from partnergate.statements.lifecycle import (
    Allowed,
    Finalize,
    IncompleteConsent,
    RefusedTransition,
    State,
    TransitionRefusal,
    decide_finalize,
    decide_void,
    incompleteness,
    standing,
)
from partnergate.statements.statement import IncompleteReason

START = datetime(2026, 10, 1, tzinfo=UTC)
END = datetime(2026, 11, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(now: datetime, read: datetime | None, *, gaps: tuple[Gap, ...] = ()):
    return standing(
        END,
        grace_hours=24,
        now=now,
        read_until=read,
        incomplete=incompleteness(START, END, read_until=read, gaps=gaps),
    )


@pytest.mark.parametrize(
    ("now", "read", "state"),
    [
        (END - HOUR, END - HOUR, State.OPEN),
        (END, END - HOUR, State.DRAFT),
        (END + 100 * HOUR, None, State.DRAFT),
        (END, END, State.GRACE),
        (END + 23 * HOUR, END + HOUR, State.GRACE),
    ],
)
def test_the_clock_and_the_reader_decide_the_state(
    now: datetime, read: datetime | None, state: State
) -> None:
    assert at(now, read).state is state


def test_a_statement_is_final_only_after_its_grace_time() -> None:
    early = decide_finalize(at(END + 23 * HOUR, END + HOUR), earlier_final=True)
    assert early == RefusedTransition(reasons=(TransitionRefusal.GRACE_RUNS,))
    assert decide_finalize(at(END + 24 * HOUR, END), earlier_final=True) == Finalize(override=None)


def test_a_statement_is_not_finalized_before_the_reader_has_passed_its_end() -> None:
    refused = decide_finalize(at(END + 90 * HOUR, END - HOUR), earlier_final=True)
    assert isinstance(refused, RefusedTransition)
    assert refused.reasons == (TransitionRefusal.INCOMPLETE,)
    assert [i.reason for i in refused.incomplete] == [IncompleteReason.NOT_READ]


def test_a_gap_makes_a_statement_incomplete_and_only_a_named_person_takes_it_on() -> None:
    gap = Gap(realm="r", start=START - HOUR, end=START + HOUR, reason="retention")
    now = at(END + 25 * HOUR, END, gaps=(gap,))
    assert (now.incomplete[0].start, now.incomplete[0].end) == (START, START + HOUR)
    assert isinstance(decide_finalize(now, earlier_final=True), RefusedTransition)
    nameless = decide_finalize(now, earlier_final=True, consent=IncompleteConsent(name=" ", reason="x"))
    assert isinstance(nameless, RefusedTransition)
    done = decide_finalize(
        now, earlier_final=True, consent=IncompleteConsent(name="Billing lead", reason="log compared")
    )
    assert isinstance(done, Finalize)
    assert done.override is not None
    assert (done.override.name, len(done.override.over)) == ("Billing lead", 1)


def test_time_and_order_cannot_be_overridden() -> None:
    consent = IncompleteConsent(name="n", reason="r")
    running = decide_finalize(at(END - HOUR, END - HOUR), earlier_final=False, consent=consent)
    assert isinstance(running, RefusedTransition)
    assert running.reasons == (TransitionRefusal.PERIOD_RUNS, TransitionRefusal.EARLIER_NOT_FINALIZED)


def test_a_running_period_is_refused_for_running_and_not_for_what_is_to_come() -> None:
    refused = decide_finalize(at(END - HOUR, END - 2 * HOUR), earlier_final=True)
    assert refused == RefusedTransition(reasons=(TransitionRefusal.PERIOD_RUNS,))


def test_a_gap_that_only_touches_the_edge_is_not_of_this_period() -> None:
    outside = Gap(realm="r", start=END, end=END + HOUR, reason="retention")
    assert incompleteness(START, END, read_until=END, gaps=(outside,)) == ()


@pytest.mark.parametrize("state", State)
def test_only_a_finalized_statement_can_be_voided(state: State) -> None:
    assert isinstance(decide_void(state), Allowed) == (state is State.FINALIZED)
