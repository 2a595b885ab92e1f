"""The hand-off sheet: what a partner configures on its side, from the partner file and the realm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, assert_never
from urllib.parse import quote

from partnergate.model.partner import Oauth2SignIn, OidcSignIn, SamlSignIn

if TYPE_CHECKING:
    from partnergate.model.environment import RealmSpec
    from partnergate.model.partner import Identity, PartnerId, PartnerSpec, ProviderSpec

Protocol = Literal["oidc", "saml", "oauth2"]

NAME_ID = "name_id"
"""The subject of a SAML partner that identifies users by NameID."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One value that the partner's administrator configures."""

    label: str
    """The usual name of the field on the partner side."""
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredClaim:
    """One claim or attribute that the host requests about a user."""

    name: str
    purpose: str
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderHandoff:
    """What to set up for one identity provider."""

    alias: str
    protocol: Protocol
    settings: tuple[Setting, ...]
    claims: tuple[RequiredClaim, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoff:
    """The hand-off sheet of one partner in one environment."""

    partner: PartnerId
    name: str
    environment: str
    launch_url: str
    """The URL for the button on the partner's platform; empty when no launch service is configured."""
    providers: tuple[ProviderHandoff, ...]


def handoff(realm: RealmSpec, partner: PartnerSpec, *, launch_base_url: str = "") -> Handoff:
    """Return the sheet of ``partner`` in the environment of ``realm``, without retired providers."""
    base = launch_base_url.rstrip("/")
    return Handoff(
        partner=partner.partner,
        name=partner.name,
        environment=realm.environment,
        launch_url=f"{base}/launch/{quote(partner.partner, safe='')}" if base else "",
        providers=tuple(_provider(realm, p) for p in partner.providers if not p.retired),
    )


def endpoint_url(realm: RealmSpec, alias: str) -> str:
    """Return the redirect URI (OIDC, OAuth 2.0) or assertion consumer service (SAML) of a provider."""
    return f"{realm_url(realm)}/broker/{quote(alias, safe='')}/endpoint"


def realm_url(realm: RealmSpec) -> str:
    """Return the issuer of the host's tokens, which is also the default SAML entity ID."""
    return f"{realm.server_url.rstrip('/')}/realms/{quote(realm.realm, safe='')}"


def _provider(realm: RealmSpec, provider: ProviderSpec) -> ProviderHandoff:
    endpoint = endpoint_url(realm, provider.alias)
    protocol: Protocol
    match provider.sign_in:
        case OidcSignIn() as sign_in:
            protocol, settings = "oidc", _oidc_settings(sign_in, endpoint)
        case Oauth2SignIn() as sign_in:
            protocol, settings = "oauth2", _oauth2_settings(sign_in, endpoint)
        case SamlSignIn() as sign_in:
            protocol, settings = "saml", _saml_settings(sign_in, endpoint, realm_url(realm))
        case _ as never:
            assert_never(never)
    return ProviderHandoff(
        alias=provider.alias,
        protocol=protocol,
        settings=settings,
        claims=_claims(provider.identity, protocol),
    )


def _oidc_settings(sign_in: OidcSignIn, endpoint: str) -> tuple[Setting, ...]:
    settings = [
        Setting(label="Application type", value="Web application, authorization code flow"),
        Setting(label="Redirect URI", value=endpoint, note="Enter this exact value, without a wildcard."),
        Setting(label="Client ID", value=sign_in.client_id),
        Setting(label="Client authentication", value=sign_in.client_authentication),
        Setting(label="PKCE", value="S256" if sign_in.pkce else "not used"),
        Setting(label="Scopes", value=" ".join(sign_in.scopes)),
        Setting(label="Issuer expected in the ID token", value=sign_in.issuer),
    ]
    if sign_in.logout_url:
        settings.append(
            Setting(
                label="Post-logout redirect URI",
                value=f"{endpoint}/logout_response",
                note="Your sign-out page redirects the browser to this URL.",
            )
        )
    if sign_in.backchannel_logout:
        settings.append(
            Setting(
                label="Back-channel logout URI",
                value=endpoint.partition("/broker/")[0]
                + "/protocol/openid-connect/logout/backchannel-logout",
            )
        )
    return tuple(settings)


def _oauth2_settings(sign_in: Oauth2SignIn, endpoint: str) -> tuple[Setting, ...]:
    return (
        Setting(label="Grant type", value="authorization_code"),
        Setting(label="Redirect URI", value=endpoint, note="Enter this exact value, without a wildcard."),
        Setting(label="Client ID", value=sign_in.client_id),
        Setting(label="Client authentication", value=sign_in.client_authentication),
        Setting(label="PKCE", value="S256" if sign_in.pkce else "not used"),
        Setting(label="Scopes", value=" ".join(sign_in.scopes) or "none"),
        Setting(label="User-info endpoint that we call", value=sign_in.userinfo_url),
    )


def _saml_settings(sign_in: SamlSignIn, endpoint: str, default_entity_id: str) -> tuple[Setting, ...]:
    return (
        Setting(
            label="Service provider metadata",
            value=f"{endpoint}/descriptor",
            note="Import this URL if your provider supports it.",
        ),
        Setting(
            label="Assertion consumer service (ACS) URL",
            value=endpoint,
            note="HTTP-POST binding. Use the same value for Recipient and Destination.",
        ),
        Setting(label="Entity ID (audience)", value=sign_in.sp_entity_id or default_entity_id),
        Setting(label="Single logout URL", value=endpoint),
        Setting(
            label="NameID format", value=_NAME_ID_FORMATS.get(sign_in.name_id_format, sign_in.name_id_format)
        ),
        Setting(
            label="Signature",
            value="Signed assertions" if sign_in.want_assertions_signed else "Signed responses",
            note="SHA-256 or stronger. RSA keys of at least 2048 bits.",
        ),
        Setting(
            label="Encrypted assertions",
            value="required" if sign_in.want_assertions_encrypted else "not required",
        ),
        Setting(
            label="Signed authentication requests from us", value="yes" if sign_in.sign_requests else "no"
        ),
        Setting(
            label="IdP-initiated sign-in (unsolicited responses)",
            value="not accepted",
            note="Use the launch link.",
        ),
    )


_NAME_ID_FORMATS = {
    "persistent": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    "unspecified": "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
    "email": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
}


def _claims(identity: Identity, protocol: Protocol) -> tuple[RequiredClaim, ...]:
    subject = "NameID" if protocol == "saml" and identity.subject == NAME_ID else identity.subject
    claims = [
        RequiredClaim(
            name=subject,
            purpose="Identifies the user. It must never change and must never be reassigned to another user.",
            required=True,
        )
    ]
    domain_note = f" Allowed domains: {', '.join(identity.email_domains)}." if identity.email_domains else ""
    for name, purpose in (
        (
            identity.email,
            f"Email address, for display and contact. Never used to identify the user.{domain_note}",
        ),
        (identity.first_name, "First name, for display."),
        (identity.last_name, "Last name, for display."),
    ):
        if name:
            claims.append(
                RequiredClaim(
                    name=name, purpose=purpose, required=bool(domain_note) and name == identity.email
                )
            )
    claims += [
        RequiredClaim(name=claim, purpose=f"Stored as the user attribute {attribute!r}.", required=False)
        for attribute, claim in identity.attributes
    ]
    for grant in identity.roles:
        for claim, value in grant.when:
            target = f"role {grant.grant}" if grant.grant else f"group {grant.group}"
            claims.append(
                RequiredClaim(name=claim, purpose=f"The value {value!r} grants the {target}.", required=False)
            )
    return tuple(claims)
