"""A plain OAuth 2.0 partner as a Keycloak identity provider: the identity is the user-info response."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from partnergate.model.partner import Identity, Oauth2SignIn
    from partnergate.realm.state import FieldValue


def oauth2_fields(sign_in: Oauth2SignIn, identity: Identity) -> dict[str, FieldValue]:
    """Return the provider fields for OAuth 2.0 only.

    The user name claim is the subject, so users with the same display name never collide.
    """
    fields: dict[str, FieldValue] = {
        "providerId": "oauth2",
        "config.authorizationUrl": sign_in.authorization_url,
        "config.clientAuthMethod": sign_in.client_authentication,
        "config.clientId": sign_in.client_id,
        "config.forwardParameters": ",".join(sign_in.forward_parameters) or "acr_values",
        "config.tokenUrl": sign_in.token_url,
        "config.userIDClaim": identity.subject,
        "config.userInfoUrl": sign_in.userinfo_url,
        "config.userNameClaim": identity.subject,
    }
    if sign_in.pkce:
        fields |= {"config.pkceEnabled": "true", "config.pkceMethod": "S256"}
    optional = {
        "config.defaultScope": " ".join(sign_in.scopes),
        "config.emailClaim": identity.email,
        "config.familyNameClaim": identity.last_name,
        "config.givenNameClaim": identity.first_name,
        "config.prompt": sign_in.prompt,
    }
    return fields | {name: value for name, value in optional.items() if value}
