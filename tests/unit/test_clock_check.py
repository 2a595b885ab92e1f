"""The check of ``scripts/lint`` that keeps the machine's clock out of results."""

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "checks" / "clock.py"


@pytest.fixture(scope="module")
def check():
    spec = importlib.util.spec_from_file_location("clock_check", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "text",
    [
        "datetime.now(UTC)",
        "clock = datetime.now",
        "import datetime as dt\ndt.datetime.utcnow()",
        "date.today()",
        "import time\ntime.time()",
        "import time as t\nt.time_ns()",
        "from time import time",
        "import time\ntime.strftime('%Y')",
    ],
)
def test_each_way_of_reading_the_clock_is_found(check, text):
    assert len(list(check.readings(text, fast=False))) == 1


@pytest.mark.parametrize(
    "text",
    ["import time\ntime.monotonic()", "from time import sleep", "clock.now", "self.time.time", "now()"],
)
def test_durations_and_injected_clocks_are_allowed(check, text):
    assert list(check.readings(text, fast=True)) == []


def test_a_real_clock_is_allowed_only_in_suites_on_real_servers(check):
    text = "from partnergate.playground.real_clock import now"
    assert list(check.readings(text, fast=False)) == []
    assert list(check.readings(text, fast=True)) == [(1, "partnergate.playground.real_clock")]


def test_every_edge_exists_and_reads_the_clock(check):
    for name in check.EDGES:
        text = (check.ROOT / name).read_text(encoding="utf-8")
        assert list(check.readings(text, fast=False)), name
