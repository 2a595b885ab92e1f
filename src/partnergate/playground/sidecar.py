"""The sidecar as the host sees it: real tokens, usage over HTTP, and what the store holds."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import requests

from partnergate.attribution.outcome import AttributedSession, UnattributedSession
from partnergate.errors import DevstackError
from partnergate.keycloak.connection import segment
from partnergate.playground.commands import running_command
from partnergate.playground.usage_story import TASKS
from partnergate.store.database.opening import open_store
from partnergate.store.sessions.ingest import EventIngest
from partnergate.store.sessions.queries import session_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from partnergate.keycloak.connection import KeycloakConnection
    from partnergate.model.partner import PartnerId
    from partnergate.playground.line import Line

AUDIENCE = "partnergate"
USAGE_CLIENT, OPERATOR_CLIENT = "host-usage", "host-operator"
_ROLES = {USAGE_CLIENT: "usage-writer", OPERATOR_CLIENT: "partnergate-operator"}
_BATCH = "application/cloudevents-batch+json"
_SECONDS = 30

Session = AttributedSession | UnattributedSession


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAccount:
    """A client of the host's realm that speaks for itself."""

    token_url: str
    client_id: str
    secret: str = field(repr=False)

    def token(self) -> str:
        """A new access token."""
        answer = requests.post(
            self.token_url,
            data={"grant_type": "client_credentials"},
            auth=(self.client_id, self.secret),
            timeout=_SECONDS,
        )
        answer.raise_for_status()
        return str(answer.json()["access_token"])


def make_service_accounts(realm: KeycloakConnection) -> dict[str, ServiceAccount]:
    """The clients that the host's product and its operators use at the sidecar, each with its one role."""
    token_url = f"{realm.server_url}/realms/{realm.realm}/protocol/openid-connect/token"
    made = {}
    for client_id, role in _ROLES.items():
        if realm.get_or_none(f"roles/{role}") is None:
            realm.post("roles", {"name": role})
        for old in realm.get("clients", clientId=client_id):
            realm.delete(f"clients/{segment(old['id'])}")
        identity = realm.post("clients", _client(client_id))
        user = realm.get(f"clients/{identity}/service-account-user")
        realm.post(f"users/{user['id']}/role-mappings/realm", [realm.get(f"roles/{role}")])
        secret = realm.get(f"clients/{identity}/client-secret")["value"]
        made[client_id] = ServiceAccount(token_url=token_url, client_id=client_id, secret=secret)
    return made


def _client(client_id: str) -> dict[str, Any]:
    audience = {"included.custom.audience": AUDIENCE, "access.token.claim": "true"}
    return {
        "clientId": client_id,
        "publicClient": False,
        "serviceAccountsEnabled": True,
        "standardFlowEnabled": False,
        "directAccessGrantsEnabled": False,
        "protocolMappers": [
            {
                "name": "audience",
                "protocol": "openid-connect",
                "protocolMapper": "oidc-audience-mapper",
                "config": audience,
            }
        ],
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidecar:
    """A running sidecar as the host's product sees it."""

    url: str
    accounts: Mapping[str, ServiceAccount]

    def report(self, events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Send usage events as one CloudEvents batch; the counts and the result of each."""
        answer = requests.post(
            f"{self.url}/v1/usage",
            json=list(events),
            headers=self._headers(USAGE_CLIENT) | {"Content-Type": _BATCH},
            timeout=_SECONDS,
        )
        answer.raise_for_status()
        result: dict[str, Any] = answer.json()
        return result

    def read(self, path: str) -> requests.Response:
        """A page or an API answer, as an operator."""
        return requests.get(f"{self.url}{path}", headers=self._headers(OPERATOR_CLIENT), timeout=_SECONDS)

    def _headers(self, client_id: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.accounts[client_id].token()}"}


@contextmanager
def running_sidecar(line: Line, *, port: int, arguments: Sequence[str] = ()) -> Iterator[Sidecar]:
    """``partnergate serve`` for the line, as a process of its own."""
    with line.connection() as realm:
        accounts = make_service_accounts(realm)
    url = f"http://localhost:{port}"
    with running_command(
        *("serve", "--environment", line.environment, "--port", str(port), *arguments),
        directory=line.root,
        environ=line.environ,
        ready_url=f"{url}/livez",
        log=line.work / f"sidecar-{port}.log",
    ):
        yield Sidecar(url=url, accounts=accounts)


def wait_for_sessions(line: Line, session_ids: Sequence[str], *, seconds: float = 60) -> dict[str, Session]:
    """What the store says about the sessions, once the sidecar has read them all."""
    end = time.monotonic() + seconds
    while True:
        found = stored_sessions(line, session_ids)
        if len(found) == len(set(session_ids)):
            return found
        if time.monotonic() > end:
            raise DevstackError(
                f"the sidecar knows {len(found)} of {len(set(session_ids))} sessions after {seconds:.0f} s",
                target=str(line.work),
                advice="read its log there",
            )
        time.sleep(0.25)


def stored_sessions(line: Line, session_ids: Sequence[str]) -> dict[str, Session]:
    """What the store says now; sessions it does not know are left out."""
    realm = line.workspace().realm.realm
    with open_store(line.store_url) as store:
        ingest = EventIngest(store=store)
        with store.read() as connection:
            registry = ingest.registry(connection, realm)
            asked = {s: session_of(connection, realm, s, registry) for s in session_ids}
    return {s: session for s, session in asked.items() if session is not None}


def wait_for_tasks(
    sidecar: Sidecar, days: Mapping[PartnerId, str], *, seconds: float = 60
) -> dict[PartnerId, Decimal]:
    """The measured tasks of each partner in the period of its day, once they are what the story adds up to.

    When the time is over: what they are then.
    """
    end = time.monotonic() + seconds
    while True:
        found = {partner: _tasks(sidecar, partner, days[partner]) for partner in TASKS}
        if found == TASKS or time.monotonic() > end:
            return found
        time.sleep(0.25)


def _tasks(sidecar: Sidecar, partner: PartnerId, day: str) -> Decimal:
    answer: dict[str, Any] = sidecar.read(f"/v1/partners/{partner}/quantities?period={day}").json()
    return sum((Decimal(q["value"]) for q in answer["quantities"] if q["meter"] == "Tasks"), Decimal(0))
