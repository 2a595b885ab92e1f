"""Writes authentication flows step by step and in place, so that references to a flow stay valid.

Wanted steps are added before unwanted ones are deleted, so a flow is always at least as strict as
its earlier or its final state. The next plan shows and corrects a flow that an interrupted run changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from partnergate.keycloak.connection import segment
from partnergate.keycloak.write.context import done_or_undone
from partnergate.keycloak.write.whole_resource import WholeWriter
from partnergate.realm.representation import flow_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from partnergate.keycloak.whole_realm import Representation
    from partnergate.realm.state import Resource

FLOWS = "authentication/flows"
EXECUTIONS = "authentication/executions"
_FORM = "registration-page-form"


class FlowWriter(WholeWriter):
    """Top-level flows, each with its inner flows. The tree of steps is compared as a whole."""

    def create(self, resource: Resource) -> Callable[[], str]:
        flow = flow_to(resource)
        steps = flow.pop("executions")
        alias = flow["alias"]

        def find() -> tuple[str, Representation] | None:
            return next(((f["id"], f) for f in self._connection.get(FLOWS) if f["alias"] == alias), None)

        identity = self._context.create(FLOWS, flow, find=find, what=f"the flow {alias}")
        self._context.remember("flow", alias, identity)
        undo = self._context.undo_create(f"{FLOWS}/{identity}")
        return done_or_undone(lambda: self._fix(alias, steps), undo)

    def _before(self, alias: str) -> Representation:
        return self._context.require(self._context.snapshot.flows, alias, f"the flow {alias}")

    def _path(self, name: str) -> str:
        return f"{FLOWS}/{self._before(name)['id']}"

    def _bring_to(self, resource: Resource) -> None:
        flow = flow_to(resource)
        steps = flow.pop("executions")
        before = self._before(flow["alias"])
        self._connection.put(f"{FLOWS}/{before['id']}", {"id": before["id"]} | flow)
        self._fix(flow["alias"], steps)

    def _fix(self, alias: str, wanted: list[Representation]) -> None:
        """Bring the steps of the flow ``alias``, and of its inner flows, to the wanted state."""
        present = list(self._present(alias))
        kept: list[tuple[Representation, Representation]] = []
        for step in wanted:
            found = next((p for p in present if _same_step(step, p)), None)
            if found is None:
                found = self._add(alias, step)
            else:
                present.remove(found)
            kept.append((step, found))
        for priority, (step, execution) in enumerate(kept):
            self._configure_step(alias, step, execution, priority)
        for unwanted in present:
            self._context.delete(f"{EXECUTIONS}/{unwanted['id']}")

    def _present(self, alias: str) -> Iterator[Representation]:
        listed = self._connection.get(f"{FLOWS}/{segment(alias)}/executions")
        return (execution for execution in listed if execution["level"] == 0)

    def _add(self, alias: str, step: Representation) -> Representation:
        """Add one step at the end; it stays disabled until it is configured."""
        path = f"{FLOWS}/{segment(alias)}/executions"
        known = {execution["id"] for execution in self._present(alias)}
        what = step.get("flow") or step["authenticator"]

        def find() -> tuple[str, Representation] | None:
            fresh = (p for p in self._present(alias) if _same_step(step, p) and p["id"] not in known)
            return next(((p["id"], p) for p in fresh), None)

        if "flow" in step:
            kind = step.get("providerId", "basic-flow")
            body = {"alias": step["flow"], "type": kind, "provider": _FORM, "description": ""}
            self._context.create(f"{path}/flow", body, find=find, what=f"the flow {what} in {alias}")
        else:
            body = {"provider": step["authenticator"]}
            self._context.create(f"{path}/execution", body, find=find, what=f"the step {what} of {alias}")
        return next(p for p in self._present(alias) if _same_step(step, p) and p["id"] not in known)

    def _configure_step(
        self, alias: str, step: Representation, execution: Representation, priority: int
    ) -> None:
        """Inner steps and config first, then the requirement, because an incomplete flow must not count."""
        if "flow" in step:
            self._fix(step["flow"], step["steps"])
        else:
            self._configure(step, execution)
        wanted = {"requirement": step["requirement"], "priority": priority * 10}
        if any(execution.get(name) != value for name, value in wanted.items()):
            self._connection.put(f"{FLOWS}/{segment(alias)}/executions", execution | wanted)

    def _configure(self, step: Representation, execution: Representation) -> None:
        wanted: dict[str, Any] | None = step.get("config")
        config = execution.get("authenticationConfig")
        if config:
            path = f"authentication/config/{config}"
            present = self._connection.get(path)
            if wanted is None:
                self._context.delete(path)
            elif (present["alias"], present.get("config", {})) != (step["alias"], wanted):
                self._connection.put(path, {"id": config, "alias": step["alias"], "config": wanted})
        elif wanted is not None:
            body = {"alias": step["alias"], "config": wanted}
            self._context.create(
                f"{EXECUTIONS}/{execution['id']}/config",
                body,
                find=lambda: None,
                what=f"the config {step['alias']}",
            )


def _same_step(step: Representation, execution: Representation) -> bool:
    """Whether an execution of the server is that step: same authenticator or same inner flow."""
    if "flow" in step:
        return bool(execution.get("authenticationFlow")) and execution.get("displayName") == step["flow"]
    return execution.get("providerId") == step["authenticator"] and not execution.get("authenticationFlow")
