"""The headless login directly at a realm, without a broker in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from partnergate.keycloak.connection import KeycloakConnection, connect
from partnergate.keycloak.credentials import AdminUser
from partnergate.login.browser import Browser, Credentials, LoginRefusedError
from partnergate.login.http_login import HostApplication, log_in, log_out, refresh
from partnergate.playground.partner_idp import IdpUser, PartnerIdp, make_partner_realm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.devstack import KeycloakServer

pytestmark = pytest.mark.integration

REALM = "login-direct"
ANN = IdpUser(
    username="ann", password="ann-pass", email="ann@direct.example", first_name="Ann", last_name="Direct"
)
CALLBACK = "http://localhost:9/callback"
SIGNED_OUT = "http://localhost:9/signed-out"


@pytest.fixture(scope="module")
def server(keycloak: KeycloakServer) -> Iterator[KeycloakConnection]:
    credentials = AdminUser(user=keycloak.admin_user, password=keycloak.admin_password)
    with connect(server_url=keycloak.base_url, realm=REALM, credentials=credentials) as connection:
        yield connection


@pytest.fixture(scope="module")
def application(server: KeycloakConnection) -> Iterator[HostApplication]:
    make_partner_realm(server, PartnerIdp(realm=REALM, users=(ANN,)))
    server.post(
        "clients",
        {
            "clientId": "app",
            "publicClient": True,
            "redirectUris": [CALLBACK],
            "attributes": {"post.logout.redirect.uris": SIGNED_OUT},
        },
    )
    yield HostApplication(base_url=server.server_url, realm=REALM, client_id="app", redirect_uri=CALLBACK)
    server.delete("")


def test_a_login_returns_verified_tokens_and_its_requests(application: HostApplication) -> None:
    login = log_in(application, alias=None, credentials=Credentials(username="ann", password="ann-pass"))
    assert login.id_claims["email"] == "ann@direct.example"
    assert [hop.what for hop in login.hops] == ["page", "login form"]


def test_a_live_session_needs_no_credentials_until_it_is_ended(application: HostApplication) -> None:
    browser = Browser()
    first = log_in(
        application,
        alias=None,
        credentials=Credentials(username="ann", password="ann-pass"),
        browser=browser,
    )
    second = log_in(application, alias=None, credentials=None, browser=browser)
    assert second.session_id == first.session_id
    assert log_out(application, second, browser, return_to=SIGNED_OUT) == SIGNED_OUT
    with pytest.raises(LoginRefusedError, match="no credentials were given"):
        log_in(application, alias=None, credentials=None, browser=browser)
    with pytest.raises(LoginRefusedError, match="invalid_grant"):
        refresh(application, second)
    browser.close()


def test_a_wrong_password_is_refused_with_the_message_of_the_page(application: HostApplication) -> None:
    with pytest.raises(LoginRefusedError, match="Invalid username or password"):
        log_in(application, alias=None, credentials=Credentials(username="ann", password="wrong"))


def test_a_redirect_uri_that_is_not_registered_is_refused_on_a_page(application: HostApplication) -> None:
    elsewhere = HostApplication(
        base_url=application.base_url,
        realm=application.realm,
        client_id="app",
        redirect_uri="http://localhost:9/elsewhere",
    )
    with pytest.raises(LoginRefusedError, match="redirect_uri") as refused:
        log_in(elsewhere, alias=None, credentials=None)
    assert refused.value.page is not None
    assert refused.value.page.status == 400
