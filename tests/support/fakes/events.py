"""An event log that behaves like Keycloak's, and an in-memory event store, for tests of the reader."""

import random
import threading

from builders.events import T0
from partnergate.errors import KeycloakUnreachableError, StoreUnavailableError
from partnergate.events.ports import Cursor, StoredEvents
from partnergate.model.instants import to_ms

IN_ORDER = StoredEvents(enabled=True, types=frozenset(), expiration_s=90 * 86_400)


class FakeKeycloak:
    """Events by realm; those of the same millisecond are returned in a different order each time."""

    def __init__(self, now_ms=T0):
        self.now_ms = now_ms
        self.logs = {}
        self.config = {}
        self.down = False
        self.calls = 0
        self._random = random.Random(7)

    def add(self, *events, realm="host"):
        self.logs.setdefault(realm, []).extend(events)

    def clear(self, realm="host"):
        self.logs[realm] = []

    def expire(self, realm="host"):
        oldest = self.now_ms - self.settings(realm).expiration_s * 1000
        self.logs[realm] = [e for e in self.logs.get(realm, []) if e.time_ms >= oldest]

    def events(self, realm, start_ms, end_ms, first, most):
        self._answer()
        found = [e for e in self.logs.get(realm, []) if start_ms <= e.time_ms <= end_ms]
        self._random.shuffle(found)
        found.sort(key=lambda e: e.time_ms)
        return found[first : first + most]

    def settings(self, realm):
        self._answer()
        return self.config.get(realm, IN_ORDER)

    def server_time(self, realm):
        self._answer()
        return self.now_ms - self.now_ms % 1000

    def _answer(self):
        self.calls += 1
        if self.down:
            raise KeycloakUnreachableError("GET events gets no answer")


class FakeKeeper:
    """Stores events by id, and cursors that only move forward."""

    def __init__(self):
        self.kept = {}
        self.cursors = {}
        self.noted = {}
        self.gaps = []
        self.down = False

    def cursor(self, realm):
        self._answer()
        found = self.cursors.get(realm)
        if found is None:
            return None
        settings, at = self.noted.get(realm, (None, 0))
        cleared = max((to_ms(g.end) for g in self.gaps if g.reason == "events_cleared"), default=0)
        return Cursor(
            first_ms=found.first_ms,
            position_ms=found.position_ms,
            settings=settings,
            settings_ms=at,
            cleared_ms=cleared,
        )

    def keep(self, realm, events, *, seen_ms, advance):
        self._answer()
        log = self.kept.setdefault(realm, {})
        new = [e for e in events if e.id not in log]
        log.update((e.id, e) for e in new)
        if advance is not None:
            known = self.cursors.get(realm)
            if known is None or advance.position_ms > known.position_ms:
                self.cursors[realm] = advance
        return len(new)

    def note_settings(self, realm, settings, at_ms):
        self._answer()
        self.noted[realm] = (settings, at_ms)

    def note_gaps(self, gaps):
        self._answer()
        self.gaps.extend(gaps)

    def count(self, realm, start_ms, end_ms):
        return sum(start_ms <= e.time_ms < end_ms for e in self.kept.get(realm, {}).values())

    def latest(self, realm, before_ms):
        found = [e for e in self.kept.get(realm, {}).values() if e.time_ms < before_ms]
        last = max(found, key=lambda e: (e.time_ms, e.id), default=None)
        return (last.id, last.time_ms) if last else None

    def _answer(self):
        if self.down:
            raise StoreUnavailableError("the database cannot be used")


class Clock:
    """A clock that a test moves; it moves the server's clock too."""

    def __init__(self, server):
        self.server = server
        self.now = 1000.0

    def __call__(self):
        return self.now

    def wall(self):
        return self.server.now_ms / 1000

    def pass_seconds(self, seconds):
        self.now += seconds
        self.server.now_ms += int(seconds * 1000)


def reader_of(server, keeper, clock, *, realm="host", **pace):
    from partnergate.events.reader import EventReader, Pace

    return EventReader(
        realm=realm,
        source=server,
        keeper=keeper,
        stop=threading.Event(),
        pace=Pace(**pace),
        wall=clock.wall,
        monotonic=clock,
    )
