"""Random histories of batches, repeats, late events, crashes and two readers end in one ledger.

How many is set by the hypothesis profile, or by ``PARTNERGATE_HISTORIES``. They run on SQLite in the memory
of the machine where it offers that: what a history crashes is a transaction; the disk has tests of its own.
"""

import contextlib
import os
import tempfile
from functools import lru_cache
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from builders.events import (
    APP,
    DAY,
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
from partnergate.events.ports import Advance
from partnergate.model.partner import Stage
from partnergate.store import EventIngest, open_store
from partnergate.store.rebuild import differs_from_raw, ledger_hash

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
PARTNERS = (partner("acme", test_domains=("qa.test",)), partner("globex"))


class PowerCutError(Exception):
    """The process dies before the transaction is kept."""


def everything():
    """The whole truth: forty events of five sessions, with repeats of milliseconds and a moved first login."""
    found = []
    for n in range(5):
        who = {"session": f"s{n}", "user": f"u{n % 3}"}
        found += [
            register(
                T0 + n,
                email=f"p{n}@{'qa' if n % 2 else 'acme'}.test",
                subject=f"p{n}",
                user=f"u{n % 3}",
                event_id=f"r{n}",
            ),
            login(T0 + n, alias=("acme", "globex")[n % 2], subject=f"p{n}", event_id=f"l{n}", **who),
            login(
                T0 + n, alias=("globex", "acme", "stranger")[n % 3], subject=f"p{n}", event_id=f"m{n}", **who
            ),
            login(T0 + n + 1, alias=None, client=("account", APP)[n % 2], event_id=f"c{n}", **who),
            refresh(T0 + n * 20 * MINUTE, event_id=f"f{n}", **who),
            refresh(T0 + n * 20 * MINUTE + 1, event_id=f"g{n}", **who),
            logout(T0 + DAY + n, event_id=f"o{n}", **who),
            event("IMPERSONATE" if n == 4 else "CODE_TO_TOKEN", T0 + 2, event_id=f"t{n}", **who),
        ]
    return found


TRUTH = everything()


@lru_cache(maxsize=1)
def empty_store():
    """The file of a store that knows the partners and has read nothing."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        path = Path(folder) / "store.db"
        with open_store(f"sqlite:///{path}") as store:
            EventIngest(store=store, subjects=KnownSubjects()).record_registry(realm(), PARTNERS, 0)
        return path.read_bytes()


class Histories(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(dir=MEMORY)
        path = Path(self.folder.name) / "store.db"
        path.write_bytes(empty_store())
        self.url = f"sqlite:///{path}"
        self.truth = TRUTH
        self.fail = False
        self.stores = [open_store(self.url)]
        self.ingests = [self._ingest(self.stores[0])]

    def _ingest(self, store):
        return EventIngest(store=store, subjects=KnownSubjects(), after=(self._follow,))

    def _follow(self, connection, name, touched):
        if self.fail:
            raise PowerCutError

    @rule(picked=st.lists(st.integers(0, 39), max_size=25), reader=st.integers(0, 3), dies=st.booleans())
    def read(self, picked, reader, dies):
        self.fail = dies
        ingest = self.ingests[reader % len(self.ingests)]
        advance = Advance(first_ms=0, position_ms=len(picked))
        with contextlib.suppress(PowerCutError):
            ingest.keep(REALM, [self.truth[n] for n in picked], seen_ms=T0 + DAY, advance=advance)
        self.fail = False

    @rule()
    def start_another_reader(self):
        if len(self.stores) < 3:
            self.stores.append(open_store(self.url))
            self.ingests.append(self._ingest(self.stores[-1]))

    @rule()
    def restart(self):
        self.stores[0].close()
        self.stores[0] = open_store(self.url)
        self.ingests[0] = self._ingest(self.stores[0])

    @invariant()
    def nothing_is_double(self):
        with self.stores[0].read() as connection:
            rows = connection.exec_driver_sql("SELECT COUNT(*), COUNT(DISTINCT id) FROM raw_events").one()
        assert rows[0] == rows[1] <= 40

    def teardown(self):
        self.ingests[0].keep(REALM, self.truth, seen_ms=T0 + DAY, advance=None)
        with self.stores[0].read() as connection:
            assert ledger_hash(connection, REALM) == final_hash()
        for store in self.stores:
            store.close()
        self.folder.cleanup()


_FINAL = {}


def final_hash():
    """The ledger of one undisturbed reading."""
    if "hash" not in _FINAL:
        with tempfile.TemporaryDirectory() as folder, open_store(f"sqlite:///{folder}/store.db") as store:
            ingest = EventIngest(store=store, subjects=KnownSubjects())
            ingest.record_registry(realm(), PARTNERS, 0)
            ingest.keep(REALM, everything(), seen_ms=T0 + DAY, advance=None)
            with store.read() as connection:
                _FINAL["hash"] = ledger_hash(connection, REALM)
            assert not differs_from_raw(store, REALM)
            assert ingest.record_registry(
                realm(), (partner("acme", stage=Stage.SUSPENDED), PARTNERS[1]), T0
            ) == ("acme",)
            assert not differs_from_raw(store, REALM)
    return _FINAL["hash"]


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=int(os.environ.get("PARTNERGATE_HISTORIES", "0")) or max(15, settings().max_examples // 5),
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
