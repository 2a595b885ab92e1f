"""Clients and client scopes of the fake server, their mappers, scopes and scope roles."""

from __future__ import annotations

from typing import Any

from fakes.keycloak.realm import FakeRealm, Handler, Json, new_id, paged, require
from partnergate.errors import KeycloakConflictError

_CLIENT = "clients/(?P<identity>[^/]+)"
_SCOPE = "client-scopes/(?P<identity>[^/]+)"
_HOLDER = "(?P<kind>clients|client-scopes)/(?P<identity>[^/]+)"
_MODELS = f"{_HOLDER}/protocol-mappers/models"
_LISTS = ("defaultClientScopes", "optionalClientScopes")
_ASSIGNED = f"{_CLIENT}/(?P<which>default|optional)-client-scopes"


def scope_mappings_export(realm: FakeRealm) -> tuple[list[Json], dict[str, list[Json]]]:
    """The roles that scopes and clients add to a token, in the format of the export."""
    found = []
    for (kind, identity), roles in realm.scope_roles.items():
        holder = _holder(realm, kind, identity)
        named = {"client": holder["clientId"]} if kind == "clients" else {"clientScope": holder["name"]}
        if roles:
            found.append(named | {"roles": list(roles)})
    return found, {}


def _holder(realm: FakeRealm, kind: str, identity: str) -> Json:
    return require(realm.clients if kind == "clients" else realm.scopes, identity)


def _with_mapper_ids(body: Json) -> Json:
    return body | {
        "protocolMappers": [{"id": new_id()} | mapper for mapper in body.get("protocolMappers", ())]
    }


def _list_clients(realm: FakeRealm, _body: Any, query: Json) -> list[Json]:
    wanted = query.get("clientId")
    return paged([c for c in realm.clients.values() if wanted in (None, c["clientId"])], query)


def _post_client(realm: FakeRealm, body: Json, _query: Json) -> str:
    if any(client["clientId"] == body["clientId"] for client in realm.clients.values()):
        raise KeycloakConflictError(f"Client {body['clientId']} already exists")
    identity = new_id()
    attributes = {"realm_client": "false"} | body.get("attributes", {})
    scopes = {scope["name"] for scope in realm.scopes.values()}
    # The server ignores a scope that does not exist, and reports success.
    assigned = {
        name: [scope for scope in body[name] if scope in scopes]
        for name in ("defaultClientScopes", "optionalClientScopes")
        if name in body
    }
    realm.clients[identity] = _with_mapper_ids(body) | assigned | {"id": identity, "attributes": attributes}
    return identity


def _put_client(realm: FakeRealm, body: Json, _query: Json, identity: str) -> None:
    """Keeps fields that are not sent, and always the lists of scopes and mappers."""
    client = require(realm.clients, identity)
    for name in ("attributes", "authenticationFlowBindingOverrides"):
        merged = client.get(name, {}) | body.pop(name, {})
        client[name] = {key: value for key, value in merged.items() if value != ""}
    client |= {k: v for k, v in body.items() if k not in {*_LISTS, "protocolMappers"} and v is not None}


def _delete_client(realm: FakeRealm, _body: Any, _query: Json, identity: str) -> None:
    require(realm.clients, identity)
    del realm.clients[identity]
    realm.scope_roles.pop(("clients", identity), None)


def _list_scopes(realm: FakeRealm, _body: Any, _query: Json) -> list[Json]:
    return list(realm.scopes.values())


def _post_scope(realm: FakeRealm, body: Json, _query: Json) -> str:
    if any(scope["name"] == body["name"] for scope in realm.scopes.values()):
        raise KeycloakConflictError(f"Client Scope {body['name']} already exists")
    identity = new_id()
    realm.scopes[identity] = _with_mapper_ids(body) | {"id": identity}
    return identity


def _put_scope(realm: FakeRealm, body: Json, _query: Json, identity: str) -> None:
    scope = require(realm.scopes, identity)
    body["attributes"] = {
        k: v for k, v in (scope["attributes"] | body.get("attributes", {})).items() if v != ""
    }
    scope |= {k: v for k, v in body.items() if k != "protocolMappers"}


def _delete_scope(realm: FakeRealm, _body: Any, _query: Json, identity: str) -> None:
    require(realm.scopes, identity)
    del realm.scopes[identity]
    realm.scope_roles.pop(("client-scopes", identity), None)


def _list_models(realm: FakeRealm, _body: Any, _query: Json, kind: str, identity: str) -> list[Json]:
    models: list[Json] = _holder(realm, kind, identity).setdefault("protocolMappers", [])
    return models


def _post_model(realm: FakeRealm, body: Json, _query: Json, kind: str, identity: str) -> str:
    models = _holder(realm, kind, identity).setdefault("protocolMappers", [])
    if any(model["name"] == body["name"] for model in models):
        raise KeycloakConflictError("Protocol mapper exists with same name")
    made = new_id()
    models.append(body | {"id": made})
    return made


def _put_model(realm: FakeRealm, body: Json, _query: Json, kind: str, identity: str, model: str) -> None:
    models = _holder(realm, kind, identity)["protocolMappers"]
    require({m["id"]: m for m in models}, model).update(body)


def _delete_model(realm: FakeRealm, _body: Any, _query: Json, kind: str, identity: str, model: str) -> None:
    holder = _holder(realm, kind, identity)
    require({m["id"]: m for m in holder["protocolMappers"]}, model)
    holder["protocolMappers"] = [m for m in holder["protocolMappers"] if m["id"] != model]


def _scope_mappings(realm: FakeRealm, _body: Any, _query: Json, kind: str, identity: str) -> Json:
    _holder(realm, kind, identity)
    roles = realm.scope_roles.get((kind, identity), {})
    return {"realmMappings": list(roles.values())} if roles else {}


def _add_scope_roles(realm: FakeRealm, body: list[Json], _query: Json, kind: str, identity: str) -> None:
    _holder(realm, kind, identity)
    roles = realm.scope_roles.setdefault((kind, identity), {})
    roles.update({role["name"]: require(realm.roles, role["name"]) for role in body})


def _remove_scope_roles(realm: FakeRealm, body: list[Json], _query: Json, kind: str, identity: str) -> None:
    for role in body:
        realm.scope_roles.get((kind, identity), {}).pop(role["name"], None)


def _list_assigned(realm: FakeRealm, _body: Any, _query: Json, identity: str, which: str) -> list[Json]:
    names = require(realm.clients, identity).get(f"{which}ClientScopes", ())
    return [scope for scope in realm.scopes.values() if scope["name"] in names]


def _assign(realm: FakeRealm, _body: Any, _query: Json, identity: str, which: str, scope: str) -> None:
    names = require(realm.clients, identity).setdefault(f"{which}ClientScopes", [])
    names.append(require(realm.scopes, scope)["name"])


def _take(realm: FakeRealm, _body: Any, _query: Json, identity: str, which: str, scope: str) -> None:
    require(realm.clients, identity)[f"{which}ClientScopes"].remove(require(realm.scopes, scope)["name"])


CLIENT_ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "clients", _list_clients),
    ("POST", "clients", _post_client),
    ("PUT", _CLIENT, _put_client),
    ("DELETE", _CLIENT, _delete_client),
    ("GET", "client-scopes", _list_scopes),
    ("POST", "client-scopes", _post_scope),
    ("PUT", _SCOPE, _put_scope),
    ("DELETE", _SCOPE, _delete_scope),
    ("GET", "default-(default|optional)-client-scopes", lambda _realm, _body, _query: []),
    ("GET", _MODELS, _list_models),
    ("POST", _MODELS, _post_model),
    ("PUT", f"{_MODELS}/(?P<model>[^/]+)", _put_model),
    ("DELETE", f"{_MODELS}/(?P<model>[^/]+)", _delete_model),
    ("GET", f"{_HOLDER}/scope-mappings", _scope_mappings),
    ("POST", f"{_HOLDER}/scope-mappings/realm", _add_scope_roles),
    ("DELETE", f"{_HOLDER}/scope-mappings/realm", _remove_scope_roles),
    ("GET", _ASSIGNED, _list_assigned),
    ("PUT", f"{_ASSIGNED}/(?P<scope>[^/]+)", _assign),
    ("DELETE", f"{_ASSIGNED}/(?P<scope>[^/]+)", _take),
)
