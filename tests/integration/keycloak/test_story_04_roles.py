"""Story 4: the roles that docs/roles.md names are enough for each job, and none of them can be left out."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from builders.partners import oauth2_partner, oidc_partner, renamed, saml_partner
from builders.realms import host_realm
from partnergate.errors import KeycloakForbiddenError
from partnergate.keycloak.admin_events import AdminEventReader
from partnergate.keycloak.connection import KeycloakConnection, connect
from partnergate.keycloak.credentials import ServiceAccount
from partnergate.model.environment import HostGroup, HostRole
from worlds.reconciling import Reconciler

if TYPE_CHECKING:
    from collections.abc import Callable

    from partnergate.applying.apply_report import ApplyReport

pytestmark = pytest.mark.integration

DOCUMENT = (Path(__file__).parents[3] / "docs/roles.md").read_text(encoding="utf-8")
SECRET = "ci-secret-of-the-test"
PARTNERS = (oidc_partner("acme", domains=("a.example",)), saml_partner("globex", domains=("g.example",)))


def documented(job: str) -> tuple[str, ...]:
    line = next(line for line in DOCUMENT.splitlines() if line.startswith(f"| `{job}` |"))
    return tuple(re.findall(r"`([a-z-]+)`", line.split("|")[2]))


@dataclass
class Account:
    """A service account whose roles can be changed."""

    admin: KeycloakConnection
    user: str
    management: str

    def give(self, roles: tuple[str, ...]) -> None:
        path = f"users/{self.user}/role-mappings/clients/{self.management}"
        if present := self.admin.get(path):
            self.admin.delete(path, present)
        wanted = [self.admin.get(f"clients/{self.management}/roles/{role}") for role in roles]
        if wanted:
            self.admin.post_for_json(path, wanted)

    def connect(self) -> KeycloakConnection:
        who = ServiceAccount(client_id="ci", client_secret=SECRET)
        return connect(server_url=self.admin.server_url, realm=self.admin.realm, credentials=who)


@pytest.fixture
def account(workspace: Any) -> Account:
    admin = workspace.connection
    Reconciler(admin, host_realm(admin.realm, admin.server_url)).converge(PARTNERS)
    client = admin.post(
        "clients", {"clientId": "ci", "publicClient": False, "serviceAccountsEnabled": True, "secret": SECRET}
    )
    return Account(
        admin=admin,
        user=admin.get(f"clients/{client}/service-account-user")["id"],
        management=admin.get("clients", clientId="realm-management")[0]["id"],
    )


def plan(connection: KeycloakConnection) -> None:
    reconciler = Reconciler(connection, host_realm(connection.realm, connection.server_url))
    assert reconciler.plan(PARTNERS).is_empty


def drift(connection: KeycloakConnection) -> None:
    plan(connection)
    reader = Reconciler(connection, host_realm(connection.realm, connection.server_url)).reader
    reader.read_state()
    assert AdminEventReader(connection, reader.representation).read_acts()


def apply(connection: KeycloakConnection) -> None:
    """Something of every kind; what fails is raised with what the report says."""
    number = len(connection.get("roles", first=0, max=1000))
    realm = host_realm(connection.realm, connection.server_url)
    changed = replace(
        realm,
        roles=(*realm.roles, HostRole(name=f"role-{number}")),
        groups=(*realm.groups, HostGroup(path=f"/group-{number}")),
        clients=(replace(realm.clients[0], redirect_uris=(f"http://127.0.0.1:{9000 + number}/cb",)),),
        events=replace(realm.events, retention_days=number),
        settings=(("displayName", f"Realm {number}"),),
    )
    partners = (
        renamed(oidc_partner("acme", domains=(f"a{number}.example",), grants=2), f"Acme {number}"),
        saml_partner("globex"),
        oidc_partner(f"new-{number}"),
        oauth2_partner("initech"),
    )
    reconciler = Reconciler(connection, changed)
    report: ApplyReport = reconciler.apply(reconciler.plan(partners))
    for part in report.parts:
        if part.error is not None:
            raise part.error
    assert reconciler.plan(partners).is_empty


JOBS: dict[str, Callable[[KeycloakConnection], None]] = {"plan": plan, "drift": drift, "apply": apply}


@pytest.mark.parametrize("job", JOBS)
def test_01_a_job_passes_with_its_roles_and_fails_without_each_of_them(account: Account, job: str) -> None:
    roles = documented(job)
    assert roles
    for missing in roles:
        account.give(tuple(role for role in roles if role != missing))
        with account.connect() as connection, pytest.raises(KeycloakForbiddenError) as refused:
            JOBS[job](connection)
        assert missing.partition("-")[2] in refused.value.diagnostics(), missing
    account.give(roles)
    with account.connect() as connection:
        JOBS[job](connection)
