"""The clients of the host, bound to the flow that checks live sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from partnergate.realm.normalize import resource
from partnergate.realm.ownership import (
    BROWSER_FLOW,
    PARTNER_SCOPE,
    REALM_OWNER,
    ROLES_SCOPE,
    SESSION_CHECK_FLOW,
)
from partnergate.realm.state import Resource, ResourceKind

if TYPE_CHECKING:
    from partnergate.model.environment import HostClient, RealmSpec
    from partnergate.realm.state import FieldValue

STANDARD_SCOPES: Final = ("acr", "basic", "email", "profile", "roles", "web-origins")
"""The client scopes of every new realm; ``realm.fitting`` omits those that a realm does not have."""
_CHECK_SCOPES: Final = ("basic",)


def client_resource(realm: RealmSpec, client: HostClient) -> Resource:
    """Return a client with only the code flow and PKCE, exact redirect URIs, and only assigned roles."""
    scopes = (*_CHECK_SCOPES, PARTNER_SCOPE) if client.session_check else (*STANDARD_SCOPES, PARTNER_SCOPE)
    if realm.roles and not client.session_check:
        scopes = (*scopes, ROLES_SCOPE)
    fields: dict[str, FieldValue] = {
        "attributes.pkce.code.challenge.method": "S256",
        "authenticationFlowBindingOverrides.browser": (
            SESSION_CHECK_FLOW if client.session_check else BROWSER_FLOW
        ),
        "clientAuthenticatorType": "client-secret",
        "consentRequired": False,
        "defaultClientScopes": tuple(sorted(scopes)),
        "directAccessGrantsEnabled": False,
        "enabled": True,
        "frontchannelLogout": False,
        "fullScopeAllowed": False,
        "implicitFlowEnabled": False,
        "protocol": "openid-connect",
        "publicClient": client.public,
        "redirectUris": tuple(sorted(client.redirect_uris)),
        "serviceAccountsEnabled": False,
        "standardFlowEnabled": True,
        "webOrigins": tuple(sorted(client.web_origins)),
    }
    if client.post_logout_redirect_uris:
        fields["attributes.post.logout.redirect.uris"] = "##".join(sorted(client.post_logout_redirect_uris))
    if client.backchannel_logout_url:
        fields["attributes.backchannel.logout.session.required"] = "true"
        fields["attributes.backchannel.logout.url"] = client.backchannel_logout_url
    if client.home_url:
        fields["baseUrl"] = client.home_url
    return resource(ResourceKind.CLIENT, client.client_id, fields, owner=REALM_OWNER)
