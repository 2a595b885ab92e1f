"""The context of all writers: the connection, the state that was read, and the IDs of created resources."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from partnergate.errors import (
    KeycloakAnswerLostError,
    KeycloakConflictError,
    KeycloakError,
    KeycloakNotFoundError,
    KeycloakRefusedError,
    PartnergateError,
    StalePlanError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from partnergate.keycloak.connection import KeycloakConnection
    from partnergate.keycloak.secrets import SecretResolver
    from partnergate.keycloak.whole_realm import Representation
    from partnergate.planning.changes import FieldChange
    from partnergate.realm.state import Resource


class KindWriter(Protocol):
    """Writes resources of one kind. Each call returns an undo function, which returns what remains."""

    def create(self, resource: Resource) -> Callable[[], str]: ...

    def update(
        self, desired: Resource, actual: Resource, changes: tuple[FieldChange, ...]
    ) -> Callable[[], str]: ...

    def delete(self, actual: Resource) -> Callable[[], str]: ...


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The realm as read just before writing, by name: the base for merging and the goal of undoing."""

    realm: Representation
    providers: Mapping[str, Representation]
    mappers: Mapping[tuple[str, str], Representation]
    organizations: Mapping[str, Representation]
    clients: Mapping[str, Representation]
    scopes: Mapping[str, Representation]
    flows: Mapping[str, Representation]
    groups: Mapping[str, Representation]
    roles: Mapping[str, Representation]


def snapshot_of(realm: Representation) -> Snapshot:
    """Index the state that was read. A missing realm has an empty state."""
    groups: dict[str, Representation] = {}

    def walk(found: list[Representation]) -> None:
        for group in found:
            groups[group["path"]] = group
            walk(group.get("subGroups", []))

    walk(realm.get("groups", []))
    return Snapshot(
        realm=realm,
        providers={p["alias"]: p for p in realm.get("identityProviders", [])},
        mappers={
            (m["identityProviderAlias"], m["name"]): m for m in realm.get("identityProviderMappers", [])
        },
        organizations={o.get("alias") or o["name"]: o for o in realm.get("organizations", [])},
        clients={c["clientId"]: c for c in realm.get("clients", [])},
        scopes={s["name"]: s for s in realm.get("clientScopes", [])},
        flows={f["alias"]: f for f in realm.get("authenticationFlows", [])},
        groups=groups,
        roles={r["name"]: r for r in realm.get("roles", {}).get("realm", [])},
    )


def done_or_undone(act: Callable[[], None], undo: Callable[[], str]) -> Callable[[], str]:
    """Run an action of several calls; when one fails, undo the others before raising."""
    try:
        act()
    except PartnergateError:
        # The first failure is the one to report; the next plan shows what could not be undone.
        with suppress(PartnergateError):
            undo()
        raise
    return undo


@dataclass(slots=True)
class WriteContext:
    """The shared state of one apply."""

    connection: KeycloakConnection
    snapshot: Snapshot
    resolve: SecretResolver
    check_secret: Callable[[Resource], None]
    """Raises when a secret differs from the one that the plan was created with."""
    _made: dict[tuple[str, str], str] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def remember(self, kind: str, name: str, identity: str) -> None:
        """Record the id of a resource that this run created."""
        with self._guard:
            self._made[kind, name] = identity

    def made(self, kind: str, name: str) -> str | None:
        """The id of a resource that this run created, or None."""
        with self._guard:
            return self._made.get((kind, name))

    def create(
        self, path: str, body: Any, *, find: Callable[[], tuple[str, Representation] | None], what: str
    ) -> str:
        """POST once and return the id; when the response was lost, check whether the server acted.

        A second POST is safe only because the server refuses a name that is taken: its refusal means
        that the first POST arrived late and succeeded.
        """
        try:
            return self.connection.post(path, body) or ""
        except KeycloakAnswerLostError:
            if found := find():
                return found[0]
        try:
            return self.connection.post(path, body) or ""
        except (KeycloakConflictError, KeycloakRefusedError):
            if found := find():
                return found[0]
            raise
        except KeycloakAnswerLostError as error:
            if found := find():
                return found[0]
            raise KeycloakError(
                f"{what} could not be created: the connection was closed twice",
                target=self.connection.server_url,
                advice="check that the server runs, then run the command again",
            ) from error

    def delete(self, path: str) -> None:
        """DELETE; a missing resource is fine, because a repeated DELETE finds nothing."""
        try:
            self.connection.delete(path)
        except KeycloakNotFoundError:
            return

    def undo_create(self, path: str) -> Callable[[], str]:
        """The undo function of a creation."""

        def undo() -> str:
            self.delete(path)
            return ""

        return undo

    def require(self, found: Mapping[Any, Representation], name: Any, what: str) -> Representation:
        """The entry that the plan expects. Raises ``StalePlanError`` when it does not exist any more."""
        if name not in found:
            raise StalePlanError(f"stale plan: {what} does not exist any more", advice="plan again")
        return found[name]
