"""The sidecar as the host uses it: tokens of the realm, usage over HTTP, and the sessions in its store."""

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
    from partnergate.playground.main_job import MainJob

AUDIENCE = "partnergate"
USAGE_CLIENT, OPERATOR_CLIENT = "host-usage", "host-operator"
_ROLES = {USAGE_CLIENT: "usage-writer", OPERATOR_CLIENT: "partnergate-operator"}
_BATCH = "application/cloudevents-batch+json"
_SECONDS = 30

Session = AttributedSession | UnattributedSession


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenClient:
    """A client of the host's realm with a service account."""

    token_url: str
    client_id: str
    secret: str = field(repr=False)

    def token(self) -> str:
        """Request an access token."""
        answer = requests.post(
            self.token_url,
            data={"grant_type": "client_credentials"},
            auth=(self.client_id, self.secret),
            timeout=_SECONDS,
        )
        answer.raise_for_status()
        return str(answer.json()["access_token"])


def make_service_accounts(realm: KeycloakConnection) -> dict[str, TokenClient]:
    """Create the clients with which the host's product and operators call the sidecar, each with one role."""
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
        made[client_id] = TokenClient(token_url=token_url, client_id=client_id, secret=secret)
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
    """A running sidecar and the accounts to call it with."""

    url: str
    accounts: Mapping[str, TokenClient]

    def report(self, events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Send usage events as one CloudEvents batch. Returns the counts and the result of each event."""
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
        """Get a page or an API response as an operator."""
        return requests.get(f"{self.url}{path}", headers=self._headers(OPERATOR_CLIENT), timeout=_SECONDS)

    def _headers(self, client_id: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.accounts[client_id].token()}"}


@contextmanager
def running_sidecar(job: MainJob, *, port: int, arguments: Sequence[str] = ()) -> Iterator[Sidecar]:
    """Run ``partnergate serve`` in another process until the ``with`` statement ends."""
    with job.connection() as realm:
        accounts = make_service_accounts(realm)
    url = f"http://localhost:{port}"
    with running_command(
        *("serve", "--environment", job.environment, "--port", str(port), *arguments),
        directory=job.root,
        environ=job.environ,
        ready_url=f"{url}/livez",
        log=job.work / f"sidecar-{port}.log",
    ):
        yield Sidecar(url=url, accounts=accounts)


def wait_for_sessions(job: MainJob, session_ids: Sequence[str], *, seconds: float = 60) -> dict[str, Session]:
    """The stored sessions, once the sidecar has read them all. Raises ``DevstackError`` after ``seconds``."""
    end = time.monotonic() + seconds
    while True:
        found = stored_sessions(job, session_ids)
        if len(found) == len(set(session_ids)):
            return found
        if time.monotonic() > end:
            raise DevstackError(
                f"the sidecar read {len(found)} of {len(set(session_ids))} sessions in {seconds:.0f} s",
                target=str(job.work),
                advice="see the sidecar's log in that directory",
            )
        time.sleep(0.25)


def stored_sessions(job: MainJob, session_ids: Sequence[str]) -> dict[str, Session]:
    """The sessions in the store now; unknown sessions are omitted."""
    realm = job.workspace().realm.realm
    with open_store(job.store_url) as store:
        ingest = EventIngest(store=store)
        with store.read() as connection:
            registry = ingest.registry(connection, realm)
            found = {s: session_of(connection, realm, s, registry) for s in session_ids}
    return {s: session for s, session in found.items() if session is not None}


def wait_for_tasks(
    sidecar: Sidecar, days: Mapping[PartnerId, str], *, seconds: float = 60
) -> dict[PartnerId, Decimal]:
    """The quantity of ``Tasks`` per partner, once it equals ``TASKS`` or ``seconds`` have passed.

    ``days`` names the period of each partner by a day in it.
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
