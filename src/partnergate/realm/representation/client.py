"""Clients, from and to Keycloak's representation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from partnergate.realm.canonical import freeze, thaw
from partnergate.realm.names import OWNER_MARK
from partnergate.realm.representation.attributes import from_texts, to_texts
from partnergate.realm.representation.client_scope import protocol_mappers
from partnergate.realm.state import Resource, ResourceKey, ResourceKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partnergate.realm.state import FieldValue

_SERVERS_OWN: Final = frozenset({
    "access", "attributes", "authenticationFlowBindingOverrides", "clientId", "id", "protocolMappers",
    "registeredNodes", "registrationAccessToken", "secret",
})  # fmt: skip
_SAYS_NOTHING: Final[dict[str, FieldValue]] = {
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
}
"""Fields that mean at this value what they mean when they are absent."""
_NEVER_COMPARED: Final = frozenset({
    "attributes.client.secret.creation.time", "attributes.login_theme",
})  # fmt: skip
_LISTS: Final = ("defaultClientScopes", "optionalClientScopes", "redirectUris", "webOrigins")


def client_from(representation: Mapping[str, Any], *, scope_roles: tuple[str, ...]) -> Resource:
    """A client with flows named by alias, and the roles its own scope lets into a token."""
    owner, fields = from_texts(representation.get("attributes"))
    for name, value in representation.items():
        if name in _LISTS:
            fields[name] = tuple(sorted(value or ()))
        elif name not in _SERVERS_OWN:
            fields[name] = freeze(value)
    for name, flow in (representation.get("authenticationFlowBindingOverrides") or {}).items():
        fields[f"authenticationFlowBindingOverrides.{name}"] = flow
    fields["protocolMappers"] = protocol_mappers(representation.get("protocolMappers") or ())
    fields["scopeRoles"] = scope_roles
    return Resource(
        key=ResourceKey(kind=ResourceKind.CLIENT, name=representation["clientId"]),
        fields={name: value for name, value in fields.items() if _says_something(name, value)},
        owner=owner,
    )


def client_to(resource: Resource) -> dict[str, Any]:
    """The whole representation with flows named by alias; ``scopeRoles`` has an endpoint of its own.

    Lists are always there, because a client's absent list is filled in by the server.
    """
    overrides: dict[str, Any] = {}
    representation: dict[str, Any] = {"clientId": resource.key.name} | {name: [] for name in _LISTS}
    for name, value in resource.fields.items():
        if name.startswith("authenticationFlowBindingOverrides."):
            overrides[name.partition(".")[2]] = value
        elif not name.startswith("attributes.") and name != "scopeRoles":
            representation[name] = thaw(value)
    protocol = resource.fields["protocol"]
    mappers = thaw(resource.fields.get("protocolMappers", ()))
    return representation | {
        "attributes": to_texts(resource.fields) | {OWNER_MARK: resource.owner},
        "authenticationFlowBindingOverrides": overrides,
        "protocolMappers": [mapper | {"protocol": protocol} for mapper in mappers],
    }


def _says_something(name: str, value: FieldValue) -> bool:
    if name in _NEVER_COMPARED or value in (None, "", ()):
        return False
    return name not in _SAYS_NOTHING or _SAYS_NOTHING[name] != value
