"""Issuers that serve many organizations are refused unless a domain check names the partner's users."""

from __future__ import annotations

import pytest

from builders.valid_partner_files import OAUTH2, OIDC, problems

SHARED = [
    "https://accounts.google.com",
    "https://appleid.apple.com",
    "https://login.live.com",
    "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
    "https://login.salesforce.com",
    "https://test.salesforce.com",
    "https://slack.com",
    "https://access.line.me",
    "https://api.login.yahoo.com",
    "https://id.twitch.tv/oauth2",
    "https://orcid.org",
    "https://cilogon.org",
    "https://www.facebook.com",
    "https://www.linkedin.com/oauth",
    "https://github.com/login/oauth",
    "https://gitlab.com",
    "https://bitbucket.org",
    "https://www.amazon.com",
    "https://discord.com",
    "https://accounts.spotify.com",
    "https://www.paypal.com",
]
OWN = [
    "https://acme.my.salesforce.com",
    "https://gitlab.acme.example",
    "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0",
    "https://slack.com.acme.example",
    "https://acme.example/github.com",
]


def codes(text: str) -> dict[str, str]:
    return {one.code: f"{one.message} {one.hint}" for one in problems(text)}


def oidc(issuer: str, *, domains: bool) -> str:
    text = OIDC.replace("issuer: https://login.acme.example\n", f"issuer: {issuer}\n")
    return text if domains else text.replace("  email_domains: [acme.example]\n", "")


def oauth2(url: str) -> str:
    return OAUTH2.replace(
        "authorization_url: https://login.acme.example/authorize", f"authorization_url: {url}"
    )


@pytest.mark.parametrize("issuer", SHARED)
def test_a_shared_issuer_needs_the_domains_of_the_partner(issuer):
    found = codes(oidc(issuer, domains=False))
    assert "identity.email_domains" in found["PG161"]
    assert "PG161" not in codes(oidc(issuer, domains=True))


@pytest.mark.parametrize("issuer", OWN)
def test_an_issuer_of_one_organization_needs_no_domains(issuer):
    assert "PG161" not in codes(oidc(issuer, domains=False))


def test_the_fix_names_the_own_tenant_where_the_service_has_one():
    salesforce = codes(oidc("https://login.salesforce.com", domains=False))["PG161"]
    assert "https://DOMAIN.my.salesforce.com" in salesforce
    assert "tenant" not in codes(oidc("https://slack.com", domains=False))["PG161"]


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/login/oauth/authorize",
        "https://github.com:443/login/oauth/authorize",
        "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
        "https://login.windows.net/organizations/oauth2/authorize",
    ],
)
def test_the_authorization_endpoint_identifies_the_service_of_oauth2(url):
    assert "PG161" in codes(oauth2(url))


@pytest.mark.parametrize("tenant", ["common", "organizations", "consumers", "{tenantid}"])
@pytest.mark.parametrize("host", ["login.microsoftonline.com", "login.microsoftonline.us", "sts.windows.net"])
def test_an_entra_issuer_for_every_tenant_asks_for_the_tenant_id(host, tenant):
    found = codes(oidc(f'"https://{host}/{tenant}/v2.0"', domains=False))
    code = "PG123" if "{" in tenant else "PG156"
    assert f"replace {tenant} with the tenant ID" in found.pop(code)
    assert not {"PG123", "PG156", "PG161"} & set(found)
