"""Triggers each reason of a failed test login in every protocol where it can occur."""

from datetime import timedelta
from pathlib import Path

import pytest

from hostile.arena import OAUTH2, OIDC, SAML
from hostile.login_page import PASSWORD, USER, BehindLoginPage
from hostile.oidc import Signing
from hostile.saml import CERTIFICATE_FILE, Signed, saml_key
from hostile.server import HostileServer
from partnergate.doctor.fetching import Fetcher
from partnergate.doctor.login_test import LoginTester
from partnergate.login.browser import Credentials
from partnergate.model.environment import NetworkPolicy
from partnergate.playground.real_clock import now
from partnergate.signin.failure_reasons import EXPLANATIONS, Reason

pytestmark = pytest.mark.integration
ALIAS = {"oidc": OIDC, "oauth2": OAUTH2, "saml": SAML}


@pytest.fixture
def attempt(ring):
    def go(alias, credentials=None, *, accept_consent=False, **fetching):
        run = LoginTester(
            realm=ring.realm,
            fetcher=Fetcher(policy=NetworkPolicy(allow_loopback_http=True), **fetching),
            deployed_secret=lambda _: ring.client_secret,
            connection=ring.connection,
            now=now,
        )
        partner = ring.partners[alias]
        return run.run(partner, partner.providers[0], credentials, accept_consent=accept_consent)

    return go


def behind_login_page(ring, protocol, **pages):
    """Configure a valid partner whose user sees a sign-in page."""
    play(ring, protocol)
    server = ring.servers[ALIAS[protocol]]
    server.script = BehindLoginPage(script=server.script, **pages)


def play(ring, protocol, **bent):
    """Configure a valid partner user, with the given faults."""
    about = {"email": "ann@partner.example", "given_name": "Ann", "dept": "research", "groups": "admins"}
    about |= bent.pop("about", {})
    about = {name: value for name, value in about.items() if value is not None}
    if protocol == "saml":
        return ring.saml(attributes=about, **bent)
    subject = {"id" if protocol == "oauth2" else "sub": "u-1"}
    return ring.oidc(ALIAS[protocol], claims=subject | about | bent.pop("claims", {}), **bent)


@pytest.mark.parametrize("protocol", ALIAS)
def test_a_valid_login_passes_and_shows_every_mapping_result(ring, attempt, protocol):
    play(ring, protocol)
    trial = attempt(ALIAS[protocol])
    assert (trial.passed, trial.reason) == (True, None), trial.details
    fields = {m.field: m for m in trial.mapped}
    assert fields["partner_id"].result == ALIAS[protocol]
    assert fields["email"].result == "a***@partner.example"
    assert fields["department"].result.startswith("r*** (8")
    assert fields["role workspace-admin"].result == "granted"
    assert all(m.arrived for m in trial.mapped)
    assert "ann@" not in str(trial)
    assert "research" not in str(trial)
    assert [h.what for h in trial.hops][-1:] in (["redirect"], ["SAML post"])


def expect(trial, reason, protocol):
    assert not trial.passed
    assert trial.reason is reason, (trial.reason, trial.details)
    assert protocol in EXPLANATIONS[reason].protocols


@pytest.mark.parametrize("protocol", ALIAS)
def test_wrong_password(ring, attempt, protocol):
    behind_login_page(ring, protocol)
    trial = attempt(ALIAS[protocol], Credentials(username=USER, password="wrong"))
    expect(trial, Reason.WRONG_PASSWORD, protocol)
    assert any("Wrong password" in line for line in trial.details)


@pytest.mark.parametrize("protocol", ALIAS)
def test_consent_required(ring, attempt, protocol):
    behind_login_page(ring, protocol, asks_consent=True)
    user = Credentials(username=USER, password=PASSWORD)
    expect(attempt(ALIAS[protocol], user), Reason.CONSENT_REQUIRED, protocol)
    trial = attempt(ALIAS[protocol], user, accept_consent=True)
    assert trial.passed, trial.details
    assert "consent" in [hop.what for hop in trial.hops]


@pytest.mark.parametrize("protocol", ALIAS)
def test_sign_in_page_not_automated(ring, attempt, protocol):
    behind_login_page(ring, protocol, asks_code=True)
    expect(attempt(ALIAS[protocol]), Reason.SIGN_IN_PAGE_NOT_AUTOMATED, protocol)
    user = Credentials(username=USER, password=PASSWORD)
    expect(attempt(ALIAS[protocol], user), Reason.SIGN_IN_PAGE_NOT_AUTOMATED, protocol)


def test_claims_only_in_userinfo(ring, attempt, changed):
    """Keycloak does not ask the user-info endpoint by default, so the user would have no email address."""
    userinfo = f"{ring.servers[OIDC].url}/userinfo"
    changed(OIDC, sign_in={"userinfo_url": userinfo})
    play(ring, "oidc", only_in_userinfo=frozenset({"email", "dept"}))
    trial = attempt(OIDC)
    expect(trial, Reason.CLAIMS_ONLY_IN_USERINFO, "oidc")
    assert "only in the user-info response: dept, email (set use_userinfo: true)" in trial.details
    changed(OIDC, sign_in={"userinfo_url": userinfo, "use_userinfo": True})
    trial = attempt(OIDC)
    assert trial.passed, trial.details
    assert {m.field: m.result for m in trial.mapped}["email"] == "a***@partner.example"


@pytest.mark.parametrize("protocol", ["oidc", "saml"])
def test_a_slow_login_is_not_a_clock_skew(ring, protocol):
    """The message is compared with the time at which it arrived, not with the start of the command."""
    play(ring, protocol)
    early = now() - timedelta(seconds=60)
    times = iter([early])
    run = LoginTester(
        realm=ring.realm,
        fetcher=Fetcher(policy=NetworkPolicy(allow_loopback_http=True)),
        deployed_secret=lambda _: ring.client_secret,
        connection=ring.connection,
        now=lambda: next(times, None) or now(),
    )
    ring.connection.post("users", {"username": f"{ALIAS[protocol]}.u-1", "enabled": True})
    partner = ring.partners[ALIAS[protocol]]
    expect(run.run(partner, partner.providers[0], None), Reason.DUPLICATE_USER, protocol)


@pytest.mark.parametrize("protocol", ["oidc", "oauth2"])
def test_wrong_client_secret(ring, attempt, protocol):
    play(ring, protocol, client_secret="another")
    expect(attempt(ALIAS[protocol]), Reason.WRONG_CLIENT_SECRET, protocol)


@pytest.mark.parametrize("protocol", ALIAS)
def test_redirect_uri_not_registered(ring, attempt, protocol):
    name = "acs_urls" if protocol == "saml" else "redirect_uris"
    play(ring, protocol, **{name: frozenset({"https://somewhere.else.example"})})
    expect(attempt(ALIAS[protocol]), Reason.REDIRECT_URI_NOT_REGISTERED, protocol)


@pytest.mark.parametrize(
    ("protocol", "bent"),
    [
        ("oidc", {"claims": {"iss": "https://another.example"}}),
        ("saml", {"entity_id": "https://another.example"}),
    ],
)
def test_issuer_mismatch(ring, attempt, protocol, bent):
    play(ring, protocol, **bent)
    expect(attempt(ALIAS[protocol]), Reason.ISSUER_MISMATCH, protocol)


@pytest.mark.parametrize(
    ("protocol", "bent"),
    [
        *(("oidc", {"signing": s}) for s in Signing if s is not Signing.RIGHT),
        ("saml", {"signed": Signed.NOTHING}),
        ("saml", {"signed": Signed.RESPONSE}),
        ("saml", {"key": saml_key()}),
    ],
)
def test_bad_signature(ring, attempt, protocol, bent):
    play(ring, protocol, **bent)
    trial = attempt(ALIAS[protocol])
    expect(trial, Reason.BAD_SIGNATURE, protocol)
    assert any(line.startswith("the realm recorded ") for line in trial.details)


def test_expired_certificate_of_the_signer(ring, attempt, changed):
    key = saml_key(days=-1)
    changed(SAML, sign_in={"certificates": (key.base64_der,)})
    play(ring, "saml", key=key)
    expect(attempt(SAML), Reason.EXPIRED_CERTIFICATE, "saml")


@pytest.mark.parametrize("protocol", ["oidc", "oauth2"])
def test_expired_certificate_of_the_address(ring, attempt, changed, protocol, tmp_path):
    with HostileServer(tls=saml_key(days=-1).tls(tmp_path)) as late:
        changed(ALIAS[protocol], sign_in={"token_url": f"{late.url}/token"})
        play(ring, protocol)
        expect(
            attempt(ALIAS[protocol], ca_bundle=str(tmp_path / CERTIFICATE_FILE)),
            Reason.EXPIRED_CERTIFICATE,
            protocol,
        )


@pytest.mark.parametrize(
    ("protocol", "bent"),
    [
        ("oidc", {"claims": {"aud": "another"}}),
        ("saml", {"audience": "https://another.example"}),
        ("saml", {"recipient": "https://another.example/acs"}),
        ("saml", {"destination": "https://another.example/acs"}),
    ],
)
def test_wrong_audience(ring, attempt, protocol, bent):
    play(ring, protocol, **bent)
    expect(attempt(ALIAS[protocol]), Reason.WRONG_AUDIENCE, protocol)


@pytest.mark.parametrize(
    ("protocol", "bent"),
    [
        ("oidc", {"clock": -3600.0}),
        ("oidc", {"claims": {"nbf": 4_000_000_000}}),
        ("saml", {"clock": -3600.0}),
        ("saml", {"clock": 3600.0}),
    ],
)
def test_clock_skew(ring, attempt, protocol, bent):
    play(ring, protocol, **bent)
    expect(attempt(ALIAS[protocol]), Reason.CLOCK_SKEW, protocol)


@pytest.mark.parametrize(
    ("protocol", "bent"),
    [
        ("oidc", {"without": frozenset({"sub"})}),
        ("oidc", {"claims": {"sub": ""}}),
        ("oidc", {"claims": {"sub": "   "}}),
        ("oauth2", {"without": frozenset({"id"})}),
        ("oauth2", {"claims": {"id": ""}}),
        ("saml", {"name_id": ""}),
        ("saml", {"name_id": "   "}),
    ],
)
def test_missing_claim(ring, attempt, protocol, bent):
    play(ring, protocol, **bent)
    expect(attempt(ALIAS[protocol]), Reason.MISSING_CLAIM, protocol)


@pytest.mark.parametrize("protocol", ALIAS)
def test_a_missing_email_with_allowed_domains(ring, attempt, changed, protocol):
    changed(ALIAS[protocol], identity={"email_domains": ("partner.example",)})
    play(ring, protocol, about={"email": None})
    expect(attempt(ALIAS[protocol]), Reason.MISSING_CLAIM, protocol)


@pytest.mark.parametrize("protocol", ALIAS)
def test_email_domain_refused(ring, attempt, changed, protocol):
    changed(ALIAS[protocol], identity={"email_domains": ("partner.example",)})
    play(ring, protocol, about={"email": "ann@elsewhere.example"})
    expect(attempt(ALIAS[protocol]), Reason.EMAIL_DOMAIN_REFUSED, protocol)


@pytest.mark.parametrize(
    ("protocol", "bent"),
    [
        ("oidc", {"authorize_error": "access_denied"}),
        ("oauth2", {"authorize_error": "access_denied"}),
        ("saml", {"status": "urn:oasis:names:tc:SAML:2.0:status:RequestDenied"}),
        ("saml", {"status": "urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"}),
    ],
)
def test_user_denied(ring, attempt, protocol, bent):
    play(ring, protocol, **bent)
    expect(attempt(ALIAS[protocol]), Reason.USER_DENIED, protocol)


@pytest.mark.parametrize("protocol", ALIAS)
def test_duplicate_user(ring, attempt, protocol):
    """A user with the same username was created manually."""
    play(ring, protocol)
    ring.connection.post("users", {"username": f"{ALIAS[protocol]}.u-1", "enabled": True})
    expect(attempt(ALIAS[protocol]), Reason.DUPLICATE_USER, protocol)


@pytest.mark.parametrize(
    ("protocol", "bent"),
    [
        ("oidc", {"nonce": "of-another-login"}),
        ("oidc", {"authorize_error": "server_error"}),
        ("oauth2", {"authorize_error": "server_error"}),
        ("saml", {"status": "urn:oasis:names:tc:SAML:2.0:status:Responder"}),
    ],
)
def test_unknown(ring, attempt, protocol, bent):
    play(ring, protocol, **bent)
    trial = attempt(ALIAS[protocol])
    expect(trial, Reason.UNKNOWN, protocol)
    assert trial.details


def test_every_reason_is_tested_in_every_protocol():
    """Derived from the tests above and their parameters."""
    source = Path(__file__).read_text(encoding="utf-8")
    for reason, explanation in EXPLANATIONS.items():
        tests = "".join(
            part
            for part in source.split("\n\n\n")
            if f"def test_{reason.value}" in part or f"Reason.{reason.name}," in part
        )
        produced = set(ALIAS) if '"protocol", ALIAS' in tests else set()
        produced |= {p for p in ALIAS if f'"{p}"' in tests}
        assert produced >= set(explanation.protocols), reason
