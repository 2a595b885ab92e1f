"""Writes clients and client scopes, and their mappers, scopes and scope roles, which have own endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from partnergate.errors import KeycloakError
from partnergate.keycloak.connection import segment
from partnergate.keycloak.write.context import done_or_undone
from partnergate.keycloak.write.whole_resource import WholeWriter
from partnergate.realm.comparable import thaw
from partnergate.realm.representation import client_scope_to, client_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from partnergate.keycloak.whole_realm import Representation
    from partnergate.keycloak.write.context import WriteContext
    from partnergate.planning.changes import FieldChange
    from partnergate.realm.state import Resource

SCOPES: Final = "client-scopes"
CLIENTS: Final = "clients"
_SCOPE_LISTS: Final = (
    ("defaultClientScopes", "default-client-scopes"),
    ("optionalClientScopes", "optional-client-scopes"),
)
_EMPTY: Final[dict[type, Any]] = {bool: False, str: "", list: [], dict: {}, int: 0}


class _WithMappersAndRoles:
    """The endpoints that clients and client scopes share below their paths."""

    def __init__(self, context: WriteContext) -> None:
        self._context = context
        self._connection = context.connection

    def _write_mappers(self, path: str, wanted: list[Representation]) -> None:
        models = f"{path}/protocol-mappers/models"
        present = {mapper["name"]: mapper for mapper in self._connection.get(models)}
        for mapper in wanted:
            found = present.pop(mapper["name"], None)
            if found is None:

                def find(name: str = mapper["name"]) -> tuple[str, Representation] | None:
                    listed = self._connection.get(models)
                    return next(((m["id"], m) for m in listed if m["name"] == name), None)

                self._context.create(models, mapper, find=find, what=f"the mapper {mapper['name']}")
            elif any(found.get(key) != value for key, value in mapper.items()):
                self._connection.put(f"{models}/{found['id']}", found | mapper)
        for unwanted in present.values():
            self._context.delete(f"{models}/{unwanted['id']}")

    def _write_scope_roles(self, path: str, wanted: tuple[str, ...]) -> None:
        """Roles of the realm by name, roles of a client as ``client/role``."""
        mappings = self._connection.get(f"{path}/scope-mappings")
        present = {("", role["name"]): role for role in mappings.get("realmMappings", ())}
        for client, inner in (mappings.get("clientMappings") or {}).items():
            present |= {(client, role["name"]): role for role in inner["mappings"]}
        names = {_role_name(name) for name in wanted}
        for key in sorted(names - set(present)):
            # Adding an existing role changes nothing, so a repeated POST is safe.
            self._connection.post_for_json(*self._scope_role(path, key, self._role(key)))
        for key in sorted(set(present) - names):
            self._connection.delete(*self._scope_role(path, key, present[key]))

    def _scope_role(
        self, path: str, key: tuple[str, str], role: Representation
    ) -> tuple[str, list[Representation]]:
        client, _ = key
        inner = f"clients/{self._client_id(client)}" if client else "realm"
        return f"{path}/scope-mappings/{inner}", [{"id": role["id"], "name": role["name"]}]

    def _role(self, key: tuple[str, str]) -> Representation:
        client, name = key
        path = f"{CLIENTS}/{self._client_id(client)}/roles" if client else "roles"
        found: Representation = self._connection.get(f"{path}/{segment(name)}")
        return found

    def _client_id(self, client_id: str) -> str:
        made = self._context.made("client", client_id)
        if made is None:
            known = self._context.snapshot.clients
            return str(self._context.require(known, client_id, f"the client {client_id}")["id"])
        return made


class ClientScopeWriter(_WithMappersAndRoles, WholeWriter):
    """Client scopes. Mappers and roles are compared as a whole."""

    def create(self, resource: Resource) -> Callable[[], str]:
        name = resource.key.name

        def find() -> tuple[str, Representation] | None:
            return next(((s["id"], s) for s in self._connection.get(SCOPES) if s["name"] == name), None)

        identity = self._context.create(
            SCOPES, client_scope_to(resource), find=find, what=f"the client scope {name}"
        )
        self._context.remember("scope", name, identity)
        path = f"{SCOPES}/{identity}"
        return done_or_undone(
            lambda: self._write_scope_roles(path, thaw(resource.fields.get("scopeRoles", ()))),
            self._context.undo_create(path),
        )

    def _before(self, name: str) -> Representation:
        return self._context.require(self._context.snapshot.scopes, name, f"the client scope {name}")

    def _path(self, name: str) -> str:
        return f"{SCOPES}/{self._before(name)['id']}"

    def _bring_to(self, resource: Resource) -> None:
        before, path = self._before(resource.key.name), self._path(resource.key.name)
        body = client_scope_to(resource)
        mappers = body.pop("protocolMappers")
        body["attributes"] = _emptied(before.get("attributes", {})) | body["attributes"]
        self._connection.put(path, {"id": before["id"]} | body)
        self._write_mappers(path, mappers)
        self._write_scope_roles(path, thaw(resource.fields.get("scopeRoles", ())))


class ClientWriter(_WithMappersAndRoles):
    """Clients. A PUT keeps the fields that it omits, so fields to remove are sent as empty."""

    def create(self, resource: Resource) -> Callable[[], str]:
        client_id = resource.key.name
        body = self._with_flow_ids(client_to(resource))

        def find() -> tuple[str, Representation] | None:
            listed = self._connection.get(CLIENTS, clientId=client_id)
            return next(((c["id"], c) for c in listed), None)

        identity = self._context.create(CLIENTS, body, find=find, what=f"the client {client_id}")
        self._context.remember("client", client_id, identity)
        path = f"{CLIENTS}/{identity}"
        return done_or_undone(
            lambda: self._write_scope_roles(path, thaw(resource.fields.get("scopeRoles", ()))),
            self._context.undo_create(path),
        )

    def update(
        self,
        desired: Resource,
        actual: Resource,
        changes: tuple[FieldChange, ...],
    ) -> Callable[[], str]:
        client_id = actual.key.name
        before = self._context.require(self._context.snapshot.clients, client_id, f"the client {client_id}")

        def undo() -> str:
            backwards = tuple(type(c)(name=c.name, before=c.after, after=c.before) for c in changes)
            self._bring_to(before, actual, backwards)
            return ""

        return done_or_undone(lambda: self._bring_to(before, desired, changes), undo)

    def delete(self, actual: Resource) -> Callable[[], str]:
        client_id = actual.key.name
        before = self._context.require(self._context.snapshot.clients, client_id, f"the client {client_id}")
        self._context.delete(f"{CLIENTS}/{before['id']}")
        return lambda: f"client {client_id} was deleted"

    def _bring_to(self, before: Representation, resource: Resource, changes: tuple[FieldChange, ...]) -> None:
        path = f"{CLIENTS}/{before['id']}"
        body = self._with_flow_ids(client_to(resource))
        mappers = body.pop("protocolMappers")
        scopes = {name: body.pop(name) for name, _ in _SCOPE_LISTS}
        body["attributes"] = _emptied(before.get("attributes", {})) | body["attributes"]
        for change in changes:
            if change.after is None and "." not in change.name:
                body[change.name] = _EMPTY.get(type(thaw(change.before)), "")
        overrides = before.get("authenticationFlowBindingOverrides", {})
        body["authenticationFlowBindingOverrides"] = (
            dict.fromkeys(overrides, "") | body["authenticationFlowBindingOverrides"]
        )
        self._connection.put(path, {"id": before["id"]} | body)
        self._write_mappers(path, mappers)
        for name, endpoint in _SCOPE_LISTS:
            self._write_scopes(f"{path}/{endpoint}", set(scopes[name]))
        self._write_scope_roles(path, thaw(resource.fields.get("scopeRoles", ())))

    def _write_scopes(self, path: str, wanted: set[str]) -> None:
        present = {scope["name"]: scope["id"] for scope in self._connection.get(path)}
        for name in sorted(set(present) - wanted):
            self._context.delete(f"{path}/{present[name]}")
        for name in sorted(wanted - set(present)):
            self._connection.put(f"{path}/{self._scope_id(name)}", None)

    def _scope_id(self, name: str) -> str:
        made = self._context.made("scope", name)
        if made is None:
            known = self._context.snapshot.scopes
            return str(self._context.require(known, name, f"the client scope {name}")["id"])
        return made

    def _with_flow_ids(self, body: Representation) -> Representation:
        """Clients name flows by id, everything else by alias."""
        overrides = body["authenticationFlowBindingOverrides"]
        return body | {
            "authenticationFlowBindingOverrides": {name: self._flow_id(a) for name, a in overrides.items()}
        }

    def _flow_id(self, alias: str) -> str:
        made = self._context.made("flow", alias)
        if made is not None:
            return made
        if alias in self._context.snapshot.flows:
            return str(self._context.snapshot.flows[alias]["id"])
        for flow in self._connection.get("authentication/flows"):
            if flow["alias"] == alias:
                return str(flow["id"])
        raise KeycloakError(
            f"stale plan: flow {alias}, which a client is bound to, does not exist", advice="plan again"
        )


def _emptied(attributes: dict[str, Any]) -> dict[str, str]:
    """Every present attribute as empty, so that the server drops it."""
    return dict.fromkeys(attributes, "")


def _role_name(name: str) -> tuple[str, str]:
    client, _, role = name.rpartition("/")
    return client, role
