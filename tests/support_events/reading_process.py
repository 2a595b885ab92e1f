"""A process that reads a history into a store in small pages, to be killed at any moment.

Run with the address of the store and the number of events. Ends with 0 when everything is kept.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from event_builders import DAY, MINUTE, REALM, T0, KnownSubjects, login, logout, partner, realm, refresh
from event_fakes import Clock, FakeKeycloak, reader_of

from partnergate.store import EventIngest, open_store


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


def read(url, number, page=25):
    server = FakeKeycloak(T0 + 2 * DAY)
    server.add(*history(number))
    with open_store(url) as store:
        ingest = EventIngest(store=store, subjects=KnownSubjects())
        ingest.record_registry(realm(), (partner("acme"), partner("globex")), 0)
        print("reading", flush=True)
        reader_of(server, ingest, Clock(server), page=page).round()
        return ingest.count(REALM, 0, T0 * 2)


if __name__ == "__main__":
    wanted = int(sys.argv[2])
    sys.exit(0 if read(sys.argv[1], wanted) == wanted else 1)
