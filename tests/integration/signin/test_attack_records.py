"""Refused logins without a realm event are in the server's access log and in the launch counts."""

import re
import time
from pathlib import Path

import pytest
import yaml

from hostile.arena import OAUTH2, OIDC, SAML
from partnergate.devstack import keycloak_server
from partnergate.login.browser import Browser, LoginRefusedError
from worlds.launching import launching

pytestmark = pytest.mark.integration
COMPOSE = Path(__file__).parents[3] / "docker-compose.yml"
NO = "urn:oasis:names:tc:SAML:2.0:status:Responder"
ATTEMPTS = {
    "nonce": (OIDC, {"nonce": "of-another-login"}, rf"GET /realms/\S+/broker/{OIDC}/endpoint\" 400"),
    "denied": (OIDC, {"authorize_error": "access_denied"}, rf"GET /realms/\S+/broker/{OIDC}/endpoint\" 400"),
    "broken": (
        OAUTH2,
        {"authorize_error": "server_error"},
        rf"GET /realms/\S+/broker/{OAUTH2}/endpoint\" 400",
    ),
    "saml-no": (SAML, {"status": NO}, rf"POST /realms/\S+/broker/{SAML}/endpoint\" 400"),
    "no-id": (OAUTH2, {"claims": {"email": "x"}}, r"GET /realms/\S+/login-actions/first-broker-login\" 500"),
    "empty-id": (OAUTH2, {"claims": {"id": ""}}, r"GET /realms/\S+/login-actions/first-broker-login\" 500"),
}


@pytest.fixture(scope="module")
def stage():
    """A separate server with the log settings of the compose file."""
    environment = yaml.safe_load(COMPOSE.read_text())["services"]["keycloak"]["environment"]
    settings = {name: value for name, value in environment.items() if "ACCESS_LOG" in name}
    assert settings
    with keycloak_server(settings=settings) as server, launching(server) as made:
        yield made, server.log


@pytest.fixture
def ring(stage):
    return stage[0].arena


@pytest.mark.parametrize("name", ATTEMPTS)
def test_attempts_without_an_event_are_in_the_access_log_and_the_launch_counts(ring, stage, name, refused):
    launching_service, log = stage
    alias, bent, line = ATTEMPTS[name]
    ring.saml(**bent) if alias == SAML else ring.oidc(alias, **bent)
    launching_service.notes.clear()
    before = log.stat().st_size
    _press(launching_service.button(alias))
    _, event = refused(alias)
    assert event == {}
    written = _written(log, before, line)
    assert len(re.findall(line, written)) == 2, written
    assert "code=" not in _access(written)
    assert "state=" not in _access(written)
    assert launching_service.notes == [(alias, "started"), (alias, "sent_to_sign_in")]


def _press(button):
    """Follow the partner's button until an error page."""
    browser = Browser()
    with pytest.raises(LoginRefusedError):
        browser.walk(button, until="http://localhost:1/never")


def _written(log, before, line):
    """Return what the server has logged since ``before``. It writes shortly after the response."""
    for _ in range(40):
        text = log.read_bytes()[before:].decode()
        if len(re.findall(line, text)) >= 2:
            break
        time.sleep(0.05)
    return text


def _access(text):
    return "\n".join(line for line in text.splitlines() if "access-log" in line)
