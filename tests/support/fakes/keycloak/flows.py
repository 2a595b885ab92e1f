"""Authentication flows of the fake server: flows, their executions in order, their configs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fakes.keycloak.realm import FakeRealm, Handler, Json, new_id, require
from partnergate.errors import KeycloakConflictError, KeycloakServerError

if TYPE_CHECKING:
    from collections.abc import Iterator

_FLOWS = "authentication/flows"
_EXECUTIONS = f"{_FLOWS}/(?P<alias>[^/]+)/executions"
_EXECUTION = "authentication/executions/(?P<identity>[^/]+)"
_CONFIG = "authentication/config/(?P<identity>[^/]+)"


def flow_representations(realm: FakeRealm) -> tuple[list[Json], list[Json]]:
    """All flows with their executions, and all configs, in the format of the export."""
    return [_shown(realm, flow) for flow in realm.flows.values()], list(realm.configs.values())


def _shown(realm: FakeRealm, flow: Json) -> Json:
    steps = []
    for execution in _in_flow(realm, flow["id"]):
        step = {"requirement": execution["requirement"], "priority": execution["priority"]}
        if inner := execution.get("flowId"):
            step |= {"authenticatorFlow": True, "flowAlias": realm.flows[inner]["alias"]}
        else:
            step |= {"authenticatorFlow": False, "authenticator": execution["providerId"]}
        if config := execution.get("authenticationConfig"):
            step["authenticatorConfig"] = realm.configs[config]["alias"]
        steps.append(step)
    return flow | {"authenticationExecutions": steps}


def _in_flow(realm: FakeRealm, flow: str) -> list[Json]:
    found = [execution for execution in realm.executions.values() if execution["_flow"] == flow]
    return sorted(found, key=lambda execution: execution["priority"])


def _by_alias(realm: FakeRealm, alias: str) -> Json:
    return require({flow["alias"]: flow for flow in realm.flows.values()}, alias)


def _list(realm: FakeRealm, _body: Any, _query: Json) -> list[Json]:
    return [_shown(realm, flow) for flow in realm.flows.values() if flow["topLevel"]]


def _get(realm: FakeRealm, _body: Any, _query: Json, identity: str) -> Json:
    return _shown(realm, require(realm.flows, identity))


def _post(realm: FakeRealm, body: Json, _query: Json) -> str:
    if any(flow["alias"] == body["alias"] for flow in realm.flows.values()):
        raise KeycloakConflictError(f"Flow {body['alias']} already exists")
    identity = new_id()
    realm.flows[identity] = {"topLevel": True, "builtIn": False} | body | {"id": identity}
    return identity


def _put(realm: FakeRealm, body: Json, _query: Json, identity: str) -> None:
    require(realm.flows, identity).update(body)


def _delete(realm: FakeRealm, _body: Any, _query: Json, identity: str) -> None:
    alias = require(realm.flows, identity)["alias"]
    used = any(
        identity in c.get("authenticationFlowBindingOverrides", {}).values() for c in realm.clients.values()
    )
    bound = ("firstBrokerLoginFlowAlias", "postBrokerLoginFlowAlias")
    if used or any(p.get(key) == alias for p in realm.providers.values() for key in bound):
        raise KeycloakServerError("Keycloak answers 500: the flow is in use")
    for execution in _in_flow(realm, identity):
        _delete_execution(realm, None, {}, execution["id"])
    del realm.flows[identity]


def _list_executions(realm: FakeRealm, _body: Any, _query: Json, alias: str) -> list[Json]:
    return list(_walk(realm, _by_alias(realm, alias)["id"], 0))


def _walk(realm: FakeRealm, flow: str, level: int) -> Iterator[Json]:
    for index, execution in enumerate(_in_flow(realm, flow)):
        shown = {k: v for k, v in execution.items() if k != "_flow"} | {"level": level, "index": index}
        inner = execution.get("flowId")
        if inner:
            shown |= {"displayName": realm.flows[inner]["alias"], "authenticationFlow": True}
        yield shown
        if inner:
            yield from _walk(realm, inner, level + 1)


def _post_execution(realm: FakeRealm, body: Json, _query: Json, alias: str) -> str:
    return _append(realm, alias, {"providerId": body["provider"], "displayName": body["provider"]})


def _post_inner_flow(realm: FakeRealm, body: Json, _query: Json, alias: str) -> str:
    inner = _post(realm, {"alias": body["alias"], "providerId": body["type"], "topLevel": False}, {})
    _append(realm, alias, {"flowId": inner})
    return inner


def _append(realm: FakeRealm, alias: str, execution: Json) -> str:
    flow = _by_alias(realm, alias)["id"]
    identity = new_id()
    priority = max((e["priority"] for e in _in_flow(realm, flow)), default=-1) + 1
    realm.executions[identity] = execution | {
        "id": identity, "_flow": flow, "requirement": "DISABLED", "priority": priority,
    }  # fmt: skip
    return identity


def _put_execution(realm: FakeRealm, body: Json, _query: Json, alias: str) -> None:
    _by_alias(realm, alias)
    execution = require(realm.executions, body["id"])
    execution |= {key: body[key] for key in ("requirement", "priority")}


def _delete_execution(realm: FakeRealm, _body: Any, _query: Json, identity: str) -> None:
    execution = require(realm.executions, identity)
    del realm.executions[identity]
    realm.configs.pop(execution.get("authenticationConfig", ""), None)
    if inner := execution.get("flowId"):
        for below in _in_flow(realm, inner):
            _delete_execution(realm, None, {}, below["id"])
        del realm.flows[inner]


def _post_config(realm: FakeRealm, body: Json, _query: Json, identity: str) -> str:
    config = new_id()
    realm.configs[config] = body | {"id": config}
    require(realm.executions, identity)["authenticationConfig"] = config
    return config


def _get_config(realm: FakeRealm, _body: Any, _query: Json, identity: str) -> Json:
    return require(realm.configs, identity)


def _put_config(realm: FakeRealm, body: Json, _query: Json, identity: str) -> None:
    require(realm.configs, identity).update(body)


def _delete_config(realm: FakeRealm, _body: Any, _query: Json, identity: str) -> None:
    require(realm.configs, identity)
    del realm.configs[identity]
    for execution in realm.executions.values():
        if execution.get("authenticationConfig") == identity:
            del execution["authenticationConfig"]


FLOW_ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", _FLOWS, _list),
    ("POST", _FLOWS, _post),
    ("GET", f"{_FLOWS}/(?P<identity>[^/]+)", _get),
    ("PUT", f"{_FLOWS}/(?P<identity>[^/]+)", _put),
    ("DELETE", f"{_FLOWS}/(?P<identity>[^/]+)", _delete),
    ("GET", _EXECUTIONS, _list_executions),
    ("PUT", _EXECUTIONS, _put_execution),
    ("POST", f"{_EXECUTIONS}/execution", _post_execution),
    ("POST", f"{_EXECUTIONS}/flow", _post_inner_flow),
    ("DELETE", _EXECUTION, _delete_execution),
    ("POST", f"{_EXECUTION}/config", _post_config),
    ("GET", _CONFIG, _get_config),
    ("PUT", _CONFIG, _put_config),
    ("DELETE", _CONFIG, _delete_config),
)
