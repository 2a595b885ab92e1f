"""Equal meaning as equal value: fields without effect are dropped from both states.

Keycloak drops empty values, and its console writes defaults. ``WITHOUT_EFFECT`` lists keys with the
value that means the same as their absence.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from partnergate.realm.state import Resource, ResourceKey, ResourceKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partnergate.realm.state import FieldValue, SecretField

_EMPTY: Final = (None, "", ())

SETTINGS: Final = frozenset({ResourceKind.REALM, ResourceKind.USER_PROFILE, ResourceKind.EVENTS_CONFIG})
"""Kinds that exist in every realm: managed field by field, never owned, never deleted."""

WITHOUT_EFFECT: Final[Mapping[ResourceKind, Mapping[str, FieldValue]]] = {
    ResourceKind.IDENTITY_PROVIDER: {
        "authenticateByDefault": False,
        "config.acceptsPromptNoneForwardFromClient": "false",
        "config.addExtensionsElementWithKeyInfo": "false",
        "config.allowClientIdAsAudience": "false",
        "config.artifactBindingResponse": "false",
        "config.disableNonce": "false",
        "config.disableTypeClaimCheck": "false",
        "config.doNotStoreUsers": "false",
        "config.isAccessTokenJWT": "false",
        "config.jwtAuthorizationGrantEnabled": "false",
        "config.jwtX509HeadersEnabled": "false",
        "config.loginHint": "false",
        "config.passMaxAge": "false",
        "config.requiresShortStateParameter": "false",
        "config.sendClientIdOnLogout": "false",
        "config.supportsClientAssertionReuse": "false",
        "config.supportsClientAssertions": "false",
        "config.uiLocales": "false",
    },
    ResourceKind.CLIENT: {
        "alwaysDisplayInConsole": False,
        "authorizationServicesEnabled": False,
        "bearerOnly": False,
        "nodeReRegistrationTimeout": -1,
        "notBefore": 0,
        "surrogateAuthRequired": False,
        "attributes.acr.loa.map": "{}",
        "attributes.backchannel.logout.revoke.offline.tokens": "false",
        "attributes.backchannel.logout.session.required": "true",
        "attributes.client_credentials.use_refresh_token": "false",
        "attributes.display.on.consent.screen": "false",
        "attributes.dpop.bound.access.tokens": "false",
        "attributes.oauth2.device.authorization.grant.enabled": "false",
        "attributes.oidc.ciba.grant.enabled": "false",
        "attributes.realm_client": "false",
        "attributes.require.pushed.authorization.requests": "false",
        "attributes.standard.token.exchange.enabled": "false",
        "attributes.tls.client.certificate.bound.access.tokens": "false",
        "attributes.token.response.type.bearer.lower-case": "false",
        "attributes.use.refresh.tokens": "true",
    },
}


def normal_fields(kind: ResourceKind, fields: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    """The fields with effect, by name. Settings keep empty values, because each one is declared."""
    if kind in SETTINGS:
        return dict(sorted(fields.items()))
    silent = WITHOUT_EFFECT.get(kind)
    if silent is None:
        return {name: value for name in sorted(fields) if (value := fields[name]) not in _EMPTY}
    return {
        name: value
        for name in sorted(fields)
        if (value := fields[name]) not in _EMPTY and (name not in silent or silent[name] != value)
    }


def resource(
    kind: ResourceKind,
    name: str,
    fields: Mapping[str, FieldValue],
    *,
    owner: str = "",
    parent: str = "",
    secrets: tuple[SecretField, ...] = (),
) -> Resource:
    """A resource with normal fields; both sides of a comparison are created by this."""
    return Resource(
        key=ResourceKey(kind=kind, name=name, parent=parent),
        fields=normal_fields(kind, fields),
        owner=owner,
        secrets=secrets,
    )


def normalize(given: Resource) -> Resource:
    """The resource with normal fields; normalizing again changes nothing."""
    return replace(given, fields=normal_fields(given.key.kind, given.fields))
