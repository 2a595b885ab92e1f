"""Meters of logins, sessions and active users from rollups equal those over the rows, after any history.

``PARTNERGATE_HISTORIES`` says how many histories; each is asked after every step, so that an answer
never depends on what has been counted already.
"""

import os
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders.events import REALM, KnownSubjects, login, realm, refresh
from builders.partners import partner
from builders.usage import NOW, every_meter
from builders.usage import usage as event_used
from partnergate.metering.meters import (
    MeteredSpan,
    active_user_quantity,
    occurrence_quantity,
    occurrence_tallies,
)
from partnergate.model.agreement import ActiveUserRule
from partnergate.model.partner import Stage
from partnergate.store import EventIngest, open_store
from partnergate.store.meters.active_users import logins_between, seen_between, sessions_between
from partnergate.store.meters.login_hours import count_stale_hours
from partnergate.store.rebuild import rebuild
from partnergate.store.usage.ledger import StoredUsage

HISTORIES = int(os.environ.get("PARTNERGATE_HISTORIES", "12"))
BEGIN = NOW - timedelta(days=12)
MINUTE = 60_000
LOGINS = st.lists(
    st.tuples(
        st.one_of(
            st.integers(0, 11 * 24 * 60),
            # Around midnight in Kathmandu, which no whole hour of UTC has: BEGIN is noon.
            st.builds(lambda day, n: (day * 24 + 6) * 60 + n, st.integers(0, 3), st.integers(1, 59)),
        ),
        st.sampled_from(["ada", "bob", "cy", "tester"]),
        st.sampled_from(["acme", "acme", "globex"]),
        st.integers(0, 6),
    ),
    min_size=1,
    max_size=12,
)
STEPS = st.lists(
    st.one_of(LOGINS, st.sampled_from(["count", "count", "suspend", "resume", "tester", "use", "rebuild"])),
    min_size=1,
    max_size=8,
)
EDGES = st.lists(st.integers(0, 12 * 96 * 15), min_size=4, max_size=4).map(sorted)
EVERY_WAY = ("login", "refresh", "usage")
RULES = tuple(
    (ActiveUserRule(by=by, unique_by=unique_by, min_days=days), zone)
    for (unique_by, days), zone, ways in zip(
        product(("partner_subject", "keycloak_user"), (1, 3)),
        ("America/New_York", "Asia/Kathmandu", "UTC", "Europe/Berlin"),
        (
            (("login",), EVERY_WAY),
            (("login",), ("usage",)),
            (EVERY_WAY, ("refresh",)),
            (EVERY_WAY, ("usage",)),
        ),
        strict=True,
    )
    for by in ways
)


def play(store, steps, asked):
    """Every step, and after each the answers to what is asked, from rollups and from the rows."""
    ingest = EventIngest(store=store, subjects=KnownSubjects())
    usage = StoredUsage(store, source=KnownSubjects())
    terms = (every_meter(by=EVERY_WAY),)
    files = {
        "acme": replace(partner("acme", testers=("tester",)), agreements=terms),
        "globex": replace(partner("globex"), agreements=terms),
    }
    known = []
    clock = int(BEGIN.timestamp() * 1000)
    ingest.record_registry(realm(REALM), tuple(files.values()), 0)
    yield from _answers(store, asked)
    for number, step in enumerate(steps):
        match step:
            case "count":
                count_stale_hours(store)
            case "suspend" | "resume":
                stage = Stage.SUSPENDED if step == "suspend" else Stage.LIVE
                files["acme"] = replace(files["acme"], stage=stage)
                clock += 40 * 60 * MINUTE
                ingest.record_registry(realm(REALM), tuple(files.values()), clock)
            case "tester":
                clock += 30 * 60 * MINUTE
                since = (BEGIN + timedelta(days=4)).date()
                tested = partner("globex", testers=("bob",), since=since)
                files["globex"] = replace(tested, agreements=terms)
                ingest.record_registry(realm(REALM), tuple(files.values()), clock)
            case "use":
                usage.append(REALM, _used(number, known), BEGIN + timedelta(days=40))
                usage.attribute_pending()
            case "rebuild":
                rebuild(store, REALM)
                usage.rebuild()
            case logins:
                known.extend(logins)
                ingest.keep(REALM, _events(number, logins), seen_ms=clock + 10**10, advance=None)
                usage.attribute_pending()
        yield from _answers(store, asked)
    while count_stale_hours(store):
        pass
    with store.read() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM login_stale")).scalar_one() == 0
    yield from _answers(store, asked)


def _events(number, logins):
    first = int(BEGIN.timestamp() * 1000)
    for n, (minute, subject, alias, session) in enumerate(logins):
        at = first + minute * MINUTE
        who = {"session": f"{alias}-{subject}-{session}", "user": f"user-{alias}-{subject}"}
        yield login(at, event_id=f"l{number}-{n}", alias=alias, subject=subject, **who)
        yield refresh(at + 7 * MINUTE, event_id=f"r{number}-{n}", **who)


def _used(number, logins):
    """Usage some minutes after each login, off the whole millisecond."""
    return [
        event_used(
            f"{number}-{n}",
            at=BEGIN + timedelta(minutes=minute + n % 50, microseconds=7 * n),
            session=f"{alias}-{subject}-{session}",
        )
        for n, (minute, subject, alias, session) in enumerate(logins)
    ]


def _answers(store, asked):
    reader = StoredUsage(store, source=KnownSubjects()).reader(REALM, up_to_date=True)
    for span, (rule, zone), who in asked:
        terms = replace(every_meter(zone=zone), active_user=rule)
        only = tuple(c for c in terms.charges if c.name in {"users", "logins", "sessions"})
        found = reader.quantities(
            who,
            replace(terms, charges=only),
            span.start,
            span.end,
            whole=(span.whole_start, span.whole_end),
        )
        with store.read() as connection:
            seen = seen_between(connection, REALM, who, rule, (span.whole_start, span.whole_end))
            yield (
                found,
                (
                    active_user_quantity("users", who, seen, span, rule=rule, time_zone=zone),
                    *(
                        occurrence_quantity(
                            name,
                            occurrence_tallies(between(connection, REALM, who, span.start, span.end), span),
                            span,
                        )
                        for name, between in (("logins", logins_between), ("sessions", sessions_between))
                    ),
                ),
            )


def _questions(edges):
    at = [BEGIN + timedelta(minutes=n) for n in edges]
    span = MeteredSpan(start=at[1], end=at[2], whole_start=at[0], whole_end=at[3])
    whole = MeteredSpan(start=at[0], end=at[3], whole_start=at[0], whole_end=at[3])
    return [(s, rule, who) for s, rule, who in product((span, whole), RULES, ("acme", "globex"))]


@settings(max_examples=HISTORIES, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS, edges=EDGES)
def test_rollups_equal_the_rows_after_every_step_of_any_history(tmp_path_factory, steps, edges):
    path = tmp_path_factory.mktemp("logins") / "store.db"
    with open_store(f"sqlite:///{path}") as store:
        for from_rollups, from_rows in play(store, steps, _questions(edges)):
            assert from_rollups == from_rows


STORY = (
    [(n * 97, ("ada", "bob", "cy", "tester")[n % 4], ("acme", "globex")[n % 5 == 0], n % 7) for n in range(80)],
    "count",
    [(n * 61 + 3, ("ada", "dee")[n % 2], "acme", n % 7) for n in range(60)],
    "use",
    "suspend",
    "count",
    "tester",
    "use",
    "rebuild",
    [(n * 31, "eve", "acme", 5) for n in range(9)],
    # Two evenings and one morning in Kathmandu: three days, although two lie in one hour of UTC.
    [((day * 24 + 6) * 60 + n, "dee", "globex", 1) for day, n in ((6, 10), (6, 20), (8, 10))],
    [((day * 24 + 6) * 60 + n, "eve", "globex", 1) for day, n in ((5, 10), (6, 5), (6, 12), (6, 14))],
    "use",
    "resume",
)  # fmt: skip


@pytest.mark.parametrize(
    "edges", [(0, 700, 9_000, 16_000), (60, 60, 16_020, 16_020), (345, 4_000, 4_001, 12_345)]
)
def test_rollups_equal_the_rows_on_each_database(store, edges):
    answers = list(play(store, STORY, _questions(edges)))
    for from_rollups, from_rows in answers:
        assert from_rollups == from_rows
    users, logins, sessions = answers[-4][0]
    assert users.value
    assert logins.value
    assert sessions.value


def test_refreshes_follow_a_session_that_an_earlier_login_moves_after_they_were_counted(store):
    at = int(BEGIN.timestamp() * 1000)
    who = {"session": "s", "user": "u", "subject": "ada"}
    ingest = EventIngest(store=store, subjects=KnownSubjects())
    ingest.record_registry(realm(REALM), (partner("acme"), partner("globex")), 0)
    seen = [login(at + 9 * MINUTE, event_id="l", alias="acme", **who)]
    seen += [refresh(at + n * 90 * MINUTE, event_id=f"r{n}", session="s", user="u") for n in (1, 2, 3)]
    ingest.keep(REALM, seen, seen_ms=at + 10**10, advance=None)

    def active(who):
        end = BEGIN + timedelta(days=11)
        span = MeteredSpan(start=BEGIN, end=end, whole_start=BEGIN, whole_end=end)
        ((from_rollups, from_rows),) = _answers(
            store, [(span, (ActiveUserRule(by=("refresh",)), "UTC"), who)]
        )
        assert from_rollups == from_rows
        return from_rollups[0].value

    while count_stale_hours(store):
        pass
    assert (active("acme"), active("globex")) == (1, 0)
    ingest.keep(
        REALM, [login(at, event_id="earlier", alias="globex", **who)], seen_ms=at + 10**10, advance=None
    )
    assert (active("acme"), active("globex")) == (0, 1)
    while count_stale_hours(store):
        pass
    assert (active("acme"), active("globex")) == (0, 1)
