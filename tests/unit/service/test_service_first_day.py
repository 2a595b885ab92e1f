"""On the first day of a period in the partner's time zone, its page also shows the previous period."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from builders.events import REALM, KnownSubjects, login
from builders.usage import every_meter, keep, prepared
from partnergate.service.access import Authorizer
from partnergate.service.api.ingest import IngestQueue
from partnergate.service.app import create_app
from partnergate.service.deps import ServiceDeps
from partnergate.store import EventIngest, open_store

OCTOBER = "2026-10-01 to 2026-10-31"
STARTED = "This period started today."


class Clock:
    """A fixed clock that tests can set."""

    now = datetime(2026, 10, 20, 12, tzinfo=UTC)

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def open_page(tmp_path, clock):
    """Open acme's page: two users signed in on 18 October; the agreement is in the given time zone."""
    opened = []

    def page(zone, *now):
        if not opened:
            store = open_store(f"sqlite:///{tmp_path}/store.db")
            usage = prepared(store, terms=every_meter(zone=zone))
            deps = ServiceDeps(
                realm=REALM,
                environment="production",
                store=store,
                usage=usage,
                queue=IngestQueue(ledger=usage, realm=REALM, clock=clock),
                authorizer=Authorizer(verifier=None),
                clock=clock,
            )
            opened.extend((store, TestClient(create_app(deps))))
        clock.now = datetime(*now, tzinfo=UTC)
        return opened[1].get("/partners/acme").text

    page.store = lambda: opened[0]
    yield page
    opened[0].close()


def meters(text):
    """Return meter -> quantity of the current and of the previous period."""
    found = [
        dict(re.findall(r'<th scope="row">([\w ]+)</th><td>all</td><td class="n">(.*?)</td>', part))
        for part in text.split("<h2>Previous period</h2>")
    ]
    return found[0], found[1] if len(found) > 1 else None


def test_the_first_day_shows_the_complete_previous_period(open_page):
    text = open_page("UTC", 2026, 11, 1, 0, 0, 30)
    assert "Period 2026-11-01 to 2026-11-30 (UTC), to date." in text
    assert f"{STARTED} The previous period, {OCTOBER}, is shown below." in text
    running, previous = meters(text)
    assert (running["logins"], running["users"]) == ("0", "0")
    assert (previous["logins"], previous["users"]) == ("2", "2")
    now, before = text.split("<h2>Previous period</h2>")
    assert "No logins since 2026-11-01 (UTC)." in now
    assert "2 logins from 2026-10-01 to 2026-10-31 (UTC)" in before


def test_other_days_show_the_current_period_only(open_page):
    for now in ((2026, 10, 31, 23, 59, 59), (2026, 11, 2)):
        text = open_page("UTC", *now)
        assert STARTED not in text
        assert "Previous period" not in text


@pytest.mark.parametrize(
    ("zone", "first", "last"),
    [
        ("UTC", datetime(2026, 11, 1, tzinfo=UTC), timedelta(hours=24)),
        (
            "America/New_York",
            datetime(2026, 11, 1, 4, tzinfo=UTC),
            timedelta(hours=25),
        ),  # end of daylight saving time
        ("Europe/Berlin", datetime(2026, 10, 31, 23, tzinfo=UTC), timedelta(hours=24)),
        ("Asia/Kolkata", datetime(2026, 10, 31, 18, 30, tzinfo=UTC), timedelta(hours=24)),
    ],
)
def test_the_day_is_in_the_partners_time_zone(open_page, zone, first, last):
    shown = [
        STARTED in open_page(zone, *at.timetuple()[:6])
        for at in (
            first - timedelta(seconds=1),
            first,
            first + last - timedelta(seconds=1),
            first + last,
        )
    ]
    assert shown == [False, True, True, False]


def test_the_first_period_has_no_previous_period(open_page):
    assert every_meter().effective == date(2026, 1, 1)
    text = open_page("UTC", 2026, 1, 1, 8)
    assert f"{STARTED} No agreement was in force before." in text
    assert "Previous period" not in text


def test_periods_end_correctly_at_new_year_and_on_leap_days(open_page):
    assert "The previous period, 2026-12-01 to 2026-12-31," in open_page("UTC", 2027, 1, 1, 0, 0, 1)
    assert "Period 2028-02-01 to 2028-02-29 (UTC), to date." in open_page("UTC", 2028, 2, 29, 23, 59)
    assert "The previous period, 2028-02-01 to 2028-02-29," in open_page("UTC", 2028, 3, 1)


def test_the_two_periods_are_counted_separately(open_page):
    """Counts are cached for a minute, each for its own time range."""
    open_page("UTC", 2026, 10, 20)
    ingest = EventIngest(store=open_page.store(), subjects=KnownSubjects())
    at = datetime(2026, 11, 1, 0, 0, 10, tzinfo=UTC)
    event = login(int(at.timestamp() * 1000), session="n1", user="u1", subject="ada")
    keep(ingest, event, seen=at)
    for _ in range(2):
        now, before = open_page("UTC", 2026, 11, 1, 0, 1).split("<h2>Previous period</h2>")
        assert "1 login since 2026-11-01 (UTC)" in now
        assert "2 logins from 2026-10-01" in before
