"""A real service in front of a real realm: who may send usage, and a stop under load."""

import http.client
import shutil
import signal
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
import requests
import sqlalchemy as sa

from builders.usage import batch, cloud_event
from partnergate.store import open_store
from worlds.service_process import WORKSPACE, Service

AUDIENCE = {
    "name": "audience",
    "protocol": "openid-connect",
    "protocolMapper": "oidc-audience-mapper",
    "config": {"included.custom.audience": "partnergate", "access.token.claim": "true"},
}
OTHER_AUDIENCE = {**AUDIENCE, "config": {**AUDIENCE["config"], "included.custom.audience": "another-service"}}
PARTNER = {
    "name": "partner",
    "protocol": "openid-connect",
    "protocolMapper": "oidc-hardcoded-claim-mapper",
    "config": {
        "claim.name": "partner_id",
        "claim.value": "acme",
        "jsonType.label": "String",
        "access.token.claim": "true",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Realm:
    """A realm with the clients of this suite."""

    base: str
    name: str

    def token(self, client, **form):
        grant = form or {"grant_type": "client_credentials"}
        answer = requests.post(
            f"{self.base}/realms/{self.name}/protocol/openid-connect/token",
            data={"client_id": client, "client_secret": "s", **grant},
            timeout=20,
        )
        answer.raise_for_status()
        return answer.json()["access_token"]


def client(name, *mappers, **more):
    return {
        "clientId": name,
        "secret": "s",
        "serviceAccountsEnabled": True,
        "standardFlowEnabled": False,
        "protocolMappers": list(mappers),
        **more,
    }


def account(name, *roles):
    return {
        "username": f"service-account-{name}",
        "enabled": True,
        "serviceAccountClientId": name,
        "realmRoles": list(roles),
    }


def representation(name):
    person = {
        "username": "ada",
        "enabled": True,
        "email": "ada@acme.test",
        "emailVerified": True,
        "firstName": "Ada",
        "lastName": "A",
        "credentials": [{"type": "password", "value": "p", "temporary": False}],
        "realmRoles": ["usage-writer", "partner-billing"],
    }
    named = ("host-usage", "elsewhere", "short", "roleless")
    return {
        "realm": name,
        "enabled": True,
        "roles": {"realm": [{"name": "usage-writer"}, {"name": "partner-billing"}]},
        "clients": [
            client("host-usage", AUDIENCE),
            client("elsewhere", OTHER_AUDIENCE),
            client("short", AUDIENCE, attributes={"access.token.lifespan": "1"}),
            client("roleless", AUDIENCE),
            client("app", AUDIENCE, PARTNER, directAccessGrantsEnabled=True),
        ],
        "users": [person, *(account(c, *([] if c == "roleless" else ["usage-writer"])) for c in named)],
    }


@pytest.fixture(scope="module")
def realms(keycloak):
    admin = requests.post(
        f"{keycloak.base_url}/realms/master/protocol/openid-connect/token",
        data={
            "grant_type": "password",
            "client_id": "admin-cli",
            "username": keycloak.admin_user,
            "password": keycloak.admin_password,
        },
        timeout=20,
    ).json()["access_token"]
    headers = {"authorization": f"Bearer {admin}"}
    made = [Realm(base=keycloak.base_url, name=f"usage-{uuid4().hex[:8]}") for _ in range(2)]
    for one in made:
        requests.post(
            f"{keycloak.base_url}/admin/realms", json=representation(one.name), headers=headers, timeout=60
        ).raise_for_status()
    yield made
    admin = Realm(base=keycloak.base_url, name="master").token(
        "admin-cli",
        grant_type="password",
        username=keycloak.admin_user,
        password=keycloak.admin_password,
        client_secret="",
    )
    for one in made:
        requests.delete(
            f"{keycloak.base_url}/admin/realms/{one.name}",
            headers={"authorization": f"Bearer {admin}"},
            timeout=60,
        ).raise_for_status()


@pytest.fixture
def store_url(tmp_path):
    return f"sqlite:///{tmp_path}/store.db"


@pytest.fixture
def service(realms, store_url, tmp_path):
    workspace = Path(tmp_path, "workspace")
    for folder in ("partners", "realm_templates"):
        shutil.copytree(WORKSPACE / folder, workspace / folder)
    template = workspace / "realm_templates" / "demo.yaml"
    text = template.read_text()
    assert "realm: host-demo" in text
    template.write_text(text.replace("realm: host-demo", f"realm: {realms[0].name}"))
    with Service(
        store_url, environ={"PARTNERGATE_VAR_SERVER_URL": realms[0].base}, workspace=workspace
    ) as running:
        yield running


def body(*ids):
    return batch(*(cloud_event(i, subject="acme:x", quantity=1) for i in ids))


def kept(store_url):
    with open_store(store_url) as store, store.read() as connection:
        return connection.execute(sa.text("SELECT id FROM usage_events")).scalars().all()


def test_a_service_account_with_the_role_can_send_a_batch(service, realms, store_url):
    status, _, answer = service.send(body("1", "2"), realms[0].token("host-usage"))
    assert (status, answer["counts"]) == (200, {"accepted": 2})
    assert sorted(kept(store_url)) == ["1", "2"]


def test_every_other_token_is_refused_with_a_reason(service, realms, store_url):
    own, other = realms
    expired = own.token("short")
    person = own.token("app", grant_type="password", username="ada", password="p")
    refusals = [
        (None, 401, "the request has no bearer token"),
        (own.token("elsewhere"), 401, "the token is for another audience"),
        (other.token("host-usage"), 401, "the token is signed with a key that is not a key of the realm"),
        (own.token("roleless"), 403, "the token does not have the role usage-writer"),
        (person, 403, "the token does not have the role usage-writer"),
    ]
    time.sleep(12)  # the service allows ten seconds of difference between clocks
    refusals.append((expired, 401, "the token has expired"))
    for token, status, detail in refusals:
        found, headers, problem = service.send(body("1"), token)
        headers = {name.lower(): value for name, value in headers.items()}
        assert (found, problem["status"], problem["detail"]) == (status, status, detail)
        assert headers["content-type"] == "application/problem+json"
        assert ("www-authenticate" in headers) == (status == 401)
    assert kept(store_url) == []


def test_shutdown_under_load_loses_no_acknowledged_event(service, realms, store_url):
    token = realms[0].token("host-usage")
    acknowledged = set()

    def sending(name):
        number = 0
        while True:
            ids = [f"{name}-{number}-{n}" for n in range(500)]
            try:
                status, _, answer = service.send(body(*ids), token)
            except (OSError, http.client.HTTPException):
                return
            if status != 200:
                return
            assert answer["counts"] == {"accepted": 500}
            acknowledged.update(ids)
            number += 1

    threads = [threading.Thread(target=sending, args=(f"t{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(2)
    service.process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    assert service.process.wait(40) == 0
    assert time.monotonic() - began < 25
    for thread in threads:
        thread.join(30)
    assert len(acknowledged) >= 500
    found = kept(store_url)
    assert len(found) == len(set(found))
    assert acknowledged <= set(found)
