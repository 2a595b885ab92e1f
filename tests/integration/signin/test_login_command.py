"""The test-login command: three partners, three protocols, evidence, and the guided mode."""

import contextlib
import json
import threading
from pathlib import Path

import pytest

from partnergate.devstack.free_ports import free_ports
from partnergate.doctor.fetching import Fetcher
from partnergate.doctor.guided import guided_login_test
from partnergate.doctor.login_test import LoginTester
from partnergate.login.browser import Browser, LoginRefusedError
from partnergate.playground.cast import ACME, GLOBEX, INITECH, PEOPLE
from partnergate.playground.real_clock import now
from partnergate.signin.failure_reasons import Reason
from worlds.main_jobs import delete_realms, renamed_job

pytestmark = pytest.mark.integration
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def line(keycloak, tmp_path_factory):
    (port,) = free_ports(1)
    made = renamed_job(
        keycloak,
        work=tmp_path_factory.mktemp("job"),
        app_url=f"http://localhost:{port}",
        suffix="-signin",
    )
    made.start_partners()
    applied = made.command("apply", "-e", "demo", "--create-realm", "--yes")
    assert applied.exit_code == 0, applied.errors
    made.hand_off()
    yield made
    delete_realms(made)


@pytest.fixture
def ring():
    """These tests do not use the arena."""

    class WithoutArena:
        def forget_users(self):
            pass

    return WithoutArena()


def try_login(line, partner, name, *arguments, monkeypatch):
    who = next(p for p in PEOPLE if (p.partner, p.name) == (partner, name))
    password = line.cast.credentials(who).password
    monkeypatch.setenv("TEST_PASSWORD", password)
    ran = line.command(
        "test-login", partner, "-e", "demo", "--user", name, "--password-env", "TEST_PASSWORD",
        "--store", line.store_url, *arguments,
    )  # fmt: skip
    assert password not in ran.output + ran.errors
    return ran


@pytest.mark.parametrize(
    ("partner", "name", "role"),
    [(ACME, "ann", "granted"), (GLOBEX, "greta", "not granted"), (INITECH, "ivan", None)],
)
def test_a_passed_test_shows_hops_and_mappings_and_is_evidence(line, monkeypatch, partner, name, role):
    ran = try_login(line, partner, name, "--format", "json", monkeypatch=monkeypatch)
    assert ran.exit_code == 0, ran.output + ran.errors
    seen = json.loads(ran.output)
    assert (seen["passed"], seen["reason"]) == (True, None)
    mapped = {row["field"]: row for row in seen["mapped"]}
    assert mapped["partner_id"]["result"] == partner
    assert mapped["email"]["arrived"] is True
    assert mapped.get("role workspace-admin", {}).get("result") == role
    assert any(hop["what"] == "login form" for hop in seen["hops"])
    assert {"name": "partner_id", "value": seen_partner_id(seen)} in seen["arrived"]
    status = json.loads(
        line.command("status", partner, "-e", "demo", "--store", line.store_url, "--format", "json").output
    )
    (step,) = [s for s in status["partners"][0]["steps"] if s["step"] == "staging_test"]
    assert step["state"] == "done"
    assert step["explanation"].startswith("passed on ")


def seen_partner_id(seen):
    """Return the forged partner_id, which is shown as received but has no effect."""
    return next(claim["value"] for claim in seen["arrived"] if claim["name"] == "partner_id")


def test_a_wrong_password_fails_with_the_text_of_the_page(line, monkeypatch):
    monkeypatch.setenv("TEST_PASSWORD", "wrong")
    ran = line.command("test-login", ACME, "-e", "demo", "--user", "ann", "--password-env", "TEST_PASSWORD")
    assert ran.exit_code == 8
    assert "FAILED: test login of acme in demo (wrong_password)" in ran.output
    assert "Invalid username or password" in ran.output


def test_a_wrong_client_secret_is_reported(line, monkeypatch):
    with line.connection() as server:
        root = f"/admin/realms/{line.cast.idps[ACME].realm}/clients"
        (client,) = server.get(root, clientId="host-app")
        server.put(f"{root}/{client['id']}", client | {"secret": "changed-by-the-partner"})
    try:
        ran = try_login(line, ACME, "ann", monkeypatch=monkeypatch)
        assert ran.exit_code == 8
        assert "(wrong_client_secret)" in ran.output
        assert "does not accept our client ID and client secret" in ran.output
        ran = line.command("doctor", ACME, "-e", "demo", "--format", "json")
        assert ran.exit_code == 8
        seen = json.loads(ran.output)
        assert seen["verdict"] == "fail"
        assert [f["check"] for f in seen["findings"] if f["verdict"] == "fail"] == ["oauth.client"]
    finally:
        line.hand_off()


def test_a_file_with_errors_stops_neither_test_logins_nor_checks_of_other_partners(line, monkeypatch):
    broken = line.root / "partners" / "broken.yaml"
    broken.write_text("partnergate: 1\npartner: broken\nname: Broken\nsign_in: {protocol: oidc}\n")
    try:
        ran = try_login(line, ACME, "ann", monkeypatch=monkeypatch)
        assert ran.exit_code == 0, ran.output + ran.errors
        assert "partners/broken.yaml has " in ran.errors
        assert line.command("doctor", ACME, "-e", "demo").exit_code == 0
    finally:
        broken.unlink()


def test_all_checks_pass_in_the_demo(line):
    ran = line.command("doctor", "-e", "demo")
    assert ran.exit_code == 0, ran.output
    assert " fail" not in ran.output


def open_in_browser(line, who):
    """Return what opens a URL in a browser on this machine, in which ``who`` logs in."""

    def show(url):
        def go():
            browser = Browser()
            with contextlib.suppress(LoginRefusedError):
                callback = browser.walk(
                    url, until=line.application().redirect_uri, credentials=line.cast.credentials(who)
                )
                browser.request("GET", callback)

        threading.Thread(target=go).start()

    return show


def test_a_wrong_client_secret_is_reported_after_a_guided_login(line):
    """The realm does not record it, and the user's own browser cannot be observed."""
    who = next(p for p in PEOPLE if (p.partner, p.name) == (ACME, "ann"))
    workspace = line.workspace()
    partner = next(p for p in workspace.partners if p.partner == ACME)
    with line.connection() as connection:
        root = f"/admin/realms/{line.cast.idps[ACME].realm}/clients"
        (client,) = connection.get(root, clientId="host-app")
        connection.put(f"{root}/{client['id']}", client | {"secret": "changed-by-the-partner"})
        run = LoginTester(
            realm=workspace.realm,
            fetcher=Fetcher(policy=workspace.realm.network),
            deployed_secret=lambda _: "the-agreed-secret",
            connection=connection,
            now=now,
        )
        try:
            trial = guided_login_test(
                run, partner, partner.providers[0], show=open_in_browser(line, who), wait_seconds=10
            )
        finally:
            line.hand_off()
    assert (trial.passed, trial.reason) == (False, Reason.WRONG_CLIENT_SECRET), trial.details


def test_a_guided_login_uses_a_browser_on_this_machine(line):
    who = next(p for p in PEOPLE if (p.partner, p.name) == (GLOBEX, "greta"))
    workspace = line.workspace()
    partner = next(p for p in workspace.partners if p.partner == GLOBEX)
    with line.connection() as connection:
        run = LoginTester(
            realm=workspace.realm,
            fetcher=Fetcher(policy=workspace.realm.network),
            deployed_secret=lambda _: "",
            connection=connection,
            now=now,
        )
        trial = guided_login_test(
            run, partner, partner.providers[0], show=open_in_browser(line, who), wait_seconds=60
        )
        assert trial.passed, trial.details
        assert {m.field: m.result for m in trial.mapped}["partner_id"] == GLOBEX
        timed_out = guided_login_test(
            run, partner, partner.providers[0], show=lambda _: None, wait_seconds=0.1
        )
    assert (timed_out.passed, timed_out.reason) == (False, Reason.UNKNOWN)
    assert any("claims were not inspected" in line for line in timed_out.details)
