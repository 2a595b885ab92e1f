"""Events in, sessions out: the same on SQLite and PostgreSQL."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from builders.events import (
    DAY,
    EVER,
    HOUR,
    MINUTE,
    REALM,
    T0,
    KnownSubjects,
    event,
    login,
    logout,
    realm,
    refresh,
    register,
)
from builders.partners import partner
from partnergate.attribution.outcome import (
    AttributedSession,
    Exclusion,
    UnattributedReason,
    UnattributedSession,
)
from partnergate.events.event_ids import Gap
from partnergate.events.ports import Advance, StoredEvents
from partnergate.model.agreement import ActiveUserRule
from partnergate.model.instants import from_ms
from partnergate.model.partner import Stage
from partnergate.store import EventIngest
from partnergate.store.meters.active_users import seen_between
from partnergate.store.rebuild import differs_from_raw, ledger_hash, rebuild
from partnergate.store.sessions import queries as ask
from partnergate.store.sessions.event_history import type_kept_between
from partnergate.store.sessions.ingest import gaps_between
from partnergate.store.sessions.subjects import erase_subject, find_subject
from partnergate.store.usage.overview import realm_health


def keep(ingest, *events, seen_ms=T0 + DAY, advance=None, name=REALM):
    return ingest.keep(name, events, seen_ms=seen_ms, advance=advance)


def session(ingest, session_id="s1"):
    with ingest.store.read() as connection:
        return ask.session_of(connection, REALM, session_id, ingest.registry(connection, REALM))


def logins_of(ingest, who="acme"):
    """The logins that count for a partner, oldest first."""
    with ingest.store.read() as connection:
        return connection.execute(
            sa.text(
                "SELECT subject, user_id, excluded FROM logins WHERE realm = :realm AND partner = :who"
                " ORDER BY time_ms, event_id"
            ),
            {"realm": REALM, "who": who},
        ).all()


def test_a_login_becomes_a_session_of_its_partner(ingest):
    keep(ingest, login(T0), event("CODE_TO_TOKEN", T0 + 1, client="host-reports"), logout(T0 + HOUR))
    found = session(ingest)
    assert isinstance(found, AttributedSession)
    assert (found.partner, found.alias, found.user_id) == ("acme", "acme", "u1")
    assert (found.started_at, found.ended_at, found.end_reason) == (from_ms(T0), from_ms(T0 + HOUR), "logout")
    assert found.clients == ("host-app", "host-reports")


def test_every_event_is_stored_once_when_pages_repeat(ingest):
    assert keep(ingest, login(T0), login(T0), logout(T0 + 1)) == 2
    assert keep(ingest, login(T0), logout(T0 + 1)) == 0
    assert ingest.count(REALM, T0, T0 + 1) == 1


def test_the_same_id_in_another_realm_is_another_event(ingest):
    assert keep(ingest, login(T0)) + keep(ingest, login(T0), name="host-staging") == 2


def test_the_first_content_of_an_event_id_is_never_replaced(ingest):
    keep(ingest, login(T0, alias="acme"))
    keep(ingest, login(T0, alias="globex"))
    assert session(ingest).partner == "acme"


def test_a_session_is_unattributed_until_its_late_login_is_read(ingest):
    keep(ingest, refresh(T0 + MINUTE))
    assert session(ingest) == UnattributedSession(
        realm=REALM,
        session_id="s1",
        started_at=from_ms(T0 + MINUTE),
        reason=UnattributedReason.UNKNOWN_SESSION,
        login_event=f"REFRESH_TOKEN-s1-{T0 + MINUTE}",
    )
    keep(ingest, login(T0))
    assert session(ingest).partner == "acme"


def test_a_late_earlier_login_moves_the_session_and_the_logins_that_were_counted(ingest):
    keep(ingest, login(T0, alias="globex"))
    assert len(logins_of(ingest, "globex")) == 1
    keep(ingest, login(T0 - 1, alias="acme"))
    assert [len(logins_of(ingest, who)) for who in ("acme", "globex")] == [1, 0]
    with ingest.store.read() as connection:
        found = connection.execute(
            sa.text(
                "SELECT l.alias, s.partner, s.session_id FROM logins l JOIN sessions s "
                "ON s.realm = l.realm AND s.session_id = l.session_id WHERE l.reason = 'conflict'"
            )
        ).all()
    assert list(map(tuple, found)) == [("globex", "acme", "s1")]


def test_the_cursor_moves_with_the_rows_and_only_forward(ingest):
    keep(ingest, login(T0), advance=Advance(first_ms=5, position_ms=100))
    keep(ingest, advance=Advance(first_ms=9, position_ms=50))
    found = ingest.cursor(REALM)
    assert (found.first_ms, found.position_ms) == (5, 100)
    assert ingest.cursor("never-read") is None


def test_a_failed_follow_up_undoes_rows_and_cursor(store):
    def fail(connection, name, touched):
        raise RuntimeError("power cut")

    ingest = EventIngest(store=store, subjects=KnownSubjects(), after=(fail,))
    with pytest.raises(RuntimeError):
        keep(ingest, login(T0), advance=Advance(first_ms=0, position_ms=9))
    assert ingest.cursor(REALM) is None
    assert ingest.count(REALM, 0, T0 * 2) == 0


def test_a_follow_up_receives_the_changed_sessions_and_users(store):
    received = []
    ingest = EventIngest(
        store=store, subjects=KnownSubjects(), after=(lambda c, r, touched: received.append((r, touched)),)
    )
    keep(ingest, login(T0))
    ((name, touched),) = received
    assert (name, touched.sessions, touched.users) == (REALM, {"s1"}, {"u1"})


def test_refreshes_count_once_a_quarter_by_their_first_instant(ingest):
    quarter = T0 - T0 % (15 * MINUTE)
    times = (quarter + 5, quarter + 1, quarter + 15 * MINUTE)
    keep(ingest, login(quarter), *(refresh(t) for t in times))
    with ingest.store.read() as connection:
        seen = list(seen_between(connection, REALM, "acme", ActiveUserRule(by=("refresh",)), EVER))
    assert sorted(s.time for s in seen) == [from_ms(quarter + 1), from_ms(quarter + 15 * MINUTE)]


def test_pitfall_4_a_refresh_after_the_suspension_is_not_billed_though_its_session_began_before(ingest):
    keep(ingest, login(T0), refresh(T0 + HOUR), refresh(T0 + 3 * HOUR))
    suspended = (partner("acme", stage=Stage.SUSPENDED), partner("globex"))
    ingest.record_registry(realm(), suspended, T0 + 2 * HOUR)
    with ingest.store.read() as connection:
        seen = seen_between(connection, REALM, "acme", ActiveUserRule(by=("refresh",)), EVER)
        found = sorted((s.time, s.excluded) for s in seen)
    assert found == [(from_ms(T0 + HOUR), None), (from_ms(T0 + 3 * HOUR), Exclusion.SUSPENDED)]


def test_pitfall_5_a_user_who_moves_belongs_to_each_partner_in_its_time(ingest):
    keep(ingest, login(T0, alias="acme", session="a"), login(T0 + HOUR, alias="globex", session="b"))
    assert [session(ingest, name).partner for name in ("a", "b")] == ["acme", "globex"]


def test_pitfall_14_a_user_made_again_keeps_one_subject(ingest):
    keep(ingest, login(T0, session="a", user="u1"), login(T0 + DAY, session="b", user="u2"))
    assert len({one.subject for one in logins_of(ingest)}) == 1
    assert [one.user_id for one in logins_of(ingest)] == ["u1", "u2"]


def test_pitfall_14_a_user_keeps_the_subject_across_a_restart(ingest):
    """Subjects are random; only the store contains the mapping to a subject, no process does."""
    for n in range(2):
        restarted = EventIngest(store=ingest.store)
        keep(restarted, login(T0 + n * DAY, session=f"s{n}", user=f"u{n}"))
    assert len({one.subject for one in logins_of(ingest)}) == 1


def test_pitfall_17_erasing_a_user_anonymizes_irreversibly_and_keeps_every_count(ingest):
    keep(ingest, register(T0, email="ada@acme.test"), login(T0))
    with ingest.store.write() as connection:
        before = ledger_hash(connection, REALM)
        key = erase_subject(connection, "acme", "ada", T0)
    with ingest.store.read() as connection:
        assert find_subject(connection, "acme", "ada") is None
        assert ledger_hash(connection, REALM) == before
        assert (
            connection.execute(sa.text("SELECT email_key FROM raw_events WHERE type = 'REGISTER'")).scalar()
            is None
        )
    assert [one.subject for one in logins_of(ingest)] == [key]


def test_pitfall_17_a_user_who_returns_after_erasure_gets_a_new_subject(store):
    ingest = EventIngest(store=store)
    ingest.record_registry(realm(), (partner("acme"),), 0)
    keep(ingest, login(T0, session="a"))
    with store.write() as connection:
        erase_subject(connection, "acme", "ada", T0)
    keep(ingest, login(T0 + DAY, session="b"))
    assert len({one.subject for one in logins_of(ingest)}) == 2


def test_pitfall_22_a_restored_server_that_replays_its_log_adds_nothing(ingest):
    log = [login(T0 + n, session=f"s{n}") for n in range(200)]
    keep(ingest, *log)
    with ingest.store.read() as connection:
        before = ledger_hash(connection, REALM)
    assert keep(ingest, *reversed(log)) == 0
    with ingest.store.read() as connection:
        assert ledger_hash(connection, REALM) == before


def test_no_clear_personal_data_reaches_any_table(ingest):
    keep(
        ingest, register(T0, email="ada.lovelace@acme.test", subject="ada-lovelace", first_name="Ada"),
        login(T0, subject="ada-lovelace"),
        event("LOGIN_ERROR", T0, error="invalid", username="ada-lovelace", email="ada.lovelace@acme.test"),
    )  # fmt: skip
    with ingest.store.read() as connection:
        for table in sa.inspect(connection).get_table_names():
            text = repr(connection.exec_driver_sql(f"SELECT * FROM {table}").all()).lower()
            assert "lovelace" not in text, table


def test_unchanged_files_are_not_recorded_again(ingest):
    assert ingest.record_registry(realm(), (partner("acme"), partner("globex", commit="abc")), 99) == ()


def test_a_changed_partner_is_a_new_version_from_then_on(ingest):
    changed = partner("acme", aliases=("acme", "acme-eu"))
    assert ingest.record_registry(realm(), (changed, partner("globex")), T0) == ("acme",)
    with ingest.store.read() as connection:
        known = ingest.registry(connection, REALM)
    assert known.partner_of("acme-eu", from_ms(T0 - 1)) is None
    assert known.partner_of("acme-eu", from_ms(T0)) == "acme"


def test_a_partner_recorded_later_gets_the_sessions_that_waited_for_it(ingest):
    keep(ingest, login(T0, alias="initech"))
    assert session(ingest).reason is UnattributedReason.UNKNOWN_ALIAS
    ingest.record_registry(realm(), (partner("acme"), partner("globex"), partner("initech")), T0 + DAY)
    assert session(ingest).partner == "initech"
    assert len(logins_of(ingest, "initech")) == 1


def test_a_suspension_ends_the_live_sessions_and_excludes_later_logins(ingest):
    keep(ingest, login(T0, session="live"), login(T0 + DAY, session="after"))
    ingest.record_registry(realm(), (partner("acme", stage=Stage.SUSPENDED), partner("globex")), T0 + HOUR)
    live, after = session(ingest, "live"), session(ingest, "after")
    assert (live.ended_at, live.end_reason, live.excluded) == (from_ms(T0 + HOUR), "suspended", None)
    assert after.excluded is Exclusion.SUSPENDED


def test_a_partner_without_a_file_is_retired_from_then_on(ingest):
    ingest.record_registry(realm(), (partner("globex"),), T0)
    with ingest.store.read() as connection:
        known = ingest.registry(connection, REALM)
    assert known.spec_at("acme", from_ms(T0)).stage is Stage.RETIRED
    assert known.spec_at("acme", from_ms(T0 - 1)).stage is Stage.LIVE
    assert ingest.record_registry(realm(), (partner("globex"),), T0 + 1) == ()


def test_test_users_by_identifier_are_excluded_and_their_identifiers_not_stored(ingest):
    keep(ingest, login(T0, subject="tester-tim"))
    ingest.record_registry(realm(), (partner("acme", testers=("tester-tim",)), partner("globex")), T0 - DAY)
    assert session(ingest).excluded is Exclusion.TEST_USER
    with ingest.store.read() as connection:
        assert "tester-tim" not in repr(connection.exec_driver_sql("SELECT * FROM partner_versions").all())


def test_test_users_are_billed_after_their_last_day(ingest):
    spec = partner("acme", testers=("tester-tim",))
    last = from_ms(T0).date()
    spec = replace(spec, test_users=(replace(spec.test_users[0], until=last),))
    ingest.record_registry(realm(), (spec, partner("globex")), T0 - DAY)
    keep(ingest, login(T0, subject="tester-tim"), login(T0 + DAY, session="after", subject="tester-tim"))
    assert session(ingest).excluded is Exclusion.TEST_USER
    assert session(ingest, "after").excluded is None


def test_test_users_by_domain_are_excluded_even_when_the_domain_is_learnt_late(ingest):
    ingest.record_registry(realm(), (partner("acme", test_domains=("qa.test",)), partner("globex")), 0)
    keep(ingest, login(T0))
    assert session(ingest).excluded is None
    keep(ingest, register(T0 - 1, email="tim@qa.test"))
    assert session(ingest).excluded is Exclusion.TEST_USER
    assert [one.excluded for one in logins_of(ingest)] == [Exclusion.TEST_USER]


def test_a_changed_host_client_list_draws_conclusions_again(ingest):
    keep(ingest, login(T0, client="new-app"))
    assert session(ingest).reason is UnattributedReason.FOREIGN_CLIENT
    ingest.record_registry(
        realm(clients=("host-app", "new-app")), (partner("acme"), partner("globex")), T0 - DAY
    )
    assert session(ingest).partner == "acme"


def test_an_event_with_a_timestamp_in_the_future_is_stored_and_does_not_count(ingest):
    keep(ingest, login(T0 + HOUR), seen_ms=T0)
    assert keep(ingest, login(T0 + HOUR), seen_ms=T0 + 2 * HOUR) == 0
    assert session(ingest) is None
    assert not differs_from_raw(ingest.store, REALM)


def test_a_rebuild_gives_identical_tables(ingest):
    ingest.record_registry(realm(), (partner("acme", test_domains=("qa.test",)), partner("globex")), T0 + 7)
    for n in range(300):
        keep(
            ingest,
            login(
                T0 + n * 7 % 50,
                session=f"s{n % 40}",
                alias=("acme", "globex", "x", None)[n % 4],
                event_id=f"e{n}",
            ),
            refresh(T0 + n * MINUTE, session=f"s{n % 50}"),
            register(T0 + n, email=f"a@{'qa' if n % 3 else 'x'}.test"),
        )
    with ingest.store.read() as connection:
        before = ledger_hash(connection, REALM)
    assert rebuild(ingest.store, REALM) > 600
    with ingest.store.read() as connection:
        assert ledger_hash(connection, REALM) == before
    assert not differs_from_raw(ingest.store, REALM)


def test_verify_reports_a_session_that_was_changed_by_hand_and_fixes_nothing(ingest):
    keep(ingest, login(T0))
    with ingest.store.write() as connection:
        connection.exec_driver_sql("UPDATE sessions SET partner = 'globex'")
    assert differs_from_raw(ingest.store, REALM)
    assert session(ingest).partner == "globex"


def test_every_login_is_a_partners_or_has_a_reason(ingest):
    keep(
        ingest,
        login(T0, session="a"),
        login(T0, alias="x", session="b"),
        login(T0, client="account", session="c"),
        event("IMPERSONATE", T0, session="d"),
        login(T0 + 1, session="d"),
        login(T0 + 1, alias="globex", session="a"),
    )
    with ingest.store.read() as connection:
        rows = connection.exec_driver_sql("SELECT partner, reason FROM logins").all()
    assert len(rows) == 5
    assert all((p is None) != (r is None) for p, r in rows)
    assert {r for _, r in rows} == {None, "unknown_alias", "foreign_client", "impersonation", "conflict"}


def test_gaps_that_touch_become_one(ingest):
    def gap(start, end, reason="events_disabled"):
        return Gap(realm=REALM, start=from_ms(start), end=from_ms(end), reason=reason)

    ingest.note_gaps([gap(10, 20), gap(40, 50), gap(20, 30), gap(25, 26, "retention")])
    ingest.note_gaps([gap(30, 40)])
    with ingest.store.read() as connection:
        assert gaps_between(connection, REALM, 0, 100) == (gap(10, 50), gap(25, 26, "retention"))
        assert gaps_between(connection, REALM, 50, 100) == ()


def test_every_change_of_the_settings_is_stored(ingest):
    on = StoredEvents(enabled=True, types=frozenset({"LOGIN"}), expiration_s=60)
    off = StoredEvents(enabled=False, types=frozenset(), expiration_s=60)
    for at, settings in ((1, on), (2, on), (3, off)):
        ingest.note_settings(REALM, settings, at)
    keep(ingest, advance=Advance(first_ms=0, position_ms=0))
    found = ingest.cursor(REALM)
    assert (found.settings, found.settings_ms) == (off, 3)
    with ingest.store.read() as connection:
        assert connection.exec_driver_sql(
            "SELECT since_ms, checked_ms FROM event_settings ORDER BY 1"
        ).all() == [(1, 2), (3, 3)]


def test_pitfall_7_a_refresh_rule_applies_only_if_refreshes_were_always_stored(ingest):
    kept = StoredEvents(enabled=True, types=frozenset({"LOGIN", "REFRESH_TOKEN"}), expiration_s=60)
    for at, settings in ((10, kept), (20, replace(kept, types=frozenset({"LOGIN"}))), (30, kept), (40, kept)):
        ingest.note_settings(REALM, settings, at)
    with ingest.store.read() as connection:
        answers = [
            type_kept_between(connection, REALM, "REFRESH_TOKEN", *span)
            for span in ((0, 5), (10, 20), (12, 15), (10, 21), (25, 28), (25, 35), (30, 99))
        ]
    assert answers == [False, True, True, False, False, False, True]


def test_a_realm_that_drops_logins_alone_raises_the_alarm_as_one_that_drops_all_does(ingest):
    """The switch is still on then; only the list of kinds is shorter."""
    kinds = frozenset({"LOGIN", "LOGOUT", "REFRESH_TOKEN"})

    def health():
        with ingest.store.read() as connection:
            return realm_health(connection, REALM)

    assert health().keeps_logins is None
    for n, (enabled, types, keeps) in enumerate((
        (True, kinds, True),
        (True, kinds - {"LOGIN"}, False),
        (True, frozenset(), True),
        (False, kinds, False),
    )):  # fmt: skip
        ingest.note_settings(REALM, StoredEvents(enabled=enabled, types=types, expiration_s=60), T0 + n)
        assert health().keeps_logins is keeps


def test_the_end_of_the_newest_gap_is_reported_although_gaps_are_merged(ingest):
    with ingest.store.read() as connection:
        assert realm_health(connection, REALM).last_gap_end is None
    for start, end in ((T0, T0 + HOUR), (T0 + HOUR, T0 + 2 * HOUR)):
        ingest.note_gaps([Gap(realm=REALM, start=from_ms(start), end=from_ms(end), reason="events_disabled")])
        with ingest.store.read() as connection:
            health = realm_health(connection, REALM)
        assert (health.gaps, health.last_gap_end) == (1, from_ms(end))
