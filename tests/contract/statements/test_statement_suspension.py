"""A partner that is suspended inside a period, on both stores: billed to that instant, shown beyond it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from builders.agreements import agreement
from partnergate.events.ports import StoredEvents
from partnergate.model.agreement import ActiveUserRule, Proration
from partnergate.model.instants import to_ms
from partnergate.model.partner import Stage
from partnergate.pricing.rated import Fraction, LineKind
from partnergate.statements.account import Account, period_at
from partnergate.statements.draft import draft
from partnergate.statements.lifecycle import Finalize, IncompleteConsent, TransitionRefusal, decide_finalize
from partnergate.statements.statement import IncompleteReason
from partnergate.statements.verify import rate_check, sum_checks
from partnergate.store.statements.facts import StoredFacts
from worlds.statement_store import StoreFiller
from worlds.statement_world import ACME, REALM, log_in_and_work

NOW = datetime(2026, 12, 5, tzinfo=UTC)
START = datetime(2026, 10, 1, 4, tzinfo=UTC)
"""The first instant of October in New York."""
NOON = timedelta(hours=12)


@pytest.fixture
def filler(store) -> StoreFiller:
    return StoreFiller(store=store, realm=REALM, partners=(ACME,))


def use_october(found: StoreFiller) -> None:
    """A login and a task of 100 on each day of October, at noon."""
    days = (START + timedelta(days=n) + NOON for n in range(31))
    log_in_and_work(found, days, people=31, first=100, step=0, after=timedelta(minutes=1), read_until=NOW)


def say(found: StoreFiller, stage: Stage, day: int) -> None:
    """The partner file says another stage from that day of October on."""
    at = START + timedelta(days=day - 1)
    found.ingest.record_registry(REALM, (replace(ACME, stage=stage),), to_ms(at))


def october(store, account: Account | None = None):
    account = account or Account(partner=ACME)
    return draft(StoredFacts(store, "host"), account, period_at(account, START), now=NOW)


def amounts(statement) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for line in statement.lines:
        found[line.name] = found.get(line.name, Decimal(0)) + line.amount
    return found


def test_amounts_included_units_and_minimums_stop_at_the_suspension(store, filler) -> None:
    """Ten of 31 days: 499.00 and 750.00 by day, and ten people and tasks."""
    say(filler, Stage.SUSPENDED, 11)
    use_october(filler)
    statement = october(store).statement
    lines = {x.name: x for x in statement.lines}
    assert lines["Platform"].amount == Decimal("160.97")
    part = Fraction(numerator=10, denominator=31, by=Proration.DAY)
    assert lines["Platform"].rated.fraction == part
    assert lines["Tasks"].quantity == Decimal(1000)
    assert lines["Active users"].quantity == Decimal(10)
    assert lines["Minimum commitment"].rated.fraction == part
    assert statement.total == Decimal("241.94")
    assert statement.period.end == datetime(2026, 11, 1, 4, tzinfo=UTC)
    assert [(s.start, s.end) for s in statement.suspended] == [
        (START + timedelta(days=10), statement.period.end)
    ]


def test_usage_during_a_suspension_is_shown_and_not_billed(store, filler) -> None:
    say(filler, Stage.SUSPENDED, 11)
    use_october(filler)
    statement = october(store).statement
    shown = {(c.of, c.reason): c.count for c in statement.excluded}
    assert shown[("Active users", "suspended")] == 21
    assert shown[("Tasks", "suspended")] == 21


def test_a_reactivated_partner_is_billed_for_both_parts(store, filler) -> None:
    say(filler, Stage.SUSPENDED, 11)
    say(filler, Stage.LIVE, 21)
    use_october(filler)
    statement = october(store).statement
    assert sum(x.quantity for x in statement.lines if x.name == "Tasks") == Decimal(2100)
    assert [x.rated.fraction for x in statement.lines if x.name == "Platform"] == [
        Fraction(numerator=part, denominator=31, by=Proration.DAY) for part in (10, 11)
    ]
    assert amounts(statement)["Platform"] == Decimal("338.03")
    assert statement.total == Decimal("508.06")
    assert all(c.ok for c in (*sum_checks(statement), rate_check(statement)))


def test_a_fully_suspended_period_has_a_statement_without_charges(store, filler) -> None:
    say(filler, Stage.SUSPENDED, 1)
    use_october(filler)
    drafted = october(store)
    assert (drafted.statement.lines, drafted.statement.total) == ((), Decimal("0.00"))
    assert sum(c.count for c in drafted.statement.excluded if c.of == "Tasks") == 31
    assert rate_check(drafted.statement).ok


def test_nothing_changes_for_a_partner_suspended_after_the_period(store, filler) -> None:
    use_october(filler)
    before = october(store).statement
    filler.ingest.record_registry(
        REALM, (replace(ACME, stage=Stage.SUSPENDED),), to_ms(datetime(2026, 11, 2, tzinfo=UTC))
    )
    assert october(store).statement == before
    assert [x.kind for x in before.lines].count(LineKind.FLAT) == 1


@pytest.mark.parametrize(
    ("types", "complete"),
    [(("LOGIN", "REFRESH_TOKEN"), True), (("LOGIN",), False), ((), False), (None, False)],
)
def test_counting_refreshes_that_the_realm_does_not_store_is_incomplete(
    store, filler, types, complete
) -> None:
    """An empty list is the server's default list, without refreshes; unrecorded settings prove nothing."""
    use_october(filler)
    if types is not None:
        settings = StoredEvents(enabled=True, types=frozenset(types), expiration_s=0)
        filler.ingest.note_settings("host", settings, to_ms(START - timedelta(days=1)))
    terms = agreement(active_user=ActiveUserRule(by=("login", "refresh")))
    drafted = october(store, Account(partner=replace(ACME, agreements=(terms,))))
    reasons = [i.reason for i in drafted.statement.incomplete]
    assert reasons == ([] if complete else [IncompleteReason.NOT_STORED])
    decided = decide_finalize(drafted.standing, earlier_final=True)
    if complete:
        assert decided == Finalize(override=None)
        return
    assert TransitionRefusal.INCOMPLETE in decided.reasons
    taken = IncompleteConsent(name="Operator", reason="refreshes were off")
    named = decide_finalize(drafted.standing, earlier_final=True, consent=taken)
    assert isinstance(named, Finalize)
    assert "REFRESH_TOKEN" in named.override.over[0]


def test_terms_that_count_no_refresh_do_not_need_them_stored(store, filler) -> None:
    use_october(filler)
    assert october(store).statement.incomplete == ()
