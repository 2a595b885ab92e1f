"""Converts the checked values of a partner file to its typed model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from partnergate.model.certificates import bare_base64
from partnergate.model.partner import (
    Alias,
    Contacts,
    Identity,
    Oauth2SignIn,
    OidcSignIn,
    OnboardingStep,
    ProviderSpec,
    SamlSignIn,
    SecretRef,
    SecretSource,
    TestUsers,
    Waiver,
)
from partnergate.realm.mappers.mapper_kinds import identity_keys

if TYPE_CHECKING:
    from collections.abc import Sequence

Values = dict[str, Any]
SignIn = OidcSignIn | SamlSignIn | Oauth2SignIn

_LISTS = frozenset({"scopes", "forward_parameters", "certificates"})
_NO_FIELD = frozenset({"protocol", "discovery", "metadata"})
_SIGN_IN: dict[str, type[SignIn]] = {"oidc": OidcSignIn, "saml": SamlSignIn, "oauth2": Oauth2SignIn}


def secret(values: Values | None) -> SecretRef | None:
    """Return a secret reference. The only key of ``values`` names the source."""
    if not values:
        return None
    ((source, name),) = values.items()
    return SecretRef(source=SecretSource(source), name=name)


def sign_in(values: Values) -> SignIn:
    """Return the sign-in settings of the protocol. ``values`` contains only keys of that protocol."""
    kind = _SIGN_IN[values["protocol"]]
    fields: Values = {k: tuple(v) if k in _LISTS else v for k, v in values.items() if k not in _NO_FIELD}
    if kind is SamlSignIn:
        fields["metadata_url"] = values.get("metadata", {}).get("url")
        fields["certificates"] = tuple(bare_base64(text) or text for text in values.get("certificates", ()))
    else:
        fields["client_secret"] = secret(values.get("client_secret"))
    return kind(**fields)


def identity(values: Values) -> Identity:
    """Return the claim mapping. Grants keep the order of the file."""
    return Identity(
        subject=values["subject"],
        email=values.get("email", "email"),
        first_name=values.get("first_name"),
        last_name=values.get("last_name"),
        email_domains=tuple(values.get("email_domains", ())),
        **{key.key.name: key.typed(values.get(key.key.name)) for key in identity_keys()},  # type: ignore[arg-type]
    )


def provider(alias: str, signing_in: Values, who: Values, *, retired: bool) -> ProviderSpec:
    """Return one provider with its alias."""
    return ProviderSpec(
        alias=Alias(alias), sign_in=sign_in(signing_in), identity=identity(who), retired=retired
    )


def contacts(values: Values) -> Contacts:
    """Return the contact addresses in the order of the file."""
    return Contacts(technical=tuple(values.get("technical", ())), billing=tuple(values.get("billing", ())))


def test_users(values: Sequence[Values]) -> tuple[TestUsers, ...]:
    """Return the test users, sorted by date."""
    found = (
        TestUsers(
            since=item["since"],
            until=item["until"],
            subjects=tuple(item["subjects"]),
        )
        for item in values
    )
    return tuple(sorted(found, key=lambda users: users.since))


def waivers(values: Sequence[Values]) -> tuple[Waiver, ...]:
    """Return the waivers in the order of the file."""
    return tuple(Waiver(**item) for item in values)


def onboarding(values: Sequence[Values]) -> tuple[OnboardingStep, ...]:
    """Return the onboarding steps in the order of the file."""
    return tuple(OnboardingStep(**item) for item in values)
