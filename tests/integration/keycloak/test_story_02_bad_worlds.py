"""Story 2: everything that can be wrong around an apply gives one message with its cause and what to try."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from partnergate.cli.exit_codes import ExitCode
from partnergate.testkit.fault_proxy import Break

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.testkit.fault_proxy import FaultProxy

pytestmark = pytest.mark.integration


def one_message(ran: Any, *words: str) -> None:
    """One error with a cause or target and an advice, no traceback, no secret."""
    assert ran.errors.count("error: ") == 1, ran.errors
    assert "  try: " in ran.errors, ran.errors
    assert "Traceback" not in ran.errors
    assert "secret-of-the-test" not in ran.errors + ran.output
    for word in words:
        assert word in ran.errors, f"{word!r} is not in {ran.errors}"


@contextmanager
def deaf_port() -> Iterator[int]:
    """A port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_01_nobody_listens(workspace: Any) -> None:
    with deaf_port() as port:
        ran = workspace.plan(PARTNERGATE_SERVER_URL=f"http://127.0.0.1:{port}")
    assert ran.exit_code == ExitCode.FAILED
    one_message(ran, "no connection to Keycloak", "refused", f"127.0.0.1:{port}")


def test_02_the_host_has_no_address(workspace: Any) -> None:
    ran = workspace.plan(PARTNERGATE_SERVER_URL="http://keycloak.invalid:8080")
    assert ran.exit_code in {ExitCode.FAILED, ExitCode.INVALID_INPUT}
    assert "Traceback" not in ran.errors


def test_03_the_server_speaks_no_tls(workspace: Any) -> None:
    ran = workspace.plan(PARTNERGATE_SERVER_URL=workspace.server_url.replace("http://", "https://"))
    assert ran.exit_code == ExitCode.FAILED
    one_message(ran, "TLS handshake fails", "speaks https")


def test_04_wrong_credentials(workspace: Any) -> None:
    ran = workspace.plan(PARTNERGATE_KEYCLOAK_PASSWORD="not-the-password")
    assert ran.exit_code == ExitCode.FAILED
    one_message(ran, "does not let the user admin in", "credentials")
    assert "not-the-password" not in ran.errors


def test_05_the_address_is_not_keycloaks(workspace: Any) -> None:
    ran = workspace.plan(PARTNERGATE_SERVER_URL=f"{workspace.server_url}/somewhere")
    assert ran.exit_code == ExitCode.FAILED
    one_message(ran, "no Keycloak at this address")


def test_06_the_realm_master_is_never_a_target(workspace: Any) -> None:
    workspace.edit("realm_templates/demo.yaml", f"realm: {workspace.realm}", "realm: master")
    ran = workspace.apply()
    assert ran.exit_code in {ExitCode.FAILED, ExitCode.INVALID_INPUT}
    assert "Traceback" not in ran.errors


def test_07_a_role_that_lacks_is_named(workspace: Any) -> None:
    workspace.apply()
    secret = viewer(workspace, "view-realm")
    ran = workspace.plan(
        PARTNERGATE_KEYCLOAK_CLIENT_ID="ci",
        PARTNERGATE_KEYCLOAK_CLIENT_SECRET=secret,
        PARTNERGATE_KEYCLOAK_USER="",
        PARTNERGATE_KEYCLOAK_PASSWORD="",
    )
    assert ran.exit_code == ExitCode.FAILED
    one_message(ran, "403", "realm-management role view-")


def viewer(workspace: Any, *roles: str) -> str:
    """A service account of the realm with these roles of ``realm-management``; its secret."""
    connection = workspace.connection
    secret = "a-secret-of-the-test-client"
    identity = connection.post(
        "clients", {"clientId": "ci", "publicClient": False, "serviceAccountsEnabled": True, "secret": secret}
    )
    account = connection.get(f"clients/{identity}/service-account-user")["id"]
    management = connection.get("clients", clientId="realm-management")[0]["id"]
    wanted = [connection.get(f"clients/{management}/roles/{role}") for role in roles]
    connection.post_for_json(f"users/{account}/role-mappings/clients/{management}", wanted)
    return secret


def through(proxy: FaultProxy) -> dict[str, str]:
    return {"PARTNERGATE_SERVER_URL": proxy.url}


@pytest.mark.parametrize(
    ("status", "words"), [(500, "answers 500"), (409, "answers 409"), (503, "answers 503")]
)
def test_08_a_failing_call_puts_its_partner_back_and_the_others_go_on(
    workspace: Any, proxy: FaultProxy, status: int, words: str
) -> None:
    workspace.edit("partners/globex.yaml", "stage: live", "stage: draft")
    assert workspace.apply(**through(proxy)).exit_code == ExitCode.OK
    workspace.edit("partners/globex.yaml", "stage: draft", "stage: live")
    workspace.edit("partners/initech.yaml", "name: Initech", "name: Initech Works")
    proxy.add("POST", r"instances/globex/mappers$", Break.STATUS, status=status, skip=2)
    ran = workspace.apply(**through(proxy))
    assert ran.exit_code == ExitCode.PARTIAL, ran.output + ran.errors
    assert "1 put back" in ran.output
    assert "globex: put back, at identity_provider_mapper globex/" in ran.output
    assert words in ran.output
    assert workspace.connection.get_or_none("identity-provider/instances/globex") is None
    assert workspace.apply(**through(proxy)).exit_code == ExitCode.OK
    assert workspace.plan(**through(proxy)).exit_code == ExitCode.OK


def test_09_a_connection_that_is_cut_after_the_server_acted(workspace: Any, proxy: FaultProxy) -> None:
    for path in (
        r"identity-provider/instances$",
        r"/mappers$",
        r"organizations$",
        r"identity-providers$",
        r"flows$",
    ):
        proxy.add("POST", path, Break.CUT_AFTER)
    proxy.add("PUT", r"instances/acme$", Break.CUT_AFTER)
    ran = workspace.apply(**through(proxy))
    assert ran.exit_code == ExitCode.OK, ran.output + ran.errors
    assert workspace.plan(**through(proxy)).exit_code == ExitCode.OK
    mappers = workspace.connection.get("identity-provider/instances/acme/mappers")
    assert len({m["name"] for m in mappers}) == len(mappers)


def test_10_a_connection_that_is_cut_before_the_server_acted(workspace: Any, proxy: FaultProxy) -> None:
    for path in (r"identity-provider/instances$", r"/mappers$", r"organizations$", r"roles$"):
        proxy.add("POST", path, Break.CUT_BEFORE)
    ran = workspace.apply(**through(proxy))
    assert ran.exit_code == ExitCode.OK, ran.output + ran.errors
    assert workspace.plan(**through(proxy)).exit_code == ExitCode.OK


def test_11_a_server_that_dies_in_the_middle(workspace: Any, proxy: FaultProxy) -> None:
    workspace.edit("partners/globex.yaml", "stage: live", "stage: draft")
    assert workspace.apply(**through(proxy)).exit_code == ExitCode.OK
    workspace.edit("partners/globex.yaml", "stage: draft", "stage: live")
    workspace.edit("partners/acme.yaml", "name: Acme Automations", "name: Acme Works")
    proxy.add("POST", r"/mappers$", Break.DIE, skip=2)
    ran = workspace.apply(**through(proxy))
    assert ran.exit_code == ExitCode.PARTIAL, ran.output + ran.errors
    assert "Traceback" not in ran.errors
    assert "globex: failed" in ran.output
    assert "Run apply again" in ran.output
    proxy.revive()
    again = workspace.apply(**through(proxy))
    assert again.exit_code == ExitCode.OK, again.output + again.errors
    assert workspace.plan(**through(proxy)).exit_code == ExitCode.OK


def test_12_two_applies_at_once(workspace: Any, proxy: FaultProxy) -> None:
    workspace.apply(**through(proxy))
    workspace.edit("partners/acme.yaml", "name: Acme Automations", "name: Acme Works")
    both: list[Any] = []
    threads = [
        threading.Thread(target=lambda: both.append(workspace.apply(**through(proxy)))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    codes = sorted(int(ran.exit_code) for ran in both)
    # One wins; the other meets the lock, finds the realm moved, or comes so late that nothing is left.
    assert codes[0] == ExitCode.OK
    assert codes[1] in {ExitCode.OK, ExitCode.LOCKED, ExitCode.STALE}
    assert workspace.plan(**through(proxy)).exit_code == ExitCode.OK


def test_13_a_realm_that_another_apply_holds(workspace: Any) -> None:
    workspace.apply()
    workspace.connection.post(
        "roles",
        {
            "name": "partnergate-lock",
            "attributes": {
                "holder": ["ops on build-7, process 12"],
                "run": ["other"],
                "space": ["elsewhere"],
                "process": ["12 1"],
                "since": ["2026-11-24T12:00:00+00:00"],
                "expires": ["2999-01-01T00:00:00+00:00"],
            },
        },
    )
    workspace.edit("partners/acme.yaml", "name: Acme Automations", "name: Acme Works")
    ran = workspace.apply()
    assert ran.exit_code == ExitCode.LOCKED
    one_message(ran, "ops on build-7, process 12", "since 2026-11-24T12:00:00")


def test_14_a_realm_that_is_deleted_between_plan_and_apply(workspace: Any) -> None:
    workspace.apply()
    workspace.edit("partners/acme.yaml", "name: Acme Automations", "name: Acme Works")
    workspace.plan("--out", "plan.json")
    workspace.connection.delete("")
    ran = workspace.run("apply", "plan.json")
    assert ran.exit_code in {ExitCode.STALE, ExitCode.FAILED}
    assert "Traceback" not in ran.errors
    assert "  try: " in ran.errors


def test_15_something_in_front_redirects_instead_of_answering(workspace: Any, proxy: FaultProxy) -> None:
    assert workspace.apply(**through(proxy)).exit_code == ExitCode.OK
    workspace.edit("partners/initech.yaml", "name: Initech", "name: Initech Works")
    proxy.add("PUT", r"instances/initech$", Break.STATUS, status=302)
    ran = workspace.apply(**through(proxy))
    assert ran.exit_code == ExitCode.PARTIAL, ran.output + ran.errors
    assert "answers 302 to PUT identity-provider/instances/initech" in ran.output
    assert "something in front of the server redirects" in ran.output
    assert workspace.connection.get("identity-provider/instances/initech")["displayName"] == "Initech"


def test_16_files_with_errors_are_said_before_a_server_that_does_not_answer(workspace: Any) -> None:
    workspace.edit("partners/acme.yaml", "stage: live", "stage: alive")
    with deaf_port() as port:
        ran = workspace.plan(PARTNERGATE_SERVER_URL=f"http://127.0.0.1:{port}")
    assert ran.exit_code == ExitCode.INVALID_INPUT
    assert "no connection" not in ran.errors
