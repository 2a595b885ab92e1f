"""What the writers of all kinds share: the connection, the state that was read, and what was made since."""

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
    """Writes resources of one kind. Each call returns its undoing, which answers what it cannot put back."""

    def create(self, resource: Resource) -> Callable[[], str]: ...

    def update(
        self, desired: Resource, actual: Resource, changes: tuple[FieldChange, ...]
    ) -> Callable[[], str]: ...

    def delete(self, actual: Resource) -> Callable[[], str]: ...


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The realm as it was read just before writing, by name: where merging starts and undoing ends."""

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
    """Index what was read; an absent realm is an empty one."""
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
    """Do what takes several calls; when one fails, undo what the others did before raising."""
    try:
        act()
    except PartnergateError:
        # The failure that counts is the first one; what undoing could not mend the next plan shows.
        with suppress(PartnergateError):
            undo()
        raise
    return undo


@dataclass(slots=True)
class WriteContext:
    """One run of context."""

    connection: KeycloakConnection
    snapshot: Snapshot
    resolve: SecretResolver
    check_secret: Callable[[Resource], None]
    """Raises when a secret is not the one that the plan was made with."""
    _made: dict[tuple[str, str], str] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def remember(self, kind: str, name: str, identity: str) -> None:
        """Keep the id of what this run made."""
        with self._guard:
            self._made[kind, name] = identity

    def made(self, kind: str, name: str) -> str | None:
        """The id of what this run made, if it did."""
        with self._guard:
            return self._made.get((kind, name))

    def create(
        self, path: str, body: Any, *, find: Callable[[], tuple[str, Representation] | None], what: str
    ) -> str:
        """POST once and give the id; when the answer was lost, see whether the server acted.

        Asking again is safe only because the server refuses a name that is taken: so a refusal of
        the second POST means that the first one arrived late, and was ours.
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
                f"{what} could not be made: the connection was cut twice",
                target=self.connection.server_url,
                advice="look whether the server runs, then run the command again",
            ) from error

    def delete(self, path: str) -> None:
        """DELETE; what is gone already is fine, because a repeated DELETE finds nothing."""
        try:
            self.connection.delete(path)
        except KeycloakNotFoundError:
            return

    def undo_create(self, path: str) -> Callable[[], str]:
        """Remove what was just made."""

        def undo() -> str:
            self.delete(path)
            return ""

        return undo

    def require(self, found: Mapping[Any, Representation], name: Any, what: str) -> Representation:
        """What the plan says is there."""
        if name not in found:
            raise StalePlanError(f"{what} is not there any more", advice="plan again")
        return found[name]
