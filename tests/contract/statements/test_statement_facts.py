"""Facts behind a statement on both stores: the draft, the trace in both directions, the records to compare."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from builders.actors import ADA
from partnergate.events.event_ids import Gap
from partnergate.pricing.rated import LineKind
from partnergate.statements.account import Account, next_period, period_at
from partnergate.statements.document import seal_statement
from partnergate.statements.draft import draft
from partnergate.statements.finalize import with_place
from partnergate.statements.reconciliation.records import HostStatus
from partnergate.statements.reconciliation.requested import RecordRequest
from partnergate.statements.seal import new_key_pair
from partnergate.statements.statement import AmendmentKind, IncompleteReason
from partnergate.statements.trace.walk import (
    TraceNode,
    trace_line,
    trace_login,
    trace_session,
    trace_usage,
)
from partnergate.statements.unattributed import unattributed_usage
from partnergate.store.statements.facts import StoredFacts
from partnergate.store.statements.finalized import StoredStatements
from partnergate.store.statements.records import StoredRecords
from partnergate.store.statements.trace import StoredTrace
from worlds.statement_store import StoreFiller, task
from worlds.statement_world import ACME, BASE, NOW, REALM


@pytest.fixture
def filled(store):
    """Twelve logins of four people, each with a task; one failed login; one unattributed usage event."""
    filler = StoreFiller(store=store, realm=REALM, partners=(ACME,))
    logins = [
        filler.login(
            f"login-{n}", BASE + timedelta(hours=5 * n), alias="acme", subject=f"p{n % 4}", session=f"s{n}"
        )
        for n in range(12)
    ]
    failed = filler.login(
        "failed", BASE + timedelta(hours=1), alias="acme", subject="p1", session="", error="access_denied"
    )
    filler.keep([*logins, failed], read_until=NOW)
    used = [
        task(f"t{n}", BASE + timedelta(hours=5 * n, minutes=3), Decimal(200 + n), session=f"s{n}")
        for n in range(12)
    ]
    filler.use([*used, task("lost", BASE, Decimal(1), session="unknown")], received=NOW)
    return filler


def drafted(store, account: Account, instant: datetime = BASE):
    return draft(StoredFacts(store, "host"), account, period_at(account, instant), now=NOW)


def titles(node: TraceNode) -> list[str]:
    return [node.title, *(t for c in node.children for t in titles(c))]


def test_a_draft_counts_what_was_stored(store, filled) -> None:
    statement = drafted(store, Account(partner=ACME)).statement
    quantities = {x.name: x.quantity for x in statement.lines if x.kind is LineKind.USAGE}
    assert quantities == {"Active users": Decimal(4), "Tasks": Decimal(sum(200 + n for n in range(12)))}
    period = statement.period
    unattributed = unattributed_usage(StoredFacts(store, "host"), period.start, period.end)
    assert [(c.reason, c.count) for c in unattributed] == [("unknown_session", 1)]
    assert statement.incomplete == ()


def test_a_gap_marks_every_statement_that_it_touches(store, filled) -> None:
    filled.ingest.note_gaps(
        [Gap(realm="host", start=BASE, end=BASE + timedelta(hours=2), reason="retention")]
    )
    account = Account(partner=ACME)
    assert [i.reason for i in drafted(store, account).statement.incomplete] == [IncompleteReason.GAP]
    november = drafted(store, account, datetime(2026, 11, 3, tzinfo=UTC)).statement
    assert [i.reason for i in november.incomplete] == [IncompleteReason.NOT_READ]


def test_a_line_leads_to_its_facts_and_the_partner_file(store, filled) -> None:
    statement = drafted(store, Account(partner=ACME)).statement
    tasks = next(x.number for x in statement.lines if x.name == "Tasks")
    found = titles(trace_line(statement, tasks, StoredTrace(store, "host"), limit=2))
    assert found[:6] == [
        f"acme-2026-10-01 line {tasks}, Tasks", "usage host/tasks t0", "session s0", "login login-0",
        "provider acme", "partners/acme.yaml",
    ]  # fmt: skip
    assert "1 to 2 of 12 billable records" in found
    pages = [trace_line(statement, tasks, StoredTrace(store, "host"), offset=o, limit=5) for o in (0, 5, 10)]
    events = [c.title for p in pages for c in p.children if c.kind == "usage"]
    assert events == [f"usage host/tasks t{n}" for n in range(12)]


def test_active_users_lead_to_the_first_login_of_each_person(store, filled) -> None:
    statement = drafted(store, Account(partner=ACME)).statement
    users = next(x.number for x in statement.lines if x.name == "Active users")
    node = trace_line(statement, users, StoredTrace(store, "host"))
    assert [c.title for c in node.children if c.kind == "login"] == [f"login login-{n}" for n in range(4)]


def test_a_fact_leads_to_its_line_or_to_the_reason_that_none_counts_it(store, filled) -> None:
    account = Account(partner=ACME)
    reader = StoredTrace(store, "host")
    StoredFacts(store, "host").attribute_pending()

    def bills(_partner: str, instant: datetime):
        return (drafted(store, account, instant).statement,)

    def outcome(node: TraceNode) -> str:
        return next(c.title for c in node.children if c.kind in ("billed", "excluded"))

    (used,) = reader.usage_event("t3", None)
    (lost,) = reader.usage_event("lost", "host/tasks")
    assert outcome(trace_usage(used, reader, bills)) == "billed: acme-2026-10-01 line 3, Tasks"
    assert "without a known login" in outcome(trace_usage(lost, reader, bills))
    assert (
        outcome(trace_login(reader.login("login-2"), reader, bills))
        == "billed: acme-2026-10-01 line 2, Active users"
    )
    assert "counted once, by login login-2" in outcome(trace_login(reader.login("login-6"), reader, bills))
    assert (
        outcome(trace_login(reader.login("failed"), reader, bills)) == "excluded: failed logins do not count"
    )
    assert outcome(trace_session("s1", reader, bills)) == "billed: acme-2026-10-01 line 2, Active users"
    assert trace_session("no such", reader, bills) is None
    assert reader.login("no such") is None


def test_a_late_event_leads_to_its_correction(store, filled) -> None:
    kept = StoredStatements(store, "production")
    account = Account(partner=ACME)
    first = drafted(store, account).statement
    kept.append(seal_statement(with_place(first, (), at=NOW, override=None), new_key_pair().private), by=ADA)
    late = task("late", BASE + timedelta(minutes=9), Decimal(5000), session="s0")
    filled.use([late], received=NOW + timedelta(hours=1))
    account = replace(account, chain=kept.chain("acme"))
    facts = StoredFacts(store, "host")
    upcoming = draft(facts, account, next_period(account), now=NOW).statement
    corrected = [x for x in upcoming.lines if x.kind is AmendmentKind.CORRECTION]
    assert {x.name for x in corrected} == {"Tasks", "Minimum commitment"}
    reader = StoredTrace(store, "host")
    (fact,) = reader.usage_event("late", None)
    node = trace_usage(fact, reader, lambda _p, _i: (account.chain[0].statement, upcoming))
    assert node.children[0].title.startswith("billed late: acme-2026-11-01 line")


def test_every_record_of_a_charge_has_its_status(store, filled) -> None:
    StoredFacts(store, "host").attribute_pending()
    records = StoredRecords(store, "host")
    users = next(c for c in ACME.agreements[0].charges if c.name == "Active users")
    span = (datetime(2026, 10, 1, 4, tzinfo=UTC), datetime(2026, 11, 1, 4, tzinfo=UTC))
    request = RecordRequest(
        partner="acme",
        charge=users,
        rule=ACME.agreements[0].active_user,
        time_zone="America/New_York",
        period=span,
        reach=span,
        final_at=None,
        price_at=lambda _: Decimal(2),
    )
    found = records.of_charge(request, ("acme",))
    counts = {s: sum(r.status is s for r in found) for s in HostStatus}
    assert (counts[HostStatus.BILLED], counts[HostStatus.REPEATED], counts[HostStatus.FAILED]) == (4, 8, 1)
    assert records.key_of(("acme",), "p1") == found[1].user
    assert records.key_of(("acme",), "ghost") is None
    tasks = next(c for c in ACME.agreements[0].charges if c.name == "Tasks")
    used = records.of_charge(replace(request, charge=tasks, final_at=NOW - timedelta(days=1)), ("acme",))
    assert {r.status for r in used} == {HostStatus.LATE, HostStatus.UNKNOWN_USER}


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (("usage",), {HostStatus.BILLED: 2, HostStatus.REPEATED: 1, HostStatus.NOT_COUNTED: 8}),
        (("login", "usage"), {HostStatus.BILLED: 4, HostStatus.REPEATED: 7}),
    ],
)
def test_active_users_are_compared_by_what_makes_them_active(store, by, expected) -> None:
    """Four people log in twice; two of them use the product, one in two quarters of an hour."""
    rule = replace(ACME.agreements[0].active_user, by=by)
    spec = replace(ACME, agreements=(replace(ACME.agreements[0], active_user=rule),))
    filler = StoreFiller(store=store, realm=REALM, partners=(spec,))
    filler.keep(
        [
            filler.login(
                f"l{n}", BASE + timedelta(hours=n), alias="acme", subject=f"p{n % 4}", session=f"s{n}"
            )
            for n in range(8)
        ],
        read_until=NOW,
    )
    times = [("s0", 60), ("s0", 61), ("s0", 6000), ("s5", 20_000)]
    used = [task(f"u{at}", BASE + timedelta(seconds=at), Decimal(1), session=s) for s, at in times]
    filler.use(used, received=NOW)
    statement = drafted(store, Account(partner=spec)).statement
    line = next(x for x in statement.lines if x.name == "Active users")
    assert line.quantity == expected[HostStatus.BILLED]
    span = (datetime(2026, 10, 1, 4, tzinfo=UTC), datetime(2026, 11, 1, 4, tzinfo=UTC))
    request = RecordRequest(
        partner="acme",
        charge=next(c for c in spec.agreements[0].charges if c.name == "Active users"),
        rule=rule,
        time_zone="America/New_York",
        period=span,
        reach=span,
        final_at=None,
        price_at=lambda _: Decimal(2),
    )
    found = StoredRecords(store, "host").of_charge(request, ("acme",))
    counts = {s: n for s in HostStatus if (n := sum(r.status is s for r in found))}
    assert counts == expected
    billed = {r.user for r in found if r.status is HostStatus.BILLED}
    assert StoredRecords(store, "host").key_of(("acme",), "p0") in billed
