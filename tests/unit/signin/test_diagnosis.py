"""Maps the observations of a failed login to one reason."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from partnergate.signin.diagnosis import reason_of, reasons_of
from partnergate.signin.failure_reasons import EXPLANATIONS, Reason
from partnergate.signin.observations import Arrived, Expected, Message, Observations, PartnerPage, Signature

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
EXPECTED = Expected(
    protocol="oidc",
    issuer="https://login.acme.example",
    audience="host-app",
    required=("sub", "email"),
    email_claim="email",
    email_domains=("acme.example",),
)
RIGHT = Message(
    signature=Signature.VALID,
    issuer="https://login.acme.example",
    audiences=("host-app",),
    issued=NOW,
    not_after=NOW + timedelta(minutes=5),
)
ARRIVED = (Arrived(name="sub", values=("u",)), Arrived(name="email", values=("a@acme.example",)))
SEEN = Observations(at=NOW, expected=EXPECTED, message=RIGHT, arrived=ARRIVED)


def message(**changes):
    return reason_of(replace(SEEN, message=replace(RIGHT, **changes)))


def arrived(**claims):
    kept = {c.name: c.values for c in ARRIVED} | {k: (v,) for k, v in claims.items()}
    return tuple(Arrived(name=k, values=v) for k, v in kept.items())


def test_without_a_visible_problem_the_reason_is_unknown():
    assert reason_of(SEEN) is Reason.UNKNOWN
    assert reason_of(Observations(at=NOW, expected=EXPECTED)) is Reason.UNKNOWN


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"signature": Signature.INVALID}, Reason.BAD_SIGNATURE),
        ({"signature": Signature.MISSING}, Reason.BAD_SIGNATURE),
        ({"signature": Signature.EXPIRED_KEY}, Reason.EXPIRED_CERTIFICATE),
        ({"issuer": "https://login.acme.example/"}, Reason.ISSUER_MISMATCH),
        ({"audiences": ()}, Reason.WRONG_AUDIENCE),
        ({"audiences": ("host-app-2",)}, Reason.WRONG_AUDIENCE),
        ({"audiences": ("x", "host-app")}, Reason.UNKNOWN),
        ({"not_before": NOW + timedelta(seconds=6)}, Reason.CLOCK_SKEW),
        ({"not_before": NOW + timedelta(seconds=4)}, Reason.UNKNOWN),
        ({"not_after": NOW - timedelta(seconds=6)}, Reason.CLOCK_SKEW),
        ({"not_after": NOW - timedelta(seconds=4)}, Reason.UNKNOWN),
        ({"issued": NOW + timedelta(hours=1)}, Reason.CLOCK_SKEW),
        ({"signature": Signature.UNCHECKED, "encrypted": True, "issuer": ""}, Reason.UNKNOWN),
    ],
)
def test_each_message_problem_has_one_reason(changes, reason):
    assert message(**changes) is reason


def test_the_configured_skew_is_allowed():
    late = replace(RIGHT, not_after=NOW - timedelta(seconds=30))
    agreed = replace(EXPECTED, skew_seconds=60)
    assert reason_of(replace(SEEN, message=late, expected=agreed)) is Reason.UNKNOWN


def test_the_signature_is_checked_before_the_content():
    wrong = replace(RIGHT, signature=Signature.INVALID, issuer="x", audiences=())
    assert list(reasons_of(replace(SEEN, message=wrong))) == [
        Reason.BAD_SIGNATURE,
        Reason.ISSUER_MISMATCH,
        Reason.WRONG_AUDIENCE,
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"partner_refused": 400, "partner_refusal": "Invalid parameter: redirect_uri"},
            Reason.REDIRECT_URI_NOT_REGISTERED,
        ),
        ({"partner_refused": 400, "partner_refusal": "Client not found."}, Reason.UNKNOWN),
        ({"partner_error": "access_denied"}, Reason.USER_DENIED),
        ({"partner_error": "server_error"}, Reason.UNKNOWN),
        ({"token_error": "invalid_client"}, Reason.WRONG_CLIENT_SECRET),
        ({"token_error": "invalid_grant"}, Reason.UNKNOWN),
        ({"tls_expired": True}, Reason.EXPIRED_CERTIFICATE),
        ({"host_error": "federated_identity_account_exists"}, Reason.DUPLICATE_USER),
        (
            {"host_error": "access_denied", "host_event": "IDENTITY_PROVIDER_FIRST_LOGIN_ERROR"},
            Reason.MISSING_CLAIM,
        ),
        (
            {"host_error": "access_denied", "host_event": "IDENTITY_PROVIDER_POST_LOGIN_ERROR"},
            Reason.EMAIL_DOMAIN_REFUSED,
        ),
        ({"host_error": "access_denied", "host_event": "LOGIN_ERROR"}, Reason.UNKNOWN),
        ({"host_event": "IDENTITY_PROVIDER_FIRST_LOGIN_ERROR"}, Reason.UNKNOWN),
        ({"partner_page": PartnerPage.PASSWORD_REJECTED}, Reason.WRONG_PASSWORD),
        ({"partner_page": PartnerPage.CONSENT}, Reason.CONSENT_REQUIRED),
        ({"partner_page": PartnerPage.NOT_AUTOMATED}, Reason.SIGN_IN_PAGE_NOT_AUTOMATED),
        (
            {
                "partner_page": PartnerPage.PASSWORD_REJECTED,
                "partner_refused": 200,
                "partner_refusal": "you are redirected to the login page",
            },
            Reason.WRONG_PASSWORD,
        ),
        ({"only_in_userinfo": ("email",)}, Reason.CLAIMS_ONLY_IN_USERINFO),
        ({"arrived": arrived(sub="")}, Reason.MISSING_CLAIM),
        ({"arrived": arrived(email="")}, Reason.MISSING_CLAIM),
        ({"arrived": arrived(email="a@ACME.example")}, Reason.UNKNOWN),
        ({"arrived": arrived(email="a@evil-acme.example")}, Reason.EMAIL_DOMAIN_REFUSED),
        ({"arrived": arrived(email="a@acme.example.evil.example")}, Reason.EMAIL_DOMAIN_REFUSED),
    ],
)
def test_each_login_problem_has_one_reason(changes, reason):
    assert reason_of(replace(SEEN, **changes)) is reason


def test_a_message_is_compared_with_the_time_of_its_arrival():
    """A user may need a minute to type a password."""
    later = replace(RIGHT, issued=NOW + timedelta(seconds=60), received=NOW + timedelta(seconds=61))
    assert reason_of(replace(SEEN, message=later)) is Reason.UNKNOWN
    assert reason_of(replace(SEEN, message=replace(later, received=None))) is Reason.CLOCK_SKEW


def test_what_the_realm_recorded_comes_before_the_comparison_of_clocks():
    early = replace(RIGHT, issued=NOW + timedelta(hours=1))
    seen = replace(SEEN, message=early, host_error="username_in_use")
    assert list(reasons_of(seen)) == [Reason.DUPLICATE_USER, Reason.CLOCK_SKEW]


def test_a_saml_response_for_another_recipient_has_the_wrong_audience():
    saml = replace(EXPECTED, protocol="saml", recipient="https://id.host.example/acs")
    there = replace(RIGHT, recipients=("https://id.host.example/acs",))
    elsewhere = replace(RIGHT, recipients=("https://id.host.example/acs", "https://another.example"))
    assert reason_of(replace(SEEN, expected=saml, message=there)) is Reason.UNKNOWN
    assert reason_of(replace(SEEN, expected=saml, message=elsewhere)) is Reason.WRONG_AUDIENCE


def test_explanations_are_sentences_without_reason_codes():
    for reason, explanation in EXPLANATIONS.items():
        assert explanation.text.endswith(".")
        assert reason.value not in explanation.text
        assert explanation.advice
