"""Histories of replay, reordering, duplication, late logins, rebuilds and crashes end in one ledger."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders.events import REALM, KnownSubjects
from builders.usage import NOW, amend, every_meter, ledger, prepared, read_logins, usage, void
from partnergate.store import EventIngest, open_store
from partnergate.store.usage.ledger import StoredUsage
from worlds import environment_with_support

EXAMPLES = int(os.environ.get("PARTNERGATE_HISTORIES", "30"))
EVENTS = [
    *(
        usage(
            n,
            at=NOW - timedelta(minutes=41 * n),
            session=("s1", "s2", "g1", "never")[n % 4],
            quantity=n,
            model=f"m{n % 3}",
            workspace=f"w{n % 4}",
        )
        for n in range(24)
    ),
    *(amend(f"a{n}", n, at=NOW - timedelta(seconds=n), quantity=100, workspace="w9") for n in (1, 5, 6, 9)),
    amend("b1", 1, at=NOW, quantity=7, model="m1"),
    *(void(f"v{n}", n) for n in (2, 6, 13)),
]
STEPS = st.lists(
    st.one_of(
        st.lists(st.integers(0, len(EVENTS) - 1), min_size=1, max_size=12),
        st.sampled_from(["attribute", "login", "rebuild", "other"]),
        st.tuples(st.just("crash"), st.integers(1, 40)),
    ),
    max_size=14,
)


class PowerCutError(Exception):
    """The process is gone before a statement."""


@contextlib.contextmanager
def crashing(store, after):
    """The power goes off before the statement of that number; the transaction is never committed."""
    left = [after]

    def cut(*_):
        left[0] -= 1
        if left[0] <= 0:
            raise PowerCutError

    sa.event.listen(store._engine, "before_cursor_execute", cut)
    try:
        yield
    finally:
        sa.event.remove(store._engine, "before_cursor_execute", cut)


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """Everything once, in order."""
    with open_store(f"sqlite:///{tmp_path_factory.mktemp('plain')}/store.db") as store:
        stored = prepared(store, terms=every_meter())
        stored.append(REALM, EVENTS, NOW)
        stored.attribute_pending()
        return ledger(store)


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A file with the tables and the partners, to copy."""
    path = tmp_path_factory.mktemp("empty") / "store.db"
    with open_store(f"sqlite:///{path}") as store:
        prepared(store, terms=every_meter(), logins=False)
    return path


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
def test_every_history_ends_in_the_same_ledger(empty, expected, steps):
    with tempfile.TemporaryDirectory() as folder:
        path = shutil.copy(empty, Path(folder) / "store.db")
        with open_store(f"sqlite:///{path}") as store, open_store(f"sqlite:///{path}") as again:
            assert _ended(store, again, steps) == expected


def _ended(store, again, steps):
    """The ledger after the steps by two services, and after everything was sent once more."""
    first, second = (StoredUsage(s, source=KnownSubjects()) for s in (store, again))
    for number, step in enumerate(steps):
        one = second if number % 3 == 0 else first
        match step:
            case "attribute":
                one.attribute_pending()
            case "login":
                read_logins(EventIngest(store=store, subjects=KnownSubjects()))
            case "rebuild":
                one.rebuild()
            case "other":
                second = StoredUsage(again, source=KnownSubjects())
            case ("crash", after):
                with contextlib.suppress(PowerCutError), crashing(again, after):
                    second.append(REALM, EVENTS[after % 20 : after % 20 + 5], NOW)
                    second.attribute_pending()
                second = StoredUsage(again, source=KnownSubjects())
            case positions:
                one.append(REALM, [EVENTS[p] for p in positions], NOW)
    read_logins(EventIngest(store=store, subjects=KnownSubjects()))
    first.append(REALM, list(reversed(EVENTS)), NOW)
    second.attribute_pending()
    return ledger(store)


_WRITER = """
import sys
from builders.usage import NOW, usage
from builders.events import REALM, KnownSubjects
from datetime import timedelta
from partnergate.store import open_store
from partnergate.store.usage.ledger import StoredUsage
with open_store(sys.argv[1]) as store:
    stored = StoredUsage(store, source=KnownSubjects())
    print("ready", flush=True)
    for begin in range(0, 100000, 50):
        events = [usage(n, at=NOW - timedelta(seconds=n), quantity=n) for n in range(begin, begin + 50)]
        stored.append(REALM, events, NOW)
        print(begin + 50, flush=True)
        if begin % 200 == 0:
            stored.attribute_pending()
"""


@pytest.mark.parametrize("seconds", [0.05, 0.3, 0.7])
def test_acknowledged_events_survive_kill_9_and_count_exactly_once(store, store_url, seconds):
    """Every event acknowledged before the kill is stored exactly once; a replay stores the rest."""
    stored = prepared(store, terms=every_meter())
    command = [sys.executable, "-c", _WRITER, store_url]
    environ = environment_with_support()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as process:
        process.stdout.readline()
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        answered = [int(line) for line in process.stdout.read().split()]
    sent = (answered[-1] if answered else 0) + 200
    with store.read() as connection:
        kept = connection.execute(sa.text("SELECT count(*) FROM usage_events")).scalar_one()
    assert kept >= (answered[-1] if answered else 0)
    assert kept % 50 == 0, "a batch is kept whole or not at all"
    events = [usage(n, at=NOW - timedelta(seconds=n), quantity=n) for n in range(max(sent, kept))]
    stored.append(REALM, events, NOW)
    found = stored.reader(REALM).quantities(
        "acme", every_meter(), NOW - timedelta(days=30), NOW + timedelta(days=1)
    )
    (count,) = (q for q in found if q.meter == "count")
    (total,) = (q for q in found if q.meter == "max")
    assert count.value == len(events)
    assert total.value == len(events) - 1
    before = ledger(store)
    stored.rebuild()
    assert ledger(store) == before
