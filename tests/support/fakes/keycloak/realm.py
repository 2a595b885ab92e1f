"""The realm of the fake server: its settings, events, user profile, roles, groups and users."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from partnergate.errors import KeycloakConflictError, KeycloakNotFoundError

Json = dict[str, Any]
Handler = Callable[..., Any]

DEFAULT_MAX = 100
_EVENT_KEYS = (
    "eventsEnabled", "eventsExpiration", "eventsListeners", "enabledEventTypes",
    "adminEventsEnabled", "adminEventsDetailsEnabled",
)  # fmt: skip
_BUILT_IN_SCOPES = (
    "acr",
    "address",
    "basic",
    "email",
    "offline_access",
    "phone",
    "profile",
    "roles",
    "web-origins",
)


@dataclass(slots=True)
class FakeRealm:
    """The contents of a realm. Keys are ids, except for providers (alias) and roles (name)."""

    settings: Json
    version: str
    providers: dict[str, Json] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    """Client secrets of providers by alias, which no response contains."""
    mappers: dict[str, Json] = field(default_factory=dict)
    organizations: dict[str, Json] = field(default_factory=dict)
    clients: dict[str, Json] = field(default_factory=dict)
    scopes: dict[str, Json] = field(default_factory=dict)
    scope_roles: dict[tuple[str, str], dict[str, Json]] = field(default_factory=dict)
    flows: dict[str, Json] = field(default_factory=dict)
    executions: dict[str, Json] = field(default_factory=dict)
    configs: dict[str, Json] = field(default_factory=dict)
    roles: dict[str, Json] = field(default_factory=dict)
    groups: dict[str, Json] = field(default_factory=dict)
    users: dict[str, Json] = field(default_factory=dict)
    """Each with ``links``: the aliases it is linked to."""
    profile: Json = field(default_factory=dict)
    admin_events: list[Json] = field(default_factory=list)


def new_id() -> str:
    """An id in the server's format."""
    return str(uuid.uuid4())


def new_realm(body: Json, *, version: str) -> FakeRealm:
    """A realm with the server's defaults, overridden by the request."""
    realm = FakeRealm(settings=_defaults() | body, version=version)
    for name in _BUILT_IN_SCOPES:
        identity = new_id()
        realm.scopes[identity] = {
            "id": identity, "name": name, "protocol": "openid-connect",
            "attributes": {}, "protocolMappers": [],
        }  # fmt: skip
    for alias in ("browser", "first broker login"):
        identity = new_id()
        realm.flows[identity] = {
            "id": identity, "alias": alias, "providerId": "basic-flow", "topLevel": True, "builtIn": True,
        }  # fmt: skip
    everybody = f"default-roles-{body['realm'].lower()}"
    realm.roles[everybody] = {
        "id": new_id(),
        "name": everybody,
        "description": "${role_default-roles}",
        "attributes": {},
        "composite": True,
        "clientRole": False,
        "composites": {"realm": ["offline_access"]},
    }
    realm.settings["defaultRole"] = {"name": everybody}
    realm.profile = {
        "attributes": [
            {
                "name": name,
                "displayName": f"${{{name}}}",
                "permissions": {"view": ["admin", "user"], "edit": ["admin", "user"]},
            }
            for name in ("username", "email", "firstName", "lastName")
        ],
        "groups": [{"name": "user-metadata"}],
    }
    return realm


def paged(items: list[Json], query: Json) -> list[Json]:
    """A page; without ``max`` the first hundred, silently."""
    first = int(query.get("first") or 0)
    return items[first : first + int(query.get("max") or DEFAULT_MAX)]


def require(found: dict[str, Json], identity: str) -> Json:
    """The item, or the server's 404."""
    if identity not in found:
        raise KeycloakNotFoundError(f"Keycloak answers 404: no {identity}")
    return found[identity]


def _defaults() -> Json:
    return {
        "enabled": True, "organizationsEnabled": False, "eventsEnabled": False,
        "eventsListeners": ["jboss-logging"],
        "enabledEventTypes": [], "adminEventsEnabled": False, "adminEventsDetailsEnabled": False,
        "sslRequired": "external", "duplicateEmailsAllowed": False, "loginWithEmailAllowed": True,
        "attributes": {},
    }  # fmt: skip


def _get_realm(realm: FakeRealm, _body: Any, _query: Json) -> Json:
    return {name: value for name, value in realm.settings.items() if name != "localizationTexts"}


def _put_realm(realm: FakeRealm, body: Json, _query: Json) -> None:
    """Unlike other PUTs, this one keeps fields that are not sent, and never changes page texts."""
    realm.settings |= {k: v for k, v in body.items() if v is not None and k != "localizationTexts"}
    if body.get("duplicateEmailsAllowed"):
        realm.settings["loginWithEmailAllowed"] = False
    elif body.get("loginWithEmailAllowed"):
        realm.settings["duplicateEmailsAllowed"] = False


def _texts(realm: FakeRealm) -> Json:
    texts: Json = realm.settings.setdefault("localizationTexts", {})
    return texts


def _list_locales(realm: FakeRealm, _body: Any, _query: Json) -> list[str]:
    return sorted(_texts(realm))


def _get_locale(realm: FakeRealm, _body: Any, _query: Json, locale: str) -> Json:
    found: Json = _texts(realm).get(locale, {})
    return found


def _post_locale(realm: FakeRealm, body: Json, _query: Json, locale: str) -> None:
    _texts(realm).setdefault(locale, {}).update(body)


def _delete_text(realm: FakeRealm, _body: Any, _query: Json, locale: str, key: str) -> None:
    del require(_texts(realm), locale)[key]


def _get_events(realm: FakeRealm, _body: Any, _query: Json) -> Json:
    return {key: realm.settings.get(key) for key in _EVENT_KEYS if realm.settings.get(key) is not None}


def _put_events(realm: FakeRealm, body: Json, _query: Json) -> None:
    realm.settings |= {
        key: body.get(key, False) for key in _EVENT_KEYS if key in body or key.endswith("Enabled")
    }


def _get_profile(realm: FakeRealm, _body: Any, _query: Json) -> Json:
    return realm.profile


def _put_profile(realm: FakeRealm, body: Json, _query: Json) -> None:
    realm.profile = body


def _list_roles(realm: FakeRealm, _body: Any, query: Json) -> list[Json]:
    return paged([{k: v for k, v in r.items() if k != "composites"} for r in realm.roles.values()], query)


def _post_role(realm: FakeRealm, body: Json, _query: Json) -> str:
    if body["name"] in realm.roles:
        raise KeycloakConflictError(f"Role with name {body['name']} already exists")
    realm.roles[body["name"]] = body | {"id": new_id(), "composite": False, "clientRole": False}
    return str(body["name"])


def _get_role(realm: FakeRealm, _body: Any, _query: Json, name: str) -> Json:
    return require(realm.roles, name)


def _delete_role(realm: FakeRealm, _body: Any, _query: Json, name: str) -> None:
    require(realm.roles, name)
    del realm.roles[name]


def _role_by_id(realm: FakeRealm, identity: str) -> Json:
    return require({role["id"]: role for role in realm.roles.values()}, identity)


def _put_role(realm: FakeRealm, body: Json, _query: Json, identity: str) -> None:
    role = _role_by_id(realm, identity)
    del realm.roles[role["name"]]
    realm.roles[body["name"]] = role | body


def _list_composites(realm: FakeRealm, _body: Any, _query: Json, identity: str) -> list[Json]:
    return [{"name": name} for name in _role_by_id(realm, identity).get("composites", {}).get("realm", ())]


def _delete_composites(realm: FakeRealm, body: list[Json], _query: Json, identity: str) -> None:
    role = _role_by_id(realm, identity)
    gone = {inner["name"] for inner in body}
    kept = [name for name in role.get("composites", {}).get("realm", ()) if name not in gone]
    role |= {"composite": bool(kept), "composites": {"realm": kept}}


def _post_composites(realm: FakeRealm, body: list[Json], _query: Json, identity: str) -> None:
    inner = _role_by_id(realm, identity).setdefault("composites", {}).setdefault("realm", [])
    inner += [added["name"] for added in body]


def _delete_role_by_id(realm: FakeRealm, _body: Any, _query: Json, identity: str) -> None:
    del realm.roles[_role_by_id(realm, identity)["name"]]


def _list_groups(realm: FakeRealm, _body: Any, query: Json) -> list[Json]:
    return paged([_listed_group(realm, g) for g in realm.groups.values() if not g["parentId"]], query)


def _list_children(realm: FakeRealm, _body: Any, query: Json, identity: str) -> list[Json]:
    return paged([_listed_group(realm, g) for g in realm.groups.values() if g["parentId"] == identity], query)


def _listed_group(realm: FakeRealm, group: Json) -> Json:
    count = sum(1 for other in realm.groups.values() if other["parentId"] == group["id"])
    return group | {"subGroupCount": count, "subGroups": []}


def _post_group(realm: FakeRealm, body: Json, _query: Json, identity: str = "") -> str:
    above = require(realm.groups, identity)["path"] if identity else ""
    path = f"{above}/{body['name']}"
    if any(group["path"] == path for group in realm.groups.values()):
        raise KeycloakConflictError(f"Group {path} already exists")
    made = new_id()
    realm.groups[made] = (
        {"realmRoles": [], "clientRoles": {}} | body | {"id": made, "path": path, "parentId": identity}
    )
    return made


def _get_group(realm: FakeRealm, _body: Any, _query: Json, identity: str) -> Json:
    return _listed_group(realm, require(realm.groups, identity))


def _put_group(realm: FakeRealm, body: Json, _query: Json, identity: str) -> None:
    require(realm.groups, identity).update({k: body[k] for k in ("name", "attributes") if k in body})


def _delete_group(realm: FakeRealm, _body: Any, _query: Json, identity: str) -> None:
    require(realm.groups, identity)
    for child in [g["id"] for g in realm.groups.values() if g["parentId"] == identity]:
        _delete_group(realm, None, {}, child)
    del realm.groups[identity]


def _group_by_path(realm: FakeRealm, _body: Any, _query: Json, path: str) -> Json:
    return require({group["path"]: group for group in realm.groups.values()}, path)


def _list_users(realm: FakeRealm, _body: Any, query: Json) -> list[Json]:
    alias = query.get("idpAlias")
    return paged([u for u in realm.users.values() if alias is None or alias in u.get("links", ())], query)


def _list_admin_events(realm: FakeRealm, _body: Any, query: Json) -> list[Json]:
    return paged(sorted(realm.admin_events, key=lambda e: -int(e["time"])), query)


def _none(_realm: FakeRealm, _body: Any, _query: Json, **_names: str) -> list[Json]:
    return []


REALM_ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "", _get_realm),
    ("PUT", "", _put_realm),
    ("GET", "localization", _list_locales),
    ("GET", "localization/(?P<locale>[^/]+)", _get_locale),
    ("POST", "localization/(?P<locale>[^/]+)", _post_locale),
    ("DELETE", "localization/(?P<locale>[^/]+)/(?P<key>[^/]+)", _delete_text),
    ("GET", "events/config", _get_events),
    ("PUT", "events/config", _put_events),
    ("GET", "users/profile", _get_profile),
    ("PUT", "users/profile", _put_profile),
    ("GET", "roles", _list_roles),
    ("POST", "roles", _post_role),
    ("GET", "roles/(?P<name>[^/]+)", _get_role),
    ("DELETE", "roles/(?P<name>[^/]+)", _delete_role),
    ("PUT", "roles-by-id/(?P<identity>[^/]+)", _put_role),
    ("DELETE", "roles-by-id/(?P<identity>[^/]+)", _delete_role_by_id),
    ("GET", "roles-by-id/(?P<identity>[^/]+)/composites", _list_composites),
    ("POST", "roles-by-id/(?P<identity>[^/]+)/composites", _post_composites),
    ("DELETE", "roles-by-id/(?P<identity>[^/]+)/composites", _delete_composites),
    ("GET", "groups", _list_groups),
    ("POST", "groups", _post_group),
    ("GET", "groups/(?P<identity>[^/]+)", _get_group),
    ("PUT", "groups/(?P<identity>[^/]+)", _put_group),
    ("DELETE", "groups/(?P<identity>[^/]+)", _delete_group),
    ("GET", "groups/(?P<identity>[^/]+)/children", _list_children),
    ("POST", "groups/(?P<identity>[^/]+)/children", _post_group),
    ("GET", "groups/(?P<identity>[^/]+)/role-mappings/realm", _none),
    ("GET", "group-by-path(?P<path>/.+)", _group_by_path),
    ("GET", "users", _list_users),
    ("GET", "admin-events", _list_admin_events),
)
