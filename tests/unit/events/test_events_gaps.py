"""Where events may be lost."""

import dataclasses

from builders.events import DAY, T0
from fakes.events import IN_ORDER
from partnergate.events.gaps import (
    cleared_gap,
    disabled_gap,
    first_gap,
    keeps_logins,
    missing_types,
    retention_gap,
)
from partnergate.events.history import days_to_check
from partnergate.events.ports import Cursor, StoredEvents
from partnergate.model.instants import from_ms

OFF = dataclasses.replace(IN_ORDER, enabled=False)


def cursor(position_ms=T0, **changes):
    return Cursor(
        **({"first_ms": 0, "position_ms": position_ms, "settings": IN_ORDER, "settings_ms": T0} | changes)
    )


def test_an_outage_longer_than_the_retention_is_a_gap():
    gap = retention_gap("host", cursor(T0), IN_ORDER, T0 + 100 * DAY)
    assert (gap.start, gap.end, gap.reason) == (from_ms(T0), from_ms(T0 + 10 * DAY), "retention")


def test_an_outage_shorter_than_the_retention_is_none():
    assert retention_gap("host", cursor(T0), IN_ORDER, T0 + 90 * DAY) is None


def test_events_without_expiration_never_expire():
    without_expiration = dataclasses.replace(IN_ORDER, expiration_s=0)
    assert retention_gap("host", cursor(0), without_expiration, T0) is None
    assert first_gap("host", without_expiration, T0) is None


def test_a_span_that_expired_before_the_first_reading_is_a_gap():
    assert first_gap("host", IN_ORDER, T0).end == from_ms(T0 - 90 * DAY)


def test_events_switched_off_are_a_gap_since_they_were_last_seen_on():
    gap = disabled_gap("host", cursor(), OFF, T0 + 60_000)
    assert (gap.start, gap.end, gap.reason) == (from_ms(T0), from_ms(T0 + 60_000), "events_disabled")


def test_the_gap_ends_when_they_are_on_again():
    gap = disabled_gap("host", cursor(settings=OFF), IN_ORDER, T0 + 60_000)
    assert gap.end == from_ms(T0 + 60_000)


def test_events_on_then_and_now_are_no_gap():
    assert disabled_gap("host", cursor(), IN_ORDER, T0 + 60_000) is None


def test_a_list_of_types_without_logins_is_as_good_as_off():
    without = dataclasses.replace(IN_ORDER, types=frozenset({"REGISTER"}))
    assert not keeps_logins(without)
    assert keeps_logins(dataclasses.replace(IN_ORDER, types=frozenset({"LOGIN", "LOGOUT"})))


def test_types_that_an_agreement_needs_and_the_realm_drops_are_named():
    only = dataclasses.replace(IN_ORDER, types=frozenset({"LOGIN", "LOGOUT"}))
    assert missing_types(only, {"REFRESH_TOKEN", "LOGIN"}) == ("REFRESH_TOKEN",)
    assert missing_types(OFF, {"LOGIN"}) == ("LOGIN",)
    own = dataclasses.replace(IN_ORDER, types=frozenset())
    assert missing_types(own, {"REFRESH_TOKEN", "LOGIN"}) == ("REFRESH_TOKEN",)


def test_a_cleared_log_is_a_gap_from_the_cursor_until_now():
    gap = cleared_gap("host", cursor(T0), T0 + 5)
    assert (gap.start, gap.end, gap.reason) == (from_ms(T0), from_ms(T0 + 5), "events_cleared")


def test_history_is_checked_for_complete_days():
    midnight = T0 - T0 % DAY
    days = days_to_check(cursor(T0), now_ms=T0, days=2)
    assert days == ((midnight - 2 * DAY, midnight - DAY), (midnight - DAY, midnight))


def test_history_that_may_have_expired_is_not_checked():
    short = StoredEvents(enabled=True, types=frozenset(), expiration_s=2 * 86_400)
    assert days_to_check(cursor(T0, settings=short), now_ms=T0, days=3) == ((T0 - DAY, T0 - T0 % DAY),)


def test_history_from_before_the_first_reading_or_a_clearing_is_not_checked():
    assert days_to_check(cursor(T0, first_ms=T0), now_ms=T0, days=3) == ()
    assert days_to_check(cursor(T0, cleared_ms=T0), now_ms=T0, days=3) == ()
