"""A plan with every kind of change, for every renderer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from builders.partners import oauth2, oidc, partner, saml
from builders.realms import desired, plan_of
from partnergate.model.partner import RoleGrant, SecretRef, SecretSource, Waiver
from partnergate.realm.state import RealmState, Resource, ResourceKey, ResourceKind


@pytest.fixture
def mixed_plan():
    """A new partner, a manually edited one, one with another protocol, a deleted one, an adopted one."""
    before = desired(partner("acme"), partner("globex"), partner("initech"))
    acme = ResourceKey(kind=ResourceKind.IDENTITY_PROVIDER, name="acme")
    edited = before.by_key()[acme]
    edited = replace(
        edited, fields={**edited.fields, "config.validateSignature": "false", "config.note": "x"}
    )
    intruder = Resource(
        key=ResourceKey(kind=ResourceKind.IDENTITY_PROVIDER_MAPPER, name="grant", parent="acme"),
        fields={"config.role": "realm-admin", "identityProviderMapper": "oidc-hardcoded-role-idp-mapper"},
    )
    foreign = Resource(
        key=ResourceKey(kind=ResourceKind.ORGANIZATION, name="umbrella"), fields={"name": "Umbrella"}
    )
    unmanaged = [
        Resource(
            key=ResourceKey(kind=ResourceKind.IDENTITY_PROVIDER, name=alias),
            fields={"enabled": enabled, "providerId": protocol},
        )
        for alias, protocol, enabled in (("google", "google", True), ("old-okta", "saml", False))
    ]
    unmanaged.append(
        Resource(
            key=ResourceKey(kind=ResourceKind.IDENTITY_PROVIDER_MAPPER, name="team", parent="google"),
            fields={
                "config.attribute": "partner_id",
                "identityProviderMapper": "hardcoded-attribute-idp-mapper",
            },
        )
    )
    unmanaged.append(
        Resource(
            key=ResourceKey(kind=ResourceKind.ORGANIZATION, name="club"),
            fields={
                "domains": ("club.example",),
                "enabled": True,
                "identityProviders": ("google",),
                "name": "Club",
            },
        )
    )
    resources = {**before.by_key(), acme: edited}
    resources |= {one.key: one for one in (intruder, foreign, *unmanaged)}
    waived = replace(
        partner(
            "umbrella", sign_in=oidc("umbrella", client_secret=SecretRef(source=SecretSource.VAULT, name="u"))
        ),
        waivers=(
            Waiver(
                code="PG301", reason="their server has no PKCE", until=date(2027, 1, 31), approved_by="sec"
            ),
        ),
    )
    return plan_of(
        RealmState(realm="host", resources=tuple(resources.values())),
        partner("acme", roles=(RoleGrant(when=(("groups", "admins"),), grant="workspace-admin"),)),
        partner("globex", sign_in=saml("globex"), subject="name_id"),
        partner("hooli", sign_in=oauth2("hooli"), domains=("hooli.example",)),
        waived,
    )


@pytest.fixture
def empty_plan():
    return plan_of(desired(partner("acme")), partner("acme"))
