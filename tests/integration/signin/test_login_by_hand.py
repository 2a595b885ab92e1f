"""A test login in a watched window shows what one without a window shows, and ends when the person does."""

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
from partnergate.signin.reasons import Reason

pytestmark = [pytest.mark.integration, pytest.mark.browser]
ALIAS = {"oidc": OIDC, "oauth2": OAUTH2, "saml": SAML}
ABOUT = {"email": "ann@partner.example", "given_name": "Ann", "dept": "research", "groups": "admins"}


@pytest.fixture
def run(ring):
    return LoginTester(
        realm=ring.realm,
        fetcher=Fetcher(policy=NetworkPolicy(allow_loopback_http=True)),
        resolve=lambda _: ring.client_secret,
        connection=ring.connection,
        now=now,
    )


@pytest.fixture
def by_hand(ring, run, chromium):
    def go(alias, *, wait_seconds=20.0, person=lambda _: None):
        partner = ring.partners[alias]
        with observed_chromium(chromium, wait_seconds=wait_seconds, headless=True) as window:

            def opened(witness):
                made = window(witness)
                person(made.page)
                return made

            return run.run(partner, partner.providers[0], None, window=opened)

    return go


def play(ring, protocol, **bent):
    if protocol == "saml":
        return ring.saml(attributes=ABOUT, **bent)
    claims = {"id" if protocol == "oauth2" else "sub": "u-1"} | ABOUT | bent.pop("claims", {})
    return ring.oidc(ALIAS[protocol], claims=claims, **bent)


@pytest.mark.parametrize("protocol", ALIAS)
def test_it_shows_all_that_a_login_without_a_window_shows(ring, run, by_hand, protocol):
    play(ring, protocol)
    alias = ALIAS[protocol]
    seen = by_hand(alias)
    assert seen.passed, seen.details
    partner = ring.partners[alias]
    alone = run.run(partner, partner.providers[0], None)
    # What is of one login alone: its instants, ids and how long a value is.
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
def test_it_names_the_same_reasons(ring, by_hand, protocol, bent, reason):
    play(ring, protocol, **bent)
    trial = by_hand(ALIAS[protocol])
    assert (trial.passed, trial.reason) == (False, reason), trial.details


def test_the_second_look_never_reaches_the_realm(ring, by_hand):
    """Its answer is taken in the browser, so the realm records no login that nobody asked for."""
    play(ring, "oidc")
    before = ring.last_error().get("id")
    assert by_hand(OIDC).passed
    assert ring.last_error().get("id") == before


def test_a_page_of_the_partner_that_leads_nowhere_ends_the_test(ring, by_hand):
    ring.servers[OIDC].script = None
    trial = by_hand(OIDC)
    assert (trial.passed, trial.hops[-1].status) == (False, 503)


def test_a_window_that_is_closed_ends_the_test(ring, by_hand):
    class Waiting:
        def reply(self, _):
            threading.Event().wait(0.8)
            return ring.oidc().reply(_)

    ring.servers[OIDC].script = Waiting()
    trial = by_hand(OIDC, person=lambda page: page.once("request", lambda _: page.close()))
    assert (trial.passed, trial.reason) == (False, Reason.UNKNOWN)
    assert "the window was closed" in trial.details


def test_a_person_who_does_nothing_runs_out_of_time(ring, by_hand):
    class Form:
        def reply(self, _):
            return Reply(content_type="text/html", body=b"<form><input type=password name=p></form>")

    ring.servers[OIDC].script = Form()
    trial = by_hand(OIDC, wait_seconds=1.0)
    assert "nobody came back within 1 s" in trial.details


def test_a_machine_without_a_desktop_is_told_so(tmp_path):
    no_browser = tmp_path / "chromium"
    no_browser.write_text("#!/bin/sh\nexit 1\n")
    no_browser.chmod(0o755)
    with (
        pytest.raises(UsageError, match="no window can be opened here"),
        observed_chromium(no_browser, wait_seconds=1),
    ):
        pass


def test_a_window_that_was_closed_before_ends_the_next_walk_as_well(chromium):
    """Between the login and the second look there is time to close it."""
    policy = NetworkPolicy(allow_loopback_http=True)
    witness = LoginRecorder(
        host_url="http://127.0.0.1:1",
        partner_url="http://127.0.0.1:1",
        endpoint="http://127.0.0.1:1/back",
        fetcher=Fetcher(policy=policy),
    )
    with observed_chromium(chromium, wait_seconds=1, headless=True) as window:
        browser = window(witness)
        browser.page.close()
        with pytest.raises(LoginRefusedError, match="the window was closed"):
            browser.walk("http://127.0.0.1:1/", until="http://127.0.0.1:1/back")
