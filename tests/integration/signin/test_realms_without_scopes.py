"""A realm that was created without the client scopes that Keycloak has by default."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hostile.arena import OIDC, Arena, arena
from partnergate.doctor.check_results import CheckResult, Verdict
from partnergate.doctor.fetching import Fetcher
from partnergate.doctor.host import host_findings
from partnergate.doctor.login_test import LoginTester
from partnergate.keycloak.reader import KeycloakReader
from partnergate.login.http_login import log_in
from partnergate.model.environment import NetworkPolicy
from partnergate.planning.advisories import AdvisoryTable
from partnergate.playground.real_clock import now

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.devstack import KeycloakServer

pytestmark = pytest.mark.integration
EMPTY = ("profile", "email", "roles", "web-origins")
"""Scopes that exist without mappers; basic and acr do not exist."""
CLAIMS = {"sub": "u-1", "email": "ann@partner.example", "groups": "admins"}


@pytest.fixture(scope="module")
def ring(keycloak: KeycloakServer) -> Iterator[Arena]:
    scopes = [{"name": name, "protocol": "openid-connect"} for name in EMPTY]
    with arena(keycloak, existing={"clientScopes": scopes}) as made:
        yield made


def scopes_finding(ring: Arena) -> CheckResult:
    """What doctor reports about the client scopes."""
    table = AdvisoryTable(format_version=1, published=now().date(), advisories=())
    findings = host_findings(ring.connection, ring.realm, advisories=table, today=now().date())
    [found] = [one for one in findings if one.check == "host.scopes"]
    return found


def test_tokens_have_the_subject_the_partner_and_the_granted_roles(ring: Arena) -> None:
    ring.oidc(OIDC, claims=CLAIMS)
    login = log_in(ring.app, alias=OIDC, credentials=None)
    assert login.claims["sub"] == ring.users()[0]["id"]
    assert login.partner_id == OIDC
    assert login.claims["realm_access"]["roles"] == ["workspace-admin"]


def test_only_existing_scopes_are_assigned_and_the_next_deployment_changes_nothing(ring: Arena) -> None:
    before = KeycloakReader(ring.connection).read_state()
    ring.deploy()
    assert KeycloakReader(ring.connection).read_state() == before
    [client] = ring.connection.get("clients", clientId=ring.app.client_id)
    assert set(client["defaultClientScopes"]) == {*EMPTY, "partnergate", "partnergate-roles"}


def test_a_test_login_passes_and_doctor_names_the_missing_scopes(ring: Arena) -> None:
    ring.oidc(OIDC, claims=CLAIMS)
    tester = LoginTester(
        realm=ring.realm,
        fetcher=Fetcher(policy=NetworkPolicy(allow_loopback_http=True)),
        deployed_secret=lambda _: ring.client_secret,
        connection=ring.connection,
        now=now,
    )
    partner = ring.partners[OIDC]
    assert tester.run(partner, partner.providers[0], None).passed
    found = scopes_finding(ring)
    assert found.verdict is Verdict.WARN
    assert "acr, basic" in found.detail


def test_doctor_fails_when_no_scope_adds_the_subject(ring: Arena) -> None:
    scopes: list[dict[str, Any]] = ring.connection.get("client-scopes")
    [ours] = [scope for scope in scopes if scope["name"] == "partnergate"]
    [mapper] = [one for one in ours["protocolMappers"] if one["name"] == "sub"]
    ring.connection.delete(f"client-scopes/{ours['id']}/protocol-mappers/models/{mapper['id']}")
    try:
        assert scopes_finding(ring).verdict is Verdict.FAIL
        partner = ring.partners[OIDC]
        ring.oidc(OIDC, claims=CLAIMS)
        login = log_in(ring.app, alias=OIDC, credentials=None)
        assert "sub" not in login.claims
        assert login.user_id == login.id_claims["sub"]
        assert partner.partner == login.partner_id
    finally:
        ring.deploy()
