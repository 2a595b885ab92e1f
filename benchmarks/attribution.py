"""How fast events are parsed, kept and attributed, beside keeping them alone.

    python benchmarks/attribution.py [--events 200000] [--page 5000] [--postgresql]

One run prints all three for each store, so the ratios are of one machine at one time. Pages are the JSON
that the Admin API sends, a quarter each of logins, code exchanges, refreshes and logouts. Speed of the
API itself: ``--server URL --realm NAME`` with PARTNERGATE_KEYCLOAK_* reads that realm's events once.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support_events"))

from event_builders import REALM, T0, partner, realm

from partnergate.devstack import postgresql_server
from partnergate.events.door import people_of, reduced
from partnergate.events.ports import Advance
from partnergate.keycloak.connection import connect
from partnergate.keycloak.credentials import credentials_from
from partnergate.keycloak.events import EVENTS, KeycloakEvents
from partnergate.store import EventIngest, open_store
from partnergate.store.bulk import insert_new
from partnergate.store.ingest import RAW_COLUMNS
from partnergate.store.subjects import RandomSubjects, SubjectCache, known_people


def pages(number: int, size: int) -> list[bytes]:
    chance = random.Random(1)
    found = []
    for n in range(number // 4):
        session, user = str(UUID(int=chance.getrandbits(128))), str(UUID(int=n % 20_000))
        alias = ("acme", "globex", "initech")[n % 3]
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
    """Time on the wall, and of this process on the processor; on a busy machine they differ."""
    return time.perf_counter(), time.process_time()


def rate(label: str, number: int, begun: tuple[float, float], base: float | None = None) -> float:
    wall, cpu = (b - a for a, b in zip(begun, now(), strict=True))
    found = number / wall
    ratio = "" if base is None else f"   {found / base:6.1%} of keeping alone"
    print(f"  {label:42} {found:10,.0f} events/s {number / cpu:10,.0f} a CPU second{ratio}")
    return found


def measure(name: str, urls: tuple[str, str], made: list[bytes], number: int) -> None:
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
        ingest.record_registry(realm(), tuple(partner(p) for p in ("acme", "globex", "initech")), 0)
        begun = now()
        for page in made:
            events = EVENTS.decode(page)
            ingest.keep(
                REALM, events, seen_ms=T0 * 2, advance=Advance(first_ms=0, position_ms=events[-1].time_ms)
            )
        rate("parse, keep, attribute, move the cursor", number, begun, base)


def measure_server(server: str, name: str) -> None:
    with connect(server_url=server, realm=name, credentials=credentials_from(os.environ)) as connection:
        source, number, start = KeycloakEvents({name: connection}), 0, 0
        begun = now()
        while page := source.events(name, start, 2**46, 0, 5_000):
            number += len(page)
            if len(page) < 5_000:
                break
            start = page[-1].time_ms + 1
        print("Admin API")
        rate("read", number, begun)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--page", type=int, default=5_000)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--server")
    parser.add_argument("--realm", default="host")
    asked = parser.parse_args()
    made = pages(asked.events, asked.page)
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        files = (f"sqlite:///{folder}/alone.db", f"sqlite:///{folder}/whole.db")
        measure("SQLite (WAL, synchronous=FULL)", files, made, asked.events)
        if asked.postgresql:
            server = stack.enter_context(postgresql_server())
            measure("PostgreSQL", (server.url(), server.url("template1")), made, asked.events)
        if asked.server:
            measure_server(asked.server, asked.realm)


if __name__ == "__main__":
    main()
