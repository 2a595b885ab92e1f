"""Providers, mappers and organizations of the fake server, and its partial export."""

from __future__ import annotations

from typing import Any

from fakes.keycloak.clients import scope_mappings_export
from fakes.keycloak.flows import flow_representations
from fakes.keycloak.realm import FakeRealm, Handler, Json, new_id, paged, require
from partnergate.errors import (
    KeycloakConflictError,
    KeycloakNotFoundError,
    KeycloakRefusedError,
    KeycloakServerError,
)

MASK = "**********"
SECRET = "clientSecret"
_INSTANCES = "identity-provider/instances"
_ALIAS = f"{_INSTANCES}/(?P<alias>[^/]+)"
_ORGANIZATION = "organizations/(?P<identity>[^/]+)"
_BOOLEANS = (
    "addReadTokenRoleOnCreate",
    "authenticateByDefault",
    "hideOnLogin",
    "linkOnly",
    "storeToken",
    "trustEmail",
)


def _shown(realm: FakeRealm, alias: str) -> Json:
    """A provider as it reads back: the secret masked unless it is a vault reference."""
    provider = realm.providers[alias]
    config = dict(provider["config"])
    if secret := realm.secrets.get(alias):
        config[SECRET] = secret if secret.startswith("${vault.") else MASK
    linked = next((o["id"] for o in realm.organizations.values() if alias in o["_linked"]), None)
    return provider | {"config": config} | ({"organizationId": linked} if linked else {})


def _stored(realm: FakeRealm, body: Json, *, known: str = "") -> Json:
    """A provider as the server stores it: without empty values and undeclared keys, the secret separate."""
    alias = body["alias"]
    for key in ("firstBrokerLoginFlowAlias", "postBrokerLoginFlowAlias"):
        flow = body.get(key)
        if flow and all(flow != f["alias"] for f in realm.flows.values()):
            raise KeycloakServerError("Keycloak answers 500: For more on this error consult the server log.")
    config = {name: value for name, value in body.get("config", {}).items() if value != ""}
    for name, value in config.items():
        if not isinstance(value, str):
            raise KeycloakRefusedError(f"Keycloak answers 400: {name} is not a string")
        if (
            name.endswith("Url")
            and value not in {"true", "false"}
            and not value.startswith(("https://", "http://"))
        ):
            raise KeycloakRefusedError(f"Keycloak answers 400: The url [{name}] is malformed")
    secret = config.pop(SECRET, "")
    kept = known if secret == MASK and known else secret
    realm.secrets.pop(alias, None)
    if kept:
        realm.secrets[alias] = kept
    body = {
        k: v for k, v in body.items() if k not in {"organizationId", "internalId", "types"} and v is not None
    }
    return dict.fromkeys(_BOOLEANS, False) | {"enabled": True} | body | {"config": config}


def _list(realm: FakeRealm, _body: Any, query: Json) -> list[Json]:
    search = query.get("search") or ""
    return paged([_shown(realm, alias) for alias in sorted(realm.providers) if search in alias], query)


def _post(realm: FakeRealm, body: Json, _query: Json) -> str:
    alias = body["alias"]
    if alias in realm.providers:
        raise KeycloakConflictError(f"Identity Provider {alias} already exists")
    realm.providers[alias] = _stored(realm, body) | {"internalId": new_id()}
    return str(alias)


def _get(realm: FakeRealm, _body: Any, _query: Json, alias: str) -> Json:
    require(realm.providers, alias)
    return _shown(realm, alias)


def _put(realm: FakeRealm, body: Json, _query: Json, alias: str) -> None:
    before = require(realm.providers, alias)
    realm.providers[alias] = _stored(realm, body, known=realm.secrets.get(alias, "")) | {
        "internalId": before["internalId"]
    }


def _delete(realm: FakeRealm, _body: Any, _query: Json, alias: str) -> None:
    require(realm.providers, alias)
    del realm.providers[alias]
    realm.secrets.pop(alias, None)
    realm.mappers = {k: m for k, m in realm.mappers.items() if m["identityProviderAlias"] != alias}
    for organization in realm.organizations.values():
        organization["_linked"].discard(alias)
    for user in realm.users.values():
        user["links"] = [link for link in user.get("links", ()) if link != alias]


def _list_mappers(realm: FakeRealm, _body: Any, _query: Json, alias: str) -> list[Json]:
    require(realm.providers, alias)
    return [mapper for mapper in realm.mappers.values() if mapper["identityProviderAlias"] == alias]


def _post_mapper(realm: FakeRealm, body: Json, _query: Json, alias: str) -> str:
    if any(mapper["name"] == body["name"] for mapper in _list_mappers(realm, None, {}, alias)):
        raise KeycloakRefusedError(f"Failed to add mapper '{body['name']}' to identity provider")
    identity = body.get("id") or new_id()
    realm.mappers[identity] = _stored_mapper(body) | {"id": identity, "identityProviderAlias": alias}
    return str(identity)


def _put_mapper(realm: FakeRealm, body: Json, _query: Json, alias: str, identity: str) -> None:
    require(realm.mappers, identity)
    realm.mappers[identity] = _stored_mapper(body) | {"id": identity, "identityProviderAlias": alias}


def _delete_mapper(realm: FakeRealm, _body: Any, _query: Json, alias: str, identity: str) -> None:
    require(realm.providers, alias)
    require(realm.mappers, identity)
    del realm.mappers[identity]


def _stored_mapper(body: Json) -> Json:
    return body | {"config": {name: value for name, value in body.get("config", {}).items() if value != ""}}


def _list_organizations(realm: FakeRealm, _body: Any, query: Json) -> list[Json]:
    if not realm.settings.get("organizationsEnabled"):
        raise KeycloakNotFoundError("Keycloak answers 404: organizations are off")
    search = query.get("search") or ""
    found = [o for o in realm.organizations.values() if search in o["name"]]
    return paged([_shown_organization(o) for o in sorted(found, key=lambda o: o["name"])], query)


def _shown_organization(organization: Json) -> Json:
    return {k: v for k, v in organization.items() if k != "_linked"}


def _post_organization(realm: FakeRealm, body: Json, _query: Json) -> str:
    others = realm.organizations.values()
    if any(o["name"] == body["name"] or o["alias"] == body["alias"] for o in others):
        raise KeycloakConflictError("A organization with the same name or alias already exists")
    taken = {domain["name"] for o in others for domain in o["domains"]}
    if taken & {domain["name"] for domain in body.get("domains", ())}:
        raise KeycloakRefusedError("Domain is already linked to another organization")
    identity = new_id()
    realm.organizations[identity] = (
        {"enabled": True, "domains": []} | body | {"id": identity, "_linked": set()}
    )
    return identity


def _put_organization(realm: FakeRealm, body: Json, _query: Json, identity: str) -> None:
    require(realm.organizations, identity).update(body | {"id": identity})


def _delete_organization(realm: FakeRealm, _body: Any, _query: Json, identity: str) -> None:
    require(realm.organizations, identity)
    del realm.organizations[identity]


def _list_linked(realm: FakeRealm, _body: Any, _query: Json, identity: str) -> list[Json]:
    return [_shown(realm, alias) for alias in sorted(require(realm.organizations, identity)["_linked"])]


def _link(realm: FakeRealm, body: str, _query: Json, identity: str) -> None:
    require(realm.providers, body)
    if any(body in o["_linked"] for o in realm.organizations.values()):
        raise KeycloakRefusedError("Identity provider already associated to an organization")
    require(realm.organizations, identity)["_linked"].add(body)


def _unlink(realm: FakeRealm, _body: Any, _query: Json, identity: str, alias: str) -> None:
    linked = require(realm.organizations, identity)["_linked"]
    if alias not in linked:
        raise KeycloakNotFoundError("Keycloak answers 404: not linked")
    linked.discard(alias)


def _export(realm: FakeRealm, _body: Any, _query: Json) -> Json:
    """The partial export, which contains neither organizations nor links to them."""
    flows, configs = flow_representations(realm)
    of_realm, of_clients = scope_mappings_export(realm)
    providers = [_shown(realm, alias) for alias in realm.providers]
    return realm.settings | {
        "keycloakVersion": realm.version,
        "identityProviders": [{k: v for k, v in p.items() if k != "organizationId"} for p in providers],
        "identityProviderMappers": list(realm.mappers.values()),
        "clients": [{k: v for k, v in c.items() if k != "_scopes"} for c in realm.clients.values()],
        "clientScopes": list(realm.scopes.values()),
        "defaultDefaultClientScopes": [], "defaultOptionalClientScopes": [],
        "scopeMappings": of_realm, "clientScopeMappings": of_clients,
        "roles": {"realm": list(realm.roles.values())},
        "groups": [_whole_group(realm, g) for g in realm.groups.values() if not g["parentId"]],
        "authenticationFlows": flows, "authenticatorConfig": configs,
    }  # fmt: skip


def _whole_group(realm: FakeRealm, group: Json) -> Json:
    below = [_whole_group(realm, g) for g in realm.groups.values() if g["parentId"] == group["id"]]
    return group | {"subGroups": below}


PROVIDER_ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "partial-export", _export),
    ("GET", _INSTANCES, _list),
    ("POST", _INSTANCES, _post),
    ("GET", _ALIAS, _get),
    ("PUT", _ALIAS, _put),
    ("DELETE", _ALIAS, _delete),
    ("GET", f"{_ALIAS}/mappers", _list_mappers),
    ("POST", f"{_ALIAS}/mappers", _post_mapper),
    ("PUT", f"{_ALIAS}/mappers/(?P<identity>[^/]+)", _put_mapper),
    ("DELETE", f"{_ALIAS}/mappers/(?P<identity>[^/]+)", _delete_mapper),
    ("GET", "organizations", _list_organizations),
    ("POST", "organizations", _post_organization),
    ("PUT", _ORGANIZATION, _put_organization),
    ("DELETE", _ORGANIZATION, _delete_organization),
    ("GET", f"{_ORGANIZATION}/identity-providers", _list_linked),
    ("POST", f"{_ORGANIZATION}/identity-providers", _link),
    ("DELETE", f"{_ORGANIZATION}/identity-providers/(?P<alias>[^/]+)", _unlink),
)
