"""Processes that read a history into a store in small pages, to be killed at any moment.

Run without arguments it answers lines: each names a store, forks a reader, kills that after a while
unless it ended, and tells how it ended and where it was. Forking spares every reader the imports, which
take longer than what it is to be killed in.
"""

import contextlib
import json
import mmap
import os
import signal
import subprocess
import sys
import threading
import time
from enum import IntEnum

import sqlalchemy as sa

from builders.events import DAY, MINUTE, REALM, T0, KnownSubjects, login, logout, realm, refresh
from builders.partners import partner
from fakes.events import Clock, FakeKeycloak, reader_of
from partnergate.store import EventIngest, open_store
from worlds import environment_with_support


def history(number):
    found = []
    for n in range(number // 4):
        who = {"session": f"s{n}", "user": f"u{n % 97}"}
        found += [
            login(
                T0 + n, alias=("acme", "globex", None)[n % 3], subject=f"p{n % 97}", event_id=f"l{n}", **who
            ),
            login(T0 + n + 7, alias=("globex", "acme")[n % 2], subject=f"p{n % 97}", event_id=f"m{n}", **who),
            refresh(T0 + n + 20 * MINUTE, event_id=f"r{n}", **who),
            logout(T0 + n + DAY, event_id=f"o{n}", **who),
        ]
    return found


class Place(IntEnum):
    """Position of a reader in its work."""

    BEFORE = 0
    """Opening the store or requesting the first page."""
    INSIDE = 1
    """In a transaction."""
    COMMITTING = 2
    """Between the commit statement and its response."""
    BETWEEN = 3
    """After a transaction and before the next one."""


def read(url, number, page=25, tell=lambda _: None):
    server = FakeKeycloak(T0 + 2 * DAY)
    server.add(*history(number))
    with open_store(url) as store:
        ingest = EventIngest(store=_with_reported_places(store, tell), subjects=KnownSubjects())
        ingest.record_registry(realm(), (partner("acme"), partner("globex")), 0)
        reader_of(server, ingest, Clock(server), page=page).round()
        return ingest.count(REALM, 0, T0 * 2)


def _with_reported_places(store, tell):
    """A store that reports the position of each write."""
    write, writing = store.write, threading.Event()
    sa.event.listen(store._engine, "commit", lambda _: writing.is_set() and tell(Place.COMMITTING))

    @contextlib.contextmanager
    def watched(**options):
        with write(**options) as connection:
            writing.set()
            tell(Place.INSIDE)
            yield connection
        writing.clear()
        tell(Place.BETWEEN)

    store.write = watched
    return store


class Readers:
    """The process that forks readers."""

    def __enter__(self):
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment_with_support(),
        )
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait(60)
        self._process.stdout.close()

    def killed_after(self, seconds, url, number, *, of_start=False):
        """(exit code, negative for a signal; ``Place``) of one reader.

        The seconds count from its first transaction, or from its start.
        """
        self._process.stdin.write(json.dumps([seconds, url, number, of_start]) + "\n")
        self._process.stdin.flush()
        code, place = json.loads(self._process.stdout.readline())
        return code, Place(place)


def _one(seconds, url, number, of_start):
    place = mmap.mmap(-1, 1)
    child = os.fork()
    if not child:
        code = 1
        try:
            code = 0 if read(url, number, tell=lambda at: place.__setitem__(0, at)) == number else 1
        finally:
            os._exit(code)
    end = time.monotonic() + seconds if of_start else None
    while not (found := os.waitpid(child, os.WNOHANG))[0]:
        if end is None and place[0] != Place.BEFORE:
            end = time.monotonic() + seconds
        if end is not None and time.monotonic() >= end:
            os.kill(child, signal.SIGKILL)  # a child keeps its process ID until the parent waits for it
            found = os.waitpid(child, 0)
            break
        time.sleep(0.001)
    return os.waitstatus_to_exitcode(found[1]), place[0]


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(_one(*json.loads(line))), flush=True)
