"""An import never widens who gets a role or a group: an inexact condition results in no grant."""

from __future__ import annotations

import json
from typing import Any

import pytest

from partnergate.realm.mappers.kind import Mapper, NotExpressible
from partnergate.realm.mappers.mapper_kinds import explained, imported


def mapper(kind: str, **config: Any) -> Mapper:
    texts = {
        key.replace("__", "."): value if isinstance(value, str) else json.dumps(value)
        for key, value in config.items()
    }
    return Mapper(name="by-hand", type=kind, config=texts)


def pairs(*found: tuple[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in found]


@pytest.mark.parametrize(
    ("protocol", "found"),
    [
        ("oidc", mapper("oidc-role-idp-mapper", claim="g", claim__value="boss", role="manager")),
        ("oauth2", mapper("oidc-role-idp-mapper", claim="g", claim__value="boss", role="manager")),
        (
            "saml",
            mapper("saml-role-idp-mapper", attribute__name="g", attribute__value="boss", role="manager"),
        ),
        ("oidc", mapper("oidc-advanced-role-idp-mapper", claims=pairs(("g", "boss")), role="manager")),
        ("saml", mapper("saml-advanced-role-idp-mapper", attributes=pairs(("g", "boss")), role="manager")),
        (
            "oidc",
            mapper(
                "oidc-advanced-role-idp-mapper",
                claims=pairs(("g", "boss")),
                are__claim__values__regex="false",
                are__attribute__values__regex="true",
                role="manager",
            ),
        ),
    ],
)
def test_an_exact_condition_is_imported(protocol: str, found: Mapper) -> None:
    assert imported(found, protocol) == {"roles": [{"when": {"g": "boss"}, "grant": "manager"}]}
    assert explained(found) == "grants the role manager to users with g = boss"


@pytest.mark.parametrize(
    ("protocol", "found", "named"),
    [
        ("oidc", mapper("oidc-role-idp-mapper", claim="g", role="manager"), "claim.value is missing"),
        ("oidc", mapper("oidc-role-idp-mapper", claim__value="g", role="manager"), "claim or claim.value"),
        ("saml", mapper("saml-role-idp-mapper", attribute__value="boss", role="manager"), "attribute.name"),
        (
            "saml",
            mapper(
                "saml-role-idp-mapper", attribute__friendly__name="g", attribute__value="boss", role="manager"
            ),
            "FriendlyName g = boss",
        ),
        (
            "saml",
            mapper(
                "saml-role-idp-mapper",
                attribute__name="urn:g",
                attribute__friendly__name="g",
                attribute__value="boss",
                role="manager",
            ),
            "FriendlyName g = boss",
        ),
        (
            "oidc",
            mapper(
                "oidc-advanced-role-idp-mapper",
                claims=pairs(("g", "adm-.*")),
                are__claim__values__regex="TRUE",
                role="manager",
            ),
            "g matches adm-.*",
        ),
        (
            "saml",
            mapper(
                "saml-advanced-group-idp-mapper",
                attributes=pairs(("g", "adm-.*")),
                are__attribute__values__regex="true",
                group="/Admins",
            ),
            "g matches adm-.*",
        ),
        (
            "oidc",
            mapper(
                "oidc-advanced-role-idp-mapper", claims=pairs(("g", "staff"), ("g", "boss")), role="manager"
            ),
            "g = staff and g = boss",
        ),
        ("oidc", mapper("oidc-advanced-role-idp-mapper", claims=[], role="manager"), "every user"),
        ("oidc", mapper("oidc-advanced-group-idp-mapper", group="/Admins"), "every user"),
        (
            "saml",
            mapper("saml-advanced-role-idp-mapper", claims=pairs(("g", "boss")), role="manager"),
            "every user",
        ),
        ("oidc", mapper("oidc-advanced-role-idp-mapper", claims="{", role="manager"), "{"),
        ("oidc", mapper("oidc-advanced-role-idp-mapper", claims={"g": "boss"}, role="manager"), "boss"),
        ("oidc", mapper("oidc-advanced-role-idp-mapper", claims=[{"key": "g"}], role="manager"), "key"),
        (
            "oidc",
            mapper("oidc-advanced-role-idp-mapper", claims=[{"key": "g", "value": 5}], role="manager"),
            "5",
        ),
        ("oidc", mapper("oidc-advanced-role-idp-mapper", claims="[" * 100_000, role="manager"), "[["),
        (
            "saml",
            mapper("oidc-advanced-role-idp-mapper", claims=pairs(("g", "boss")), role="manager"),
            "has no effect on a provider of the protocol saml",
        ),
    ],
)
def test_an_inexact_condition_results_in_no_grant_and_is_named(
    protocol: str, found: Mapper, named: str
) -> None:
    part = imported(found, protocol)
    assert isinstance(part, NotExpressible)
    assert named in part.reason
    assert explained(found)
