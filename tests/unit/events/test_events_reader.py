"""One realm, round by round, against a server with realistic behavior."""

import dataclasses
import threading

import pytest

from builders.events import DAY, HOUR, MINUTE, T0, login
from fakes.events import IN_ORDER, Clock, FakeKeeper, FakeKeycloak, reader_of
from partnergate.errors import KeycloakUnreachableError
from partnergate.model.instants import to_ms


@pytest.fixture
def server():
    return FakeKeycloak(T0)


@pytest.fixture
def keeper():
    return FakeKeeper()


@pytest.fixture
def clock(server):
    return Clock(server)


def many(number, *, start=T0 - 30 * DAY, step=1_000):
    return [login(start + n * step, session=f"s{n}") for n in range(number)]


def test_backfill_reads_the_complete_history_in_pages(server, keeper, clock):
    server.add(*many(1_000))
    assert reader_of(server, keeper, clock, page=70).round() == 1_000


def test_a_long_backfill_does_not_remember_every_id(server, keeper, clock):
    server.add(*many(3_000, step=60_000))
    most = 0
    reader = reader_of(server, keeper, clock, page=50)

    def keep(realm, events, **more):
        nonlocal most
        most = max(most, len(reader._recent))
        return FakeKeeper.keep(keeper, realm, events, **more)

    reader.keeper.keep = keep
    assert reader.round() == 3_000
    assert most <= 50 * 5


def test_pitfall_11_events_of_one_millisecond_beyond_a_page_are_all_read(server, keeper, clock):
    server.add(*many(500, step=0), *many(3, start=T0 - DAY))
    reader_of(server, keeper, clock, page=20).round()
    assert len(keeper.kept["host"]) == 503


@pytest.mark.parametrize("minutes", [3, 8])
def test_pitfall_11_an_event_committed_after_a_newer_one_is_not_missed(server, keeper, clock, minutes):
    """Eight, because the cursor stays an overlap behind and each round begins an overlap before it."""
    server.add(login(T0 - MINUTE, session="new"))
    reader = reader_of(server, keeper, clock)
    reader.round()
    server.add(login(T0 - minutes * MINUTE, session="late"))
    clock.pass_seconds(60)
    assert reader.round() == 1


def test_the_cursor_is_one_overlap_behind(server, keeper, clock):
    reader_of(server, keeper, clock).round()
    assert keeper.cursors["host"].position_ms == T0 - 5 * MINUTE


def test_between_complete_rounds_new_events_are_read_from_the_tail(server, keeper, clock):
    reader = reader_of(server, keeper, clock)
    reader.round()
    position = keeper.cursors["host"].position_ms
    clock.pass_seconds(2)
    server.add(login(server.now_ms, session="now"))
    assert reader.round() == 1
    assert keeper.cursors["host"].position_ms == position


def test_an_event_is_handed_over_once_though_it_is_read_again(server, keeper, clock):
    server.add(login(T0 - MINUTE))
    reader = reader_of(server, keeper, clock)
    assert [reader.round() for _ in range(3) if clock.pass_seconds(61) is None] == [1, 0, 0]


def test_a_new_reader_continues_at_the_cursor_of_the_previous_one(server, keeper, clock):
    server.add(*many(100))
    reader_of(server, keeper, clock, page=10).round()
    clock.pass_seconds(3600)
    server.add(login(server.now_ms - 1000, session="after"))
    before = server.calls
    assert reader_of(server, keeper, clock, page=10).round() == 1
    assert server.calls - before < 20


def test_no_event_is_lost_while_keycloak_is_unavailable(server, keeper, clock):
    reader = reader_of(server, keeper, clock)
    reader.round()
    server.down = True
    server.add(login(T0 + MINUTE, session="meanwhile"))
    waits = []
    for _ in range(9):
        with pytest.raises(KeycloakUnreachableError) as caught:
            reader.round()
        waits.append(reader.failed(caught.value))
        clock.pass_seconds(waits[-1])
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    server.down = False
    assert reader.round() == 1
    assert reader.status.failures == 0


def test_no_event_is_lost_while_the_database_is_unavailable(server, keeper, clock):
    server.add(login(T0 - HOUR))
    reader = reader_of(server, keeper, clock)
    keeper.down = True
    with pytest.raises(Exception, match="database") as caught:
        reader.round()
    reader.failed(caught.value)
    keeper.down = False
    assert reader.round() == 1


def test_events_switched_off_are_seen_within_a_minute_and_the_gap_is_noted(server, keeper, clock):
    reader = reader_of(server, keeper, clock)
    reader.round()
    server.config["host"] = dataclasses.replace(IN_ORDER, enabled=False)
    clock.pass_seconds(31)
    reader.round()
    assert not reader.status.keeps_logins
    assert [g.reason for g in keeper.gaps] == ["events_disabled"]


def test_a_cleared_log_is_noted_once(server, keeper, clock):
    server.add(*many(10, start=T0 - HOUR))
    reader = reader_of(server, keeper, clock)
    reader.round()
    server.clear()
    for _ in range(3):
        clock.pass_seconds(31)
        reader.round()
    assert [g.reason for g in keeper.gaps] == ["events_cleared"]


def test_expired_events_are_no_clearing(server, keeper, clock):
    server.add(*many(10, start=T0 - HOUR))
    reader = reader_of(server, keeper, clock, history_s=1e12)
    reader.round()
    for _ in range(100):
        clock.pass_seconds(86_400)
        server.expire()
        reader.round()
    assert keeper.gaps == []


def test_pitfall_12_an_outage_beyond_the_retention_is_a_gap(server, keeper, clock):
    reader_of(server, keeper, clock).round()
    clock.pass_seconds(100 * 86_400)
    server.expire()
    reader_of(server, keeper, clock).round()
    (gap,) = keeper.gaps
    assert (gap.reason, to_ms(gap.start)) == ("retention", T0 - 5 * MINUTE)


def test_a_realm_younger_than_its_retention_starts_without_a_gap(server, keeper, clock):
    server.add(login(T0 - DAY))
    reader_of(server, keeper, clock).round()
    assert keeper.gaps == []


def test_a_realm_older_than_its_retention_starts_with_a_gap(server, keeper, clock):
    server.add(login(T0 - 90 * DAY + HOUR))
    reader_of(server, keeper, clock).round()
    assert [g.reason for g in keeper.gaps] == ["retention"]


def test_pitfall_22_a_day_that_lost_events_after_they_were_read_is_history_changed(server, keeper, clock):
    server.add(*many(50, start=T0 - 2 * DAY))
    reader = reader_of(server, keeper, clock)
    reader.round()
    server.logs["host"].pop(10)
    clock.pass_seconds(3601)
    reader.round()
    assert [g.reason for g in keeper.gaps] == ["history_changed"]


def test_pitfall_22_a_day_that_gained_events_is_read_again(server, keeper, clock):
    server.add(*many(50, start=T0 - 2 * DAY))
    reader = reader_of(server, keeper, clock)
    reader.round()
    server.add(login(T0 - 2 * DAY + HOUR, session="restored"))
    clock.pass_seconds(3601)
    reader.round()
    assert len(keeper.kept["host"]) == 51
    assert keeper.gaps == []


def test_events_with_timestamps_in_the_future_are_counted_for_an_alert(server, keeper, clock):
    server.add(login(T0 + 6 * MINUTE))
    reader = reader_of(server, keeper, clock)
    reader.round()
    assert reader.status.future == 1


def test_pitfall_10_skew_is_the_servers_clock_minus_ours(server, keeper, clock):
    reader = reader_of(server, keeper, clock)
    reader.wall = lambda: server.now_ms / 1000 - 7
    reader.round()
    assert reader.status.skew_s == pytest.approx(7, abs=1)


def test_events_switched_off_during_a_long_catch_up_are_an_alarm_within_a_minute(server, keeper, clock):
    server.add(*many(300))
    reader = reader_of(server, keeper, clock, page=20)
    events, seen = server.events, []

    def slowly(realm, *window):
        clock.pass_seconds(10)
        if len(keeper.kept.get("host", ())) > 100:
            server.config["host"] = dataclasses.replace(IN_ORDER, enabled=False)
            seen.append((clock.now, reader.status.keeps_logins))
        return events(realm, *window)

    server.events = slowly
    reader.round()
    off, alarm = seen[0][0], next(at for at, keeps in seen if not keeps)
    assert alarm - off <= 60
    assert "events_disabled" in {gap.reason for gap in keeper.gaps}


def test_a_stopping_reader_does_not_wait_for_the_page_that_it_requested(server, keeper, clock):
    server.add(*many(100))
    hangs, requested = threading.Event(), threading.Event()
    reader = reader_of(server, keeper, clock, page=40)
    events, pages = server.events, []

    def hanging(realm, start_ms, end_ms, first, most):
        if threading.current_thread().name.startswith("events-ahead"):
            pages.append(start_ms)
            if len(pages) == 3:
                requested.set()
                hangs.wait(60)
        return events(realm, start_ms, end_ms, first, most)

    server.events = hanging
    thread = threading.Thread(target=reader.run)
    thread.start()
    try:
        assert requested.wait(30)
        while len(keeper.kept["host"]) < 79:  # the two pages before it are kept
            assert thread.is_alive()
        reader.stop.set()
        thread.join(30)
        assert not thread.is_alive()
    finally:
        hangs.set()
    assert not reader.status.caught_up


def test_a_stopping_reader_ends_after_its_page(server, keeper, clock):
    server.add(*many(100))
    reader = reader_of(server, keeper, clock, page=10)
    keep = keeper.keep

    def stopping(*args, **kwargs):
        reader.stop.set()
        return keep(*args, **kwargs)

    keeper.keep = stopping
    reader.run()
    assert len(keeper.kept["host"]) == 10
    assert keeper.cursors["host"].position_ms < T0 - 29 * DAY


def test_pitfall_13_an_expiry_that_stopped_shows_in_the_age_of_the_oldest_event(server, keeper, clock):
    server.add(login(T0 - 200 * DAY), login(T0 - DAY))
    reader = reader_of(server, keeper, clock)
    reader.round()
    assert reader.status.oldest_age_s == pytest.approx(200 * 86_400, abs=1)
    assert reader.status.oldest_age_s > reader.status.retention_s + 86_400
    server.expire()
    clock.pass_seconds(300)
    reader.round()
    assert reader.status.oldest_age_s == pytest.approx(86_400 + 300, abs=1)


def test_pitfall_13_a_log_without_events_has_no_age(server, keeper, clock):
    reader = reader_of(server, keeper, clock)
    reader.round()
    assert reader.status.oldest_age_s == 0


def test_pitfall_13_the_lag_grows_while_nothing_can_be_read(server, keeper, clock):
    reader = reader_of(server, keeper, clock)
    reader.round()
    before = keeper.cursors["host"].position_ms
    server.down = True
    clock.pass_seconds(3_600)
    with pytest.raises(KeycloakUnreachableError):
        reader.round()
    assert server.now_ms - keeper.cursors["host"].position_ms >= 3_600_000
    assert keeper.cursors["host"].position_ms == before
