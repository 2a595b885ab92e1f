"""A launch uses the right partner's provider or is refused with a reason."""

from urllib.parse import parse_qs, urlsplit

import pytest

from builders.partners import partner
from builders.signin_specs import SETTINGS, oidc_provider, realm, saml_provider
from partnergate.model.partner import ProviderSpec, Stage
from partnergate.signin.launch import (
    ConfirmSwitch,
    EndSession,
    EnterProduct,
    Launch,
    LaunchRefusal,
    LiveSession,
    RefusedLaunch,
    after_check,
    launch_request,
)

PARTNERS = (partner("acme"), partner("globex", providers=(saml_provider("globex"),)))


def request(partners=PARTNERS, environment=None, **parameters):
    return launch_request(environment or realm(), SETTINGS, partners, **parameters)


def test_a_live_partner_may_launch():
    assert request(partner="acme") == Launch(partner="acme", alias="acme", target="")


def test_the_issuer_of_a_third_party_initiated_login_names_the_partner():
    assert request(iss="https://idp.globex.example").alias == "globex"


def test_the_issuer_of_another_partner_is_refused():
    refused = request(partner="acme", iss="https://idp.globex.example")
    assert refused == RefusedLaunch(reason=LaunchRefusal.UNKNOWN_ISSUER, partner="acme")


@pytest.mark.parametrize("parameters", [{}, {"partner": "unknown-partner"}])
def test_an_unknown_partner_is_refused(parameters):
    assert request(**parameters) == RefusedLaunch(reason=LaunchRefusal.UNKNOWN_PARTNER)


def test_an_unknown_issuer_is_refused():
    assert request(iss="https://evil.example").reason is LaunchRefusal.UNKNOWN_ISSUER


@pytest.mark.parametrize(
    ("stage", "reason"),
    [
        (Stage.DRAFT, LaunchRefusal.NOT_DEPLOYED),
        (Stage.STAGING, LaunchRefusal.NOT_DEPLOYED),
        (Stage.SUSPENDED, LaunchRefusal.SUSPENDED),
        (Stage.RETIRED, LaunchRefusal.NOT_DEPLOYED),
    ],
)
def test_a_partner_that_is_not_live_is_refused_in_production(stage, reason):
    refused = request((partner("acme", stage=stage),), partner="acme")
    assert refused == RefusedLaunch(reason=reason, partner="acme")


def test_a_partner_in_staging_may_launch_in_staging():
    environment = realm(stages=(Stage.STAGING, Stage.LIVE))
    assert isinstance(request((partner("acme", stage=Stage.STAGING),), environment, partner="acme"), Launch)


def test_a_retired_provider_is_skipped():
    old = oidc_provider("acme-old")
    old = ProviderSpec(alias=old.alias, sign_in=old.sign_in, identity=old.identity, retired=True)
    spec = partner("acme", providers=(old, oidc_provider("acme-new")))
    assert request((spec,), partner="acme").alias == "acme-new"
    assert request((spec,), iss="https://login.acme-old.example").reason is LaunchRefusal.UNKNOWN_ISSUER


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "https://app.host.example/admin", "//evil.example"]
)
def test_a_target_outside_the_allow_list_is_refused(target):
    assert request(partner="acme", target_link_uri=target).reason is LaunchRefusal.TARGET_NOT_ALLOWED


def test_a_session_of_the_same_partner_is_kept():
    live = LiveSession(partner="acme", alias="acme", id_token="token")
    assert isinstance(decide(live), EnterProduct)
    assert isinstance(decide(live, confirmed=True), EnterProduct)


def decide(live, *, confirmed=False):
    return after_check(realm(), SETTINGS, request(partner="acme"), live, confirmed=confirmed)


@pytest.mark.parametrize("partner", ["globex", ""])
def test_any_other_session_ends_only_after_a_confirmation(partner):
    """A session without a partner is an operator's, and is not mixed with a partner's user either."""
    live = LiveSession(partner=partner, alias=partner, id_token="token")
    assert decide(live) == ConfirmSwitch()
    assert decide(live, confirmed=True) == EndSession(id_token="token", alias=partner)


def test_the_login_url_contains_issuer_provider_and_target():
    target = "https://app.host.example/workspaces/7?tab=a&b=c"
    launch = request(partner="acme", target_link_uri=target, login_hint="u@acme.example")
    entered = after_check(realm(), SETTINGS, launch, None, confirmed=False)
    split = urlsplit(entered.url)
    assert f"{split.scheme}://{split.netloc}{split.path}" == SETTINGS.login_url
    assert parse_qs(split.query) == {
        "iss": ["https://id.host.example/realms/host"],
        "kc_idp_hint": ["acme"],
        "login_hint": ["u@acme.example"],
        "target_link_uri": [target],
    }
