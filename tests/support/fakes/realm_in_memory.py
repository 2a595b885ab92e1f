"""A realm in memory that behaves like Keycloak, as far as planning depends on it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from builders.realms import SERVER_VERSION
from partnergate.errors import KeycloakNotFoundError
from partnergate.planning.changes import Adopt, Create, Delete, NoOp, Replace, Update
from partnergate.planning.stages import StepKind
from partnergate.realm.normalize import SETTINGS, normalize
from partnergate.realm.state import RealmState, ResourceKind, sorted_state

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from partnergate.model.partner import Alias
    from partnergate.planning.changes import Change
    from partnergate.planning.stages import PlanStep
    from partnergate.realm.state import Resource, ResourceKey


class RealmInMemory:
    """Reads like ``KeycloakReader``, over resources that ``carry_out`` and tests change."""

    def __init__(
        self, realm: str = "host", resources: Iterable[Resource] = (), *, version: str = SERVER_VERSION
    ) -> None:
        self.realm = realm
        self.version = version
        self.links: dict[str, int] = {}
        """Number of linked users by alias; deleting a provider removes its links."""
        self._resources: dict[ResourceKey, Resource] = {}
        self.put(*resources)

    def read_state(self) -> RealmState:
        """The normalized state; raises when the realm does not exist."""
        if not any(key.kind is ResourceKind.REALM for key in self._resources):
            raise KeycloakNotFoundError(f"there is no realm {self.realm}")
        return self.read_or_empty()

    def read_or_empty(self) -> RealmState:
        """The normalized state; empty when the realm does not exist."""
        resources = (normalize(resource) for resource in self._resources.values())
        return sorted_state(self.realm, resources, server_version=self.version)

    def linked_users(self, alias: Alias) -> int:
        return self.links.get(alias, 0)

    def server_version(self) -> str:
        return self.version

    def put(self, *resources: Resource) -> None:
        """A manual change by an administrator."""
        for resource in resources:
            self._resources[resource.key] = resource

    def carry_out(self, changes: Iterable[Change]) -> None:
        """Perform the changes in the given order, as an executor does."""
        for change in changes:
            match change:
                case Create() | Adopt():
                    self._write(change.desired)
                case Update():
                    self._write(change.desired, gone={f.name for f in change.fields if f.after is None})
                case Replace():
                    self._remove(change.key)
                    self._write(change.desired)
                case Delete():
                    self._remove(change.key)
                case NoOp():
                    pass
                case _ as never:
                    assert_never(never)

    def perform(self, steps: Iterable[PlanStep]) -> None:
        """Perform the stages, as an executor does."""
        for step in steps:
            match step.kind, step.change:
                case StepKind.ENABLE, Create() | Replace() as change:
                    self._write(change.desired)
                case StepKind.CREATE_DISABLED, Create() | Replace() as change:
                    closed = replace(change.desired, fields={**change.desired.fields, "enabled": False})
                    self.carry_out([replace(change, desired=closed)])
                case _, change:
                    self.carry_out([change])

    def _write(self, desired: Resource, gone: Container[str] = ()) -> None:
        """A settings resource keeps undeclared fields; any other resource is replaced."""
        present = self._resources.get(desired.key)
        if desired.key.kind in SETTINGS and present is not None:
            kept = {name: value for name, value in present.fields.items() if name not in gone}
            fields = {**kept, **desired.fields}
            desired = replace(desired, fields=fields)
        self._resources[desired.key] = desired

    def _remove(self, key: ResourceKey) -> None:
        """Deleting a provider deletes its mappers and user links."""
        self._resources.pop(key, None)
        if key.kind is ResourceKind.IDENTITY_PROVIDER:
            self.links.pop(key.name, None)
            for mapper in [k for k in self._resources if k.parent == key.name]:
                del self._resources[mapper]
