"""The main job on the oldest supported line of the server: plan, apply, an empty plan, one login."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hostile.arena import OIDC, SAML, arena
from partnergate.devstack import keycloak_server
from partnergate.devstack.distribution import OLDEST
from partnergate.devstack.free_ports import free_ports
from partnergate.login.browser import LoginRefusedError
from partnergate.login.http_login import log_in
from partnergate.planning.advisories import OLDEST_SUPPORTED
from partnergate.playground.cast import ACME, person
from partnergate.playground.main_job import ENVIRONMENT, MainJob
from partnergate.realm.desired.events_config import SINCE
from partnergate.realm.versions import at_least, version_tuple
from worlds.main_jobs import renamed_job

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hostile.arena import Arena
    from hostile.saml import SamlScript
    from partnergate.devstack import KeycloakServer

pytestmark = pytest.mark.integration
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def oldest() -> Iterator[KeycloakServer]:
    with keycloak_server(pinned=OLDEST) as server:
        yield server


@pytest.fixture(scope="module")
def job(oldest: KeycloakServer, tmp_path_factory: pytest.TempPathFactory) -> MainJob:
    (port,) = free_ports(1)
    work = tmp_path_factory.mktemp("oldest")
    made = renamed_job(oldest, work=work, app_url=f"http://localhost:{port}", suffix="-oldest")
    made.start_partners()
    return made


def test_the_pinned_server_is_of_the_oldest_supported_line() -> None:
    assert version_tuple(OLDEST.version)[:2] == version_tuple(OLDEST_SUPPORTED)[:2]


def test_the_main_job_works_on_it(job: MainJob) -> None:
    """One test, so that the order of tests does not matter."""
    file = job.work / "plan.json"
    planned = job.command("plan", "--environment", ENVIRONMENT, "--output", str(file))
    assert planned.exit_code == 0, planned.errors
    assert "CVE-2026-3009" in planned.output
    assert json.loads(file.read_text())["target"]["server_version"] == OLDEST.version
    applied = job.command("apply", str(file), "--create-realm")
    assert applied.exit_code == 0, applied.output + applied.errors
    again = job.command("plan", "--environment", ENVIRONMENT, "--detailed-exitcode")
    assert again.exit_code == 0, again.output + again.errors
    job.hand_off()
    login = job.log_in(person(ACME, "ann"))
    assert login.partner_id == ACME
    with job.connection() as realm:
        kept = set(realm.get("events/config")["enabledEventTypes"])
    assert kept.isdisjoint(name for name, since in SINCE if not at_least(OLDEST.version, since))
    assert {"LOGIN", "IDENTITY_PROVIDER_FIRST_LOGIN", "REFRESH_TOKEN"} <= kept


def test_a_user_without_an_identifier_is_refused_on_it(oldest: KeycloakServer) -> None:
    """The first-login flow that closes this has to work on every supported version."""
    with arena(oldest) as ring:
        for alias, script in ((OIDC, lambda s: ring.oidc(claims={"sub": s})), (SAML, _named(ring))):
            for subject in ("", "  ", "\u00a0"):
                script(subject)
                with pytest.raises(LoginRefusedError):
                    log_in(ring.app, alias=alias, credentials=None)
            script("u-1")
            assert log_in(ring.app, alias=alias, credentials=None).partner_id == alias
        linked = [ring.connection.get(f"users/{u['id']}/federated-identity") for u in ring.users()]
        assert sorted(link["userId"] for links in linked for link in links) == ["u-1", "u-1"]


def _named(ring: Arena) -> Callable[[str], SamlScript]:
    return lambda name: ring.saml(name_id=name)
