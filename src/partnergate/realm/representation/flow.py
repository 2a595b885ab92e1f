"""Converts authentication flows to trees of steps. Keycloak lists inner flows next to outer ones.

The owner is stored in the description, the only field of a flow for arbitrary text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from partnergate.realm.comparable import freeze, thaw
from partnergate.realm.normalize import resource
from partnergate.realm.ownership import OWNER_MARK
from partnergate.realm.secrecy import shown
from partnergate.realm.state import Resource, ResourceKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Representation = dict[str, Any]
_MARK: Final = re.compile(rf"\s*\({re.escape(OWNER_MARK)}=([a-z0-9-]+)\)$")
_BASIC: Final = "basic-flow"


def flows_from(
    flows: Sequence[Mapping[str, Any]], configs: Sequence[Mapping[str, Any]]
) -> Iterator[Resource]:
    """Yield each top-level flow that is not built in, with its inner flows."""
    by_alias = {flow["alias"]: flow for flow in flows}
    config_of = {config["alias"]: config.get("config") or {} for config in configs}
    for flow in flows:
        if not flow.get("topLevel") or flow.get("builtIn"):
            continue
        owner, description = _unmarked(flow.get("description") or "")
        steps = [_step(execution, by_alias, config_of) for execution in _in_order(flow)]
        fields = {
            "description": description,
            "executions": freeze(steps),
            "providerId": flow.get("providerId", _BASIC),
        }
        yield resource(ResourceKind.FLOW, flow["alias"], fields, owner=owner)


def flow_to(resource: Resource) -> Representation:
    """Return the flow, with its steps as a tree under ``executions``.

    A step is ``{authenticator, requirement}`` with ``{alias, config}`` where it is configured, or
    ``{flow, requirement, steps}``.
    """
    description = str(resource.fields.get("description", ""))
    return {
        "alias": resource.key.name,
        "description": f"{description} ({OWNER_MARK}={resource.owner})".strip(),
        "providerId": resource.fields.get("providerId", _BASIC),
        "topLevel": True,
        "builtIn": False,
        "executions": thaw(resource.fields.get("executions", ())),
    }


def _unmarked(description: str) -> tuple[str, str]:
    found = _MARK.search(description)
    return (found[1], description[: found.start()]) if found else ("", description)


def _in_order(flow: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return sorted(flow.get("authenticationExecutions") or (), key=lambda step: step.get("priority", 0))


def _step(
    execution: Mapping[str, Any],
    by_alias: Mapping[str, Mapping[str, Any]],
    config_of: Mapping[str, Mapping[str, str]],
) -> Representation:
    requirement = execution["requirement"]
    inner = execution.get("flowAlias")
    if inner is None:
        step: Representation = {"authenticator": execution.get("authenticator"), "requirement": requirement}
        alias = execution.get("authenticatorConfig")
        config = {name: shown(name, value) for name, value in config_of.get(alias or "", {}).items() if value}
        return step | {"alias": alias, "config": config} if config else step
    flow = by_alias.get(inner, {})
    steps = [_step(execution, by_alias, config_of) for execution in _in_order(flow)]
    step = {"flow": inner, "requirement": requirement, "steps": steps}
    kind = flow.get("providerId", _BASIC)
    return step if kind == _BASIC else step | {"providerId": kind}
