"""Story 2: everything that can be wrong before an apply writes causes one message with its cause and advice.

The expected texts are in ``tests/golden/bad_worlds``. Each was reviewed from the view of an operator.
"""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from hostile.fault_proxy import Break
from hostile.saml import CERTIFICATE_FILE, saml_key
from hostile.server import HostileServer, Reply
from partnergate.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hostile.fault_proxy import FaultProxy
    from hostile.server import Request

pytestmark = pytest.mark.integration


def one_message(ran: Any, code: ExitCode = ExitCode.FAILED) -> None:
    """One error with an advice, nothing beside it, no traceback, no secret."""
    assert ran.exit_code == code, ran.output + ran.errors
    assert ran.errors.count("error: ") == 1, ran.errors
    assert ran.errors.count("  try: ") == 1, ran.errors
    assert "Traceback" not in ran.errors
    assert "secret-of-the-test" not in ran.errors + ran.output


@contextmanager
def deaf_port() -> Iterator[int]:
    """A port without a listener."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@contextmanager
def tls_server(tmp_path: Path, *, days: float = 30, host: str = "localhost") -> Iterator[HostileServer]:
    """A server with a certificate of an unknown issuer."""
    with HostileServer(tls=saml_key(days=days, host=host).tls(tmp_path)) as server:
        yield server


class Page:
    """Another program's server: the same page for everything."""

    def __init__(self, status: int) -> None:
        self._status = status

    def reply(self, request: Request) -> Reply:
        return Reply(status=self._status, content_type="text/html", body=b"<h1>Welcome</h1>")


def test_01_the_connection_is_refused(workspace: Any, as_reviewed: Any) -> None:
    with deaf_port() as port:
        ran = workspace.plan(PARTNERGATE_VAR_SERVER_URL=f"http://127.0.0.1:{port}")
    one_message(ran)
    as_reviewed("connection-refused", ran)


def test_02_the_host_has_no_address(workspace: Any, as_reviewed: Any) -> None:
    workspace.edit("realm_templates/demo.yaml", "network: {allow_loopback_http: true}\n", "")
    names = (
        "PARTNERGATE_VAR_SERVER_URL",
        "PARTNERGATE_VAR_DEMO_IDP",
        "PARTNERGATE_VAR_DEMO_APP",
        "PARTNERGATE_VAR_DEMO_LAUNCH",
    )
    workspace.environ["PARTNERGATE_FINGERPRINT_KEY"] = "0" * 64
    ran = workspace.plan(**dict.fromkeys(names, "https://keycloak.invalid"))
    one_message(ran)
    as_reviewed("no-such-host", ran)


def test_03_the_server_speaks_no_tls(workspace: Any, as_reviewed: Any) -> None:
    ran = workspace.plan(PARTNERGATE_VAR_SERVER_URL=workspace.server_url.replace("http://", "https://"))
    one_message(ran)
    as_reviewed("no-tls", ran)


def test_04_an_untrusted_certificate(workspace: Any, as_reviewed: Any, tmp_path: Path) -> None:
    with tls_server(tmp_path) as server:
        ran = workspace.plan(PARTNERGATE_VAR_SERVER_URL=server.url)
    one_message(ran)
    as_reviewed("untrusted-certificate", ran)


def test_05_a_certificate_for_another_name(workspace: Any, as_reviewed: Any, tmp_path: Path) -> None:
    with tls_server(tmp_path, host="another.example") as server:
        trusted = {"PARTNERGATE_CA_BUNDLE": str(tmp_path / CERTIFICATE_FILE)}
        ran = workspace.plan(PARTNERGATE_VAR_SERVER_URL=server.url, **trusted)
    one_message(ran)
    as_reviewed("certificate-of-another-name", ran)


def test_06_a_certificate_that_has_ended(workspace: Any, as_reviewed: Any, tmp_path: Path) -> None:
    with tls_server(tmp_path, days=-1) as server:
        trusted = {"PARTNERGATE_CA_BUNDLE": str(tmp_path / CERTIFICATE_FILE)}
        ran = workspace.plan(PARTNERGATE_VAR_SERVER_URL=server.url, **trusted)
    one_message(ran)
    as_reviewed("expired-certificate", ran)


def test_07_a_missing_bundle_of_issuers(workspace: Any, as_reviewed: Any, tmp_path: Path) -> None:
    with tls_server(tmp_path) as server:
        ran = workspace.plan(PARTNERGATE_VAR_SERVER_URL=server.url, PARTNERGATE_CA_BUNDLE="nowhere.pem")
    one_message(ran, ExitCode.USAGE)
    as_reviewed("no-ca-bundle", ran)


def test_08_wrong_credentials(workspace: Any, as_reviewed: Any) -> None:
    ran = workspace.plan(PARTNERGATE_KEYCLOAK_PASSWORD="not-the-password")
    one_message(ran)
    assert "not-the-password" not in ran.errors
    as_reviewed("wrong-password", ran)


def test_09_a_service_account_that_the_realm_does_not_have(workspace: Any, as_reviewed: Any) -> None:
    workspace.apply()
    ran = workspace.plan(
        PARTNERGATE_KEYCLOAK_CLIENT_ID="unknown-client", PARTNERGATE_KEYCLOAK_CLIENT_SECRET="not-the-secret"
    )
    one_message(ran)
    assert "not-the-secret" not in ran.errors
    as_reviewed("wrong-client", ran)


def test_10_no_credentials(workspace: Any, as_reviewed: Any) -> None:
    ran = workspace.plan(PARTNERGATE_KEYCLOAK_USER="", PARTNERGATE_KEYCLOAK_PASSWORD="")
    one_message(ran, ExitCode.USAGE)
    as_reviewed("no-credentials", ran)


def test_11_the_address_is_not_keycloaks(workspace: Any, as_reviewed: Any) -> None:
    ran = workspace.plan(PARTNERGATE_VAR_SERVER_URL=f"{workspace.server_url}/somewhere")
    one_message(ran)
    as_reviewed("wrong-path", ran)


def test_12_another_program_answers(workspace: Any, as_reviewed: Any) -> None:
    with HostileServer(script=Page(200)) as server:
        ran = workspace.plan(PARTNERGATE_VAR_SERVER_URL=server.url)
    one_message(ran)
    as_reviewed("another-program", ran)


def test_13_the_proxy_in_front_finds_no_server(workspace: Any, as_reviewed: Any) -> None:
    with HostileServer(script=Page(502)) as server:
        ran = workspace.plan(PARTNERGATE_VAR_SERVER_URL=server.url)
    one_message(ran)
    as_reviewed("bad-gateway", ran)


def test_14_the_realm_master_is_never_a_target(workspace: Any, as_reviewed: Any) -> None:
    workspace.edit("realm_templates/demo.yaml", f"realm: {workspace.realm}", "realm: master")
    ran = workspace.apply()
    one_message(ran, ExitCode.INVALID_INPUT)
    as_reviewed("realm-master", ran)


def test_15_a_missing_role_is_named(workspace: Any, as_reviewed: Any) -> None:
    workspace.apply()
    ran = workspace.plan(**service_account(workspace, "view-realm"))
    one_message(ran)
    as_reviewed("may-not-read", ran)


def test_16_an_account_that_may_only_read_changes_nothing(workspace: Any, as_reviewed: Any) -> None:
    workspace.apply()
    readers = ("view-realm", "view-clients", "view-identity-providers", "view-organizations", "view-users")
    account = service_account(workspace, *readers)
    workspace.edit("partners/acme.yaml", "name: Acme Automations", "name: Acme Works")
    ran = workspace.apply(**account)
    one_message(ran)
    as_reviewed("may-not-write", ran)
    assert workspace.connection.get("identity-provider/instances/acme")["displayName"] == "Acme Automations"


def service_account(workspace: Any, *roles: str) -> dict[str, str]:
    """The environment of a client of the realm with these roles of ``realm-management``."""
    connection = workspace.connection
    secret = "a-secret-of-the-test-client"
    identity = connection.post(
        "clients", {"clientId": "ci", "publicClient": False, "serviceAccountsEnabled": True, "secret": secret}
    )
    account = connection.get(f"clients/{identity}/service-account-user")["id"]
    management = connection.get("clients", clientId="realm-management")[0]["id"]
    wanted = [connection.get(f"clients/{management}/roles/{role}") for role in roles]
    connection.post_for_json(f"users/{account}/role-mappings/clients/{management}", wanted)
    return {
        "PARTNERGATE_KEYCLOAK_CLIENT_ID": "ci",
        "PARTNERGATE_KEYCLOAK_CLIENT_SECRET": secret,
        "PARTNERGATE_KEYCLOAK_USER": "",
        "PARTNERGATE_KEYCLOAK_PASSWORD": "",
    }


def test_17_a_server_that_fails_to_read(workspace: Any, proxy: FaultProxy, as_reviewed: Any) -> None:
    workspace.apply()
    proxy.add("POST", r"partial-export", Break.STATUS, status=500)
    ran = workspace.plan(PARTNERGATE_VAR_SERVER_URL=proxy.url)
    one_message(ran)
    as_reviewed("fails-to-read", ran)


def test_18_another_apply_holds_the_lock(workspace: Any, as_reviewed: Any) -> None:
    workspace.apply()
    workspace.connection.post("roles", held_lock())
    workspace.edit("partners/acme.yaml", "name: Acme Automations", "name: Acme Works")
    ran = workspace.apply()
    one_message(ran, ExitCode.LOCKED)
    as_reviewed("held", ran)


def held_lock(expires: str = "2999-01-01T00:00:00+00:00") -> dict[str, Any]:
    """The lock of a run on another machine."""
    attributes = {
        "holder": "ops on build-7, process 12",
        "run": "other",
        "space": "elsewhere",
        "process": "12 1",
        "since": "2026-11-24T12:00:00+00:00",
        "expires": expires,
    }
    return {"name": "partnergate-lock", "attributes": {name: [value] for name, value in attributes.items()}}


def test_19_the_lock_of_a_crashed_run_is_taken_over_after_it_expires(workspace: Any) -> None:
    workspace.apply()
    workspace.connection.post("roles", held_lock(expires="2026-11-24T12:01:00+00:00"))
    workspace.edit("partners/acme.yaml", "name: Acme Automations", "name: Acme Works")
    ran = workspace.apply()
    assert ran.exit_code == ExitCode.OK
    assert ran.errors == (
        "note: an earlier apply ended without a report: "
        "ops on build-7, process 12, since 2026-11-24T12:00:00+00:00\n"
    )
    assert workspace.connection.get_or_none("roles/partnergate-lock") is None


def test_20_a_realm_that_is_deleted_between_plan_and_apply(workspace: Any, as_reviewed: Any) -> None:
    workspace.apply()
    workspace.edit("partners/acme.yaml", "name: Acme Automations", "name: Acme Works")
    workspace.plan("--output", "plan.json")
    workspace.connection.delete("")
    ran = workspace.run("apply", "plan.json")
    one_message(ran, ExitCode.STALE)
    as_reviewed("realm-deleted-before", ran)


def test_21_a_stale_plan(workspace: Any, as_reviewed: Any) -> None:
    workspace.apply()
    workspace.edit("partners/acme.yaml", "name: Acme Automations", "name: Acme Works")
    workspace.plan("--output", "plan.json")
    provider = workspace.connection.get("identity-provider/instances/initech")
    workspace.connection.put("identity-provider/instances/initech", provider | {"trustEmail": True})
    ran = workspace.run("apply", "plan.json")
    one_message(ran, ExitCode.STALE)
    as_reviewed("moved", ran)


def test_22_a_missing_realm_is_created_only_when_allowed(workspace: Any, as_reviewed: Any) -> None:
    ran = workspace.run("apply", "-e", "demo", "--yes")
    one_message(ran, ExitCode.UNSAFE)
    as_reviewed("no-realm", ran)


def test_23_errors_in_files_are_reported_before_the_server_is_contacted(workspace: Any) -> None:
    workspace.edit("partners/acme.yaml", "stage: live", "stage: alive")
    with deaf_port() as port:
        ran = workspace.plan(PARTNERGATE_VAR_SERVER_URL=f"http://127.0.0.1:{port}")
    one_message(ran, ExitCode.INVALID_INPUT)
    assert "cannot connect" not in ran.errors


@pytest.mark.parametrize(
    ("name", "content"),
    [("half-a-plan", '{"format_version": 1, "changes": ['), ("no-plan", "[]"), ("old-plan", "{}")],
)
def test_24_a_file_that_is_no_plan(workspace: Any, as_reviewed: Any, name: str, content: str) -> None:
    (workspace.directory / "plan.json").write_text(content, encoding="utf-8")
    ran = workspace.run("apply", "plan.json")
    one_message(ran)
    as_reviewed(name, ran)
