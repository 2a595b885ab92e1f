"""Manual test logins in an observed window: same report as headless logins, and how they end."""

import threading

import pytest

from hostile.arena import OAUTH2, OIDC, SAML
from hostile.oidc import Signing
from hostile.saml import Signed
from hostile.server import Reply
from partnergate.doctor.fetching import Fetcher
from partnergate.doctor.login_recorder import LoginRecorder
from partnergate.doctor.login_test import LoginTester
from partnergate.doctor.observed_browser import observed_chromium
from partnergate.errors import UsageError
from partnergate.login.browser import LoginRefusedError
from partnergate.model.environment import NetworkPolicy
from partnergate.playground.real_clock import now
from partnergate.signin.failure_reasons import Reason

pytestmark = [pytest.mark.integration, pytest.mark.browser]
ALIAS = {"oidc": OIDC, "oauth2": OAUTH2, "saml": SAML}
ABOUT = {"email": "ann@partner.example", "given_name": "Ann", "dept": "research", "groups": "admins"}


@pytest.fixture
def run(ring):
    return LoginTester(
        realm=ring.realm,
        fetcher=Fetcher(policy=NetworkPolicy(allow_loopback_http=True)),
        deployed_secret=lambda _: ring.client_secret,
        connection=ring.connection,
        now=now,
    )


@pytest.fixture
def by_hand(ring, run, chromium):
    def go(alias, *, wait_seconds=20.0, act=lambda _: None):
        partner = ring.partners[alias]
        with observed_chromium(chromium, wait_seconds=wait_seconds, headless=True) as window:

            def opened(recorder):
                made = window(recorder)
                act(made.page)
                return made

            return run.run(partner, partner.providers[0], None, open_window=opened)

    return go


def play(ring, protocol, **bent):
    if protocol == "saml":
        return ring.saml(attributes=ABOUT, **bent)
    claims = {"id" if protocol == "oauth2" else "sub": "u-1"} | ABOUT | bent.pop("claims", {})
    return ring.oidc(ALIAS[protocol], claims=claims, **bent)


@pytest.mark.parametrize("protocol", ALIAS)
def test_a_manual_login_reports_the_same_as_a_headless_login(ring, run, by_hand, protocol):
    play(ring, protocol)
    alias = ALIAS[protocol]
    seen = by_hand(alias)
    assert seen.passed, seen.details
    partner = ring.partners[alias]
    alone = run.run(partner, partner.providers[0], None)
    # Timestamps and IDs differ between logins.
    ours, theirs = (
        {
            claim.name: claim.value
            for claim in trial.arrived or ()
            if claim.name not in {"exp", "iat", "nonce"}
        }
        for trial in (seen, alone)
    )
    assert ours == theirs
    assert ours["email"] == "a***@partner.example"
    assert seen.mapped == alone.mapped
    assert {hop.what for hop in seen.hops} >= ({"SAML post"} if protocol == "saml" else {"redirect"})
    assert all("?" not in hop.url for hop in seen.hops)


@pytest.mark.parametrize(
    ("protocol", "bent", "reason"),
    [
        ("oidc", {"signing": Signing.UNKNOWN_KEY}, Reason.BAD_SIGNATURE),
        ("oidc", {"authorize_error": "access_denied"}, Reason.USER_DENIED),
        ("oauth2", {"client_secret": "another"}, Reason.WRONG_CLIENT_SECRET),
        ("saml", {"signed": Signed.NOTHING}, Reason.BAD_SIGNATURE),
        ("saml", {"audience": "https://another.example"}, Reason.WRONG_AUDIENCE),
        ("saml", {"name_id": ""}, Reason.MISSING_CLAIM),
    ],
)
def test_a_manual_login_reports_the_same_reasons(ring, by_hand, protocol, bent, reason):
    play(ring, protocol, **bent)
    trial = by_hand(ALIAS[protocol])
    assert (trial.passed, trial.reason) == (False, reason), trial.details


def test_the_direct_sign_in_never_reaches_the_realm(ring, by_hand):
    """The browser stops before the redirect, so the realm records no unexpected login."""
    play(ring, "oidc")
    before = ring.last_error().get("id")
    assert by_hand(OIDC).passed
    assert ring.last_error().get("id") == before


def test_an_error_page_of_the_partner_ends_the_test(ring, by_hand):
    ring.servers[OIDC].script = None
    trial = by_hand(OIDC)
    assert (trial.passed, trial.hops[-1].status) == (False, 503)


def test_closing_the_window_ends_the_test(ring, by_hand):
    class Waiting:
        def reply(self, _):
            threading.Event().wait(0.8)
            return ring.oidc().reply(_)

    ring.servers[OIDC].script = Waiting()
    trial = by_hand(OIDC, act=lambda page: page.once("request", lambda _: page.close()))
    assert (trial.passed, trial.reason) == (False, Reason.UNKNOWN)
    assert "the window was closed" in trial.details


def test_an_inactive_user_times_out(ring, by_hand):
    class Form:
        def reply(self, _):
            return Reply(content_type="text/html", body=b"<form><input type=password name=p></form>")

    ring.servers[OIDC].script = Form()
    trial = by_hand(OIDC, wait_seconds=1.0)
    assert "the login was not completed within 1 s" in trial.details


def test_a_machine_without_a_desktop_gets_an_error(tmp_path):
    no_browser = tmp_path / "chromium"
    no_browser.write_text("#!/bin/sh\nexit 1\n")
    no_browser.chmod(0o755)
    with (
        pytest.raises(UsageError, match="cannot open a browser window"),
        observed_chromium(no_browser, wait_seconds=1),
    ):
        pass


def test_a_window_closed_between_two_walks_ends_the_second_walk(chromium):
    """The user can close the window between the login and the direct sign-in."""
    policy = NetworkPolicy(allow_loopback_http=True)
    recorder = LoginRecorder(
        host_url="http://127.0.0.1:1",
        partner_url="http://127.0.0.1:1",
        endpoint="http://127.0.0.1:1/back",
        fetcher=Fetcher(policy=policy),
        now=now,
    )
    with observed_chromium(chromium, wait_seconds=1, headless=True) as window:
        browser = window(recorder)
        browser.page.close()
        with pytest.raises(LoginRefusedError, match="the window was closed"):
            browser.walk("http://127.0.0.1:1/", until="http://127.0.0.1:1/back")
