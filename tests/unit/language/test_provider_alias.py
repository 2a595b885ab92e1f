"""The key ``alias``: a provider that was adopted under another name than the partner ID."""

from __future__ import annotations

from typing import Any

import pytest

from builders.partners import partner
from builders.realms import desired
from builders.valid_partner_files import OIDC, problems
from partnergate.realm.comparable import thaw
from partnergate.realm.desired.flows import EMPTY_SUBJECT_PATTERN, empty_subject_pattern
from partnergate.realm.state import ResourceKey, ResourceKind


def with_alias(alias: str) -> list[Any]:
    return problems(OIDC.replace("sign_in:", f"alias: {alias}\nsign_in:", 1))


@pytest.mark.parametrize("alias", ["Acme", "acme_sso", "acme.sso", "ACME-2024", "a", "_acme", "acme~1"])
def test_an_alias_as_keycloak_accepts_it_is_valid(alias: str) -> None:
    assert with_alias(alias) == []


@pytest.mark.parametrize("alias", ["acme sso", "acme/sso", "-acme", "acme@sso", ".acme", "${vault.x}"])
def test_an_alias_that_keycloak_or_a_url_rejects_is_an_error(alias: str) -> None:
    assert {one.code for one in with_alias(f'"{alias}"')} - {"PG026"} == {"PG023"}


def test_the_provider_has_the_alias_and_the_partner_id_stays() -> None:
    spec = partner("acme", aliases=("Acme.SSO",))
    resources = {one.key: one for one in desired(spec).resources if one.owner == "acme"}
    assert ResourceKey(kind=ResourceKind.IDENTITY_PROVIDER, name="Acme.SSO") in resources
    organization = resources[ResourceKey(kind=ResourceKind.ORGANIZATION, name="acme")]
    assert organization.fields["identityProviders"] == ("Acme.SSO",)


@pytest.mark.parametrize(
    ("name", "denied"),
    [
        ("acme.", True), ("acme. ", True), ("acme.7", False), ("acme.7.", False),
        ("acme.sso.", True), ("acme.sso.\u200b", True), ("acme.sso.7", False), ("acme-sso.", True),
        ("other.sso.", False),
    ],
)  # fmt: skip
def test_an_empty_subject_is_denied_under_an_alias_with_dots_too(name: str, denied: bool) -> None:
    import re

    # The classes of Java that Python does not have.
    pattern = empty_subject_pattern(["Acme.SSO", "plain"]).replace(r"\p{Z}\p{C}", "\u200b")
    assert (re.fullmatch(pattern, name) is not None) is denied


def test_the_flow_is_the_same_as_before_without_such_an_alias() -> None:
    assert empty_subject_pattern(["acme", "acme-eu"]) == EMPTY_SUBJECT_PATTERN
    flow = next(
        one
        for one in desired(partner("acme", aliases=("a.b",))).resources
        if one.key.name == "partnergate-first-login"
    )
    assert r"a\\.b" in str(thaw(flow.fields["executions"]))
