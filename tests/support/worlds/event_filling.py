"""Fills Keycloak's event table through its database, which is faster than logins."""

import json
import random
from contextlib import contextmanager
from uuid import UUID

import psycopg

COLUMNS = (
    "id", "client_id", "details_json_long_value", "error", "ip_address", "realm_id", "session_id", "event_time",
    "type", "user_id",
)  # fmt: skip
PEOPLE = 20_000
LATER_MS = {"LOGIN": 0, "CODE_TO_TOKEN": 200, "REFRESH_TOKEN": 300_000, "LOGOUT": 900_000}


@contextmanager
def database_of(server):
    """A connection to Keycloak's database, in one transaction."""
    with psycopg.connect(
        host="127.0.0.1", port=server.port, user=server.user, password=server.password, dbname="postgres"
    ) as connection:
        yield connection


def sessions(realm_id, number, *, from_ms, to_ms, seed=1, alias="acme", client="app"):
    """Rows of ``number`` sessions in the span: a brokered login, its tokens, a refresh and a logout."""
    chance = random.Random(seed)
    last = to_ms - max(LATER_MS.values())
    for n in range(number):
        session = str(UUID(int=chance.getrandbits(128)))
        who, at = n % PEOPLE, from_ms + (last - from_ms) * n // max(1, number)
        for kind, later in LATER_MS.items():
            yield row(
                realm_id, str(UUID(int=chance.getrandbits(128))), kind, at + later, session=session, who=who,
                alias=alias, client=client,
            )  # fmt: skip


def row(realm_id, event_id, kind, at_ms, *, session, who, alias="acme", client="app"):
    """One event as the server writes it."""
    details = {"token_id": session, "refresh_token_type": "Refresh", "scope": "openid email"}
    if kind == "LOGIN":
        details = {
            "identity_provider": alias,
            "identity_provider_identity": f"subject-{who}",
            "code_id": session,
            "username": f"{alias}.subject-{who}",
            "redirect_uri": "https://app.host.test/callback",
            "consent": "no_consent_required",
            "auth_method": "openid-connect",
        }
    return (
        event_id, client, json.dumps(details), None, "10.0.0.1", realm_id, session, at_ms, kind,
        str(UUID(int=who)),
    )  # fmt: skip


def insert(connection, rows):
    """Write rows in the open transaction of the connection."""
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY event_entity ({', '.join(COLUMNS)}) FROM STDIN") as copy,
    ):
        for values in rows:
            copy.write_row(values)


def held_of(connection, realm_id):
    """Time and type by id, for every event of a realm on the server."""
    found = connection.execute(
        "SELECT id, event_time, type FROM event_entity WHERE realm_id = %s", (realm_id,)
    )
    return {event_id: (at, kind) for event_id, at, kind in found.fetchall()}
