"""What identifies the users of a provider: the broker ID alone, never the local user name."""

from __future__ import annotations

from typing import Any

import pytest

from builders.partners import oauth2, partner, saml
from builders.realms import desired
from partnergate.realm.representation import state_of
from partnergate.realm.subject import identifiers

PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"


def identifier(kind: str, *templates: tuple[str, str], mapper: str = "oidc", **config: str) -> Any:
    mappers = [
        {
            "name": f"m{place}",
            "identityProviderAlias": "corp",
            "identityProviderMapper": f"{mapper}-username-idp-mapper",
            "config": {"template": template, "target": target} if target else {"template": template},
        }
        for place, (template, target) in enumerate(templates)
    ]
    provider = {"alias": "corp", "providerId": kind, "config": config}
    state = state_of({"realm": "r", "identityProviders": [provider], "identityProviderMappers": mappers})
    return identifiers(state.resources, ["corp"])["corp"]


@pytest.mark.parametrize(
    ("found", "subject", "text"),
    [
        (identifier("oidc"), "sub", "the claim sub"),
        (identifier("oidc", ("${ALIAS}.${CLAIM.email}", "LOCAL")), "sub", "the claim sub"),
        (identifier("oidc", ("${ALIAS}.${CLAIM.email}", "")), "sub", "the claim sub"),
        (identifier("oidc", ("${CLAIM.email}", "BROKER_USERNAME")), "sub", "the claim sub"),
        (identifier("oidc", ("${CLAIM.oid}", "BROKER_ID")), "oid", "the claim oid"),
        (identifier("keycloak-oidc", ("${CLAIM.oid}", "BROKER_ID")), "oid", "the claim oid"),
        (identifier("oidc", ("${CLAIM.oid}", "BROKER_ID"), mapper="saml"), "sub", "the claim sub"),
        (identifier("oidc", ("${CLAIM.a}${CLAIM.b}", "BROKER_ID")), "", "the template ${CLAIM.a}${CLAIM.b}"),
        (
            identifier("oidc", ("${CLAIM.oid | lowercase}", "BROKER_ID")),
            "",
            "the template ${CLAIM.oid | lowercase}",
        ),
        (
            identifier("oidc", ("${CLAIM.a}", "BROKER_ID"), ("${CLAIM.b}", "BROKER_ID")),
            "",
            "several templates: ${CLAIM.a}, ${CLAIM.b}",
        ),
        (identifier("oauth2", userIDClaim="id"), "id", "the claim id"),
        (identifier("oauth2"), "sub", "the claim sub"),
        (identifier("saml"), "name_id", "the NameID in the format persistent"),
        (identifier("saml", nameIDPolicyFormat=PERSISTENT), "name_id", "the NameID in the format persistent"),
        (identifier("saml", nameIDPolicyFormat=EMAIL), "name_id", "the NameID in the format emailAddress"),
        (
            identifier("saml", principalAttribute="uid", principalType="SUBJECT"),
            "name_id",
            "the NameID in the format persistent",
        ),
        (identifier("saml", principalAttribute="uid"), "name_id", "the NameID in the format persistent"),
        (
            identifier("saml", principalAttribute="uid", principalType="ATTRIBUTE"),
            "uid",
            "the SAML attribute uid",
        ),
        (
            identifier("saml", principalAttribute="uid", principalType="FRIENDLY_ATTRIBUTE"),
            "",
            "the SAML attribute with the FriendlyName uid",
        ),
        (
            identifier("saml", ("${ATTRIBUTE.uid}", "BROKER_ID"), mapper="saml"),
            "uid",
            "the SAML attribute uid",
        ),
        (
            identifier("saml", ("${NAMEID}", "BROKER_ID"), mapper="saml", principalType="ATTRIBUTE"),
            "name_id",
            "the NameID in the format persistent",
        ),
    ],
)
def test_the_identifier_is_the_broker_id(found: Any, subject: str, text: str) -> None:
    assert (found.subject, found.text) == (subject, text)


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        (partner("acme"), "the claim sub"),
        (partner("acme", subject="oid"), "the claim oid"),
        (partner("acme", sign_in=oauth2("acme"), subject="id"), "the claim id"),
        (partner("acme", sign_in=saml("acme"), subject="name_id"), "the NameID in the format persistent"),
        (partner("acme", sign_in=saml("acme"), subject="uid"), "the SAML attribute uid"),
    ],
)
def test_the_subject_of_a_file_identifies_the_users(spec: Any, text: str) -> None:
    """With OpenID Connect, Keycloak links users by ``sub``, unless a mapper replaces the broker ID."""
    assert identifiers(desired(spec).resources, ["acme"])["acme"].text == text
