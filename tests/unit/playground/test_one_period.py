"""The demo and the line suite tell the same on every day: no period of a partner ends under way."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from partnergate.language.load import load_workspace
from partnergate.playground.one_period import ROOM, days_of, waiting_time

ROOT = Path(__file__).parents[3]
BORDERS = {
    "America/New_York": datetime(2027, 3, 1, 5, tzinfo=UTC),
    "Europe/Berlin": datetime(2027, 3, 14, 23, tzinfo=UTC),
    "Asia/Tokyo": datetime(2027, 2, 28, 15, tzinfo=UTC),
}
"""Zone of a shipped partner -> when one of its periods begins."""


@pytest.fixture(scope="module")
def partners():
    loaded, _ = load_workspace(ROOT, "demo", variables={})
    return loaded.partners


def test_the_shipped_partners_are_the_ones_of_the_table(partners):
    assert {p.agreements[-1].time_zone for p in partners} == set(BORDERS)


@pytest.mark.parametrize("border", BORDERS.values(), ids=BORDERS)
def test_shortly_before_a_border_it_waits_until_it_is_over(partners, border):
    for before in (timedelta(seconds=1), timedelta(seconds=59), ROOM - timedelta(seconds=1)):
        at = border - before
        assert at + waiting_time(partners, at) == border + timedelta(seconds=1)


@pytest.mark.parametrize("border", BORDERS.values(), ids=BORDERS)
def test_otherwise_it_does_not_wait(partners, border):
    for at in (border - ROOM, border, border + timedelta(days=9)):
        assert waiting_time(partners, at) == timedelta()


def test_the_day_that_names_a_period_is_the_partners(partners):
    at = datetime(2027, 2, 28, 20, tzinfo=UTC)
    days = days_of(partners, at)
    assert (days["acme"], days["globex"], days["initech"]) == ("2027-02-28", "2027-02-28", "2027-03-01")
