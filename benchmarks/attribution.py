"""How fast events are parsed, stored and attributed, compared with storing them only.

    scripts/benchmark attribution [--events 200000] [--page 10000] [--postgresql] [--without-keycloak]

One run prints all three rates for each store, so that ratios come from one machine at one time. Pages are
the JSON that the Admin API sends: a quarter each of logins, code exchanges, refreshes and logouts. Then a
Keycloak on PostgreSQL, filled with as many events through its database, is read twice: by the Admin API
client only, and by the reader into SQLite.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import threading
import time
from contextlib import ExitStack
from uuid import UUID

from builders.events import REALM, T0, realm
from builders.partners import partner
from partnergate.devstack import keycloak_server, postgresql_server
from partnergate.events.ports import Advance
from partnergate.events.pseudonymization import people_of, reduced
from partnergate.events.reader import EventReader, Pace
from partnergate.keycloak.connection import connect
from partnergate.keycloak.credentials import AdminUser
from partnergate.keycloak.events import EVENTS, KeycloakEvents
from partnergate.process_tuning import tune_for_ingest
from partnergate.store import EventIngest, open_store
from partnergate.store.database.bulk import insert_new
from partnergate.store.sessions.ingest import RAW_COLUMNS
from partnergate.store.sessions.subjects import RandomSubjects, SubjectCache, known_people
from worlds.event_filling import database_of, insert, sessions

PARTNERS = ("acme", "globex", "initech")


def pages(number: int, size: int) -> list[bytes]:
    chance = random.Random(1)
    found = []
    for n in range(number // 4):
        session, user = str(UUID(int=chance.getrandbits(128))), str(UUID(int=n % 20_000))
        alias = PARTNERS[n % 3]
        common = {
            "realmId": "r",
            "clientId": "host-app",
            "userId": user,
            "sessionId": session,
            "ipAddress": "10.0.0.1",
        }
        login = {
            "identity_provider": alias,
            "identity_provider_identity": f"subject-{n % 20_000}",
            "code_id": session,
            "username": f"{alias}.subject-{n % 20_000}",
            "redirect_uri": "https://app.host.test/callback",
            "consent": "no_consent_required",
            "auth_method": "openid-connect",
            "response_type": "code",
        }
        tokens = {
            "token_id": session,
            "refresh_token_id": session,
            "grant_type": "refresh_token",
            "scope": "openid",
        }
        for delay, kind, details in (
            (0, "LOGIN", login),
            (200, "CODE_TO_TOKEN", tokens),
            (300_000, "REFRESH_TOKEN", tokens | {"refresh_token_type": "Refresh"}),
            (3_600_000, "LOGOUT", {}),
        ):
            event_id = str(UUID(int=chance.getrandbits(128)))
            found.append(
                {"id": event_id, "time": T0 + n * 50 + delay, "type": kind, **common, "details": details}
            )
    found.sort(key=lambda e: (e["time"], e["id"]))
    return [json.dumps(found[b : b + size]).encode() for b in range(0, len(found), size)]


def now() -> tuple[float, float]:
    """Wall time, and processor time of this process; on a busy machine they differ."""
    return time.perf_counter(), time.process_time()


def rate(label: str, number: int, begun: tuple[float, float], base: float | None = None) -> float:
    wall, cpu = (b - a for a, b in zip(begun, now(), strict=True))
    found = number / wall
    ratio = "" if base is None else f"   {found / base:6.1%} of keeping alone"
    print(f"  {label:42} {found:10,.0f} events/s {number / cpu:10,.0f} per CPU second{ratio}")
    return found


def measure(name: str, urls: tuple[str, str], made: list[bytes], number: int) -> float:
    print(name)
    begun = now()
    for page in made:
        EVENTS.decode(page)
    rate("parse", number, begun)
    with open_store(urls[0]) as store:
        cache, source = SubjectCache(), RandomSubjects()
        begun = now()
        for page in made:
            events = EVENTS.decode(page)
            with store.write() as connection:
                known = known_people(connection, people_of(events), (), cache=cache, source=source)
                rows = [reduced("raw-only", e, T0 * 2, known) for e in events]
                insert_new(connection, "raw_events", RAW_COLUMNS, rows)
            cache.take(known.keys, known.subjects)
        base = rate("parse and keep", number, begun)
    with open_store(urls[1]) as store:
        ingest = EventIngest(store=store)
        ingest.record_registry(realm(), tuple(partner(p) for p in PARTNERS), 0)
        begun = now()
        for page in made:
            events = EVENTS.decode(page)
            ingest.keep(
                REALM, events, seen_ms=T0 * 2, advance=Advance(first_ms=0, position_ms=events[-1].time_ms)
            )
        return rate("parse, keep, attribute, move the cursor", number, begun, base)


def read_all(source: KeycloakEvents, page: int) -> float:
    begun, start, read = now(), 0, 0
    while found := source.events(REALM, start, 2**45, 0, page):
        read += len(found)
        if len(found) < page:
            break
        start = found[-1].time_ms + 1
    return rate(f"read from the Admin API, pages of {page:,}", read, begun)


def measure_keycloak(number: int, page: int, keeping: float) -> None:
    """The Admin API of a Keycloak that this starts, then the real reader from it into SQLite."""
    with ExitStack() as stack:
        database = stack.enter_context(postgresql_server())
        server = stack.enter_context(keycloak_server(database=database))
        who = AdminUser(user=server.admin_user, password=server.admin_password)
        connection = stack.enter_context(
            connect(server_url=server.base_url, realm=REALM, credentials=who, read_seconds=300)
        )
        connection.post("/admin/realms", {"realm": REALM, "enabled": True, "eventsEnabled": True})
        filler = stack.enter_context(database_of(database))
        until = time.time_ns() // 1_000_000 - 600_000
        rows = sessions(
            connection.get("")["id"], number // 4, from_ms=until - 86_400_000, to_ms=until, client="host-app"
        )
        insert(filler, rows)
        filler.commit()
        filler.execute("ANALYZE event_entity")
        filler.commit()
        source = KeycloakEvents({REALM: connection})
        print(f"Keycloak {server.version} on PostgreSQL")
        source.events(REALM, 0, 2**45, 0, page)  # the server's code is warm then
        api = {size: read_all(source, size) for size in sorted({2_000, page})}[page]
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        with open_store(f"sqlite:///{folder}/read.db") as store:
            ingest = EventIngest(store=store)
            ingest.record_registry(realm(), tuple(partner(p) for p in PARTNERS), 0)
            reader = EventReader(
                realm=REALM,
                source=source,
                keeper=ingest,
                stop=threading.Event(),
                pace=Pace(page=page),
                wall=time.time,
            )
            begun = now()
            kept = reader.round()
        rate("read, keep, attribute (reader and server)", kept, begun)
        print(f"  keeping up on SQLite: {keeping / api:.2f} times the rate of the Admin API in the same run")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--page", type=int, default=Pace().page)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--without-keycloak", action="store_true")
    options = parser.parse_args()
    made = pages(options.events, options.page)
    tune_for_ingest()  # as the service does
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        files = (f"sqlite:///{folder}/alone.db", f"sqlite:///{folder}/whole.db")
        keeping = measure("SQLite (WAL, synchronous=FULL)", files, made, options.events)
        if options.postgresql:
            server = stack.enter_context(postgresql_server())
            measure(
                "PostgreSQL (without fsync)", (server.url(), server.url("template1")), made, options.events
            )
    if not options.without_keycloak:
        measure_keycloak(options.events, options.page, keeping)


if __name__ == "__main__":
    main()
