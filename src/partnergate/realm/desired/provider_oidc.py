"""An OpenID Connect partner as a Keycloak identity provider, with every secure value explicit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.realm.desired.domain_gate import claim_filter

if TYPE_CHECKING:
    from partnergate.model.partner import Identity, OidcSignIn
    from partnergate.realm.state import FieldValue


def oidc_fields(sign_in: OidcSignIn, identity: Identity) -> dict[str, FieldValue]:
    """Return the provider fields for OpenID Connect only."""
    fields: dict[str, FieldValue] = {
        "providerId": "oidc",
        "config.allowedClockSkew": str(sign_in.clock_skew_seconds),
        "config.authorizationUrl": sign_in.authorization_url,
        "config.backchannelSupported": _text(sign_in.backchannel_logout),
        "config.clientAuthMethod": sign_in.client_authentication,
        "config.clientId": sign_in.client_id,
        "config.defaultScope": " ".join(sign_in.scopes),
        "config.disableUserInfo": _text(not sign_in.use_userinfo),
        "config.forwardParameters": ",".join(sign_in.forward_parameters) or "acr_values",
        "config.issuer": sign_in.issuer,
        "config.jwksUrl": sign_in.jwks_url,
        "config.sendIdTokenOnLogout": "true",
        "config.storeTokenInSession": _text(sign_in.logout_url is not None),
        "config.tokenUrl": sign_in.token_url,
        "config.useJwksUrl": "true",
        "config.validateSignature": "true",
    }
    if sign_in.pkce:
        fields |= {"config.pkceEnabled": "true", "config.pkceMethod": "S256"}
    optional = {
        "config.clientAssertionSigningAlg": sign_in.signing_algorithm,
        "config.logoutUrl": sign_in.logout_url,
        "config.prompt": sign_in.prompt,
        "config.userInfoUrl": sign_in.userinfo_url,
    }
    fields |= {name: value for name, value in optional.items() if value}
    if identity.email and identity.email_domains:
        fields |= claim_filter(identity.email, identity.email_domains)
    return fields


def _text(value: bool) -> str:  # noqa: FBT001
    """Return a switch as text, as Keycloak stores it."""
    return "true" if value else "false"
