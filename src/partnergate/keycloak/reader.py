"""Reads a realm over the Admin API: by export where the permissions allow it, by lists otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.errors import KeycloakNotFoundError
from partnergate.keycloak.whole_realm import (
    Representation,
    exported,
    listed,
    pages,
    represented,
    server_version,
    with_providers_again,
)
from partnergate.realm.representation import providers_of, state_of
from partnergate.realm.state import RealmState

if TYPE_CHECKING:
    from partnergate.keycloak.background import BackgroundTask
    from partnergate.keycloak.connection import KeycloakConnection
    from partnergate.model.partner import Alias


class KeycloakReader:
    """Reads one realm. ``representation`` is the result of the last read, for a writer to merge into."""

    def __init__(
        self, connection: KeycloakConnection, *, ahead: BackgroundTask[Representation] | None = None
    ) -> None:
        """``ahead`` is a read that has already started; the first call waits for it."""
        self._connection = connection
        self._ahead = ahead
        self.representation: Representation = {}

    def read_state(self) -> RealmState:
        """Read by the fastest permitted way. Raises ``KeycloakNotFoundError`` without a realm."""
        ahead, self._ahead = self._ahead, None
        self.representation = ahead.result() if ahead is not None else represented(self._connection)
        return state_of(self.representation)

    def read_or_empty(self) -> RealmState:
        """Return the same as ``read_state``, or the empty state for a realm that does not exist yet."""
        try:
            return self.read_state()
        except KeycloakNotFoundError:
            self.representation = {}
            return RealmState(realm=self._connection.realm, server_version=self.server_version())

    def read_providers(self, aliases: frozenset[str]) -> RealmState:
        """Read only these providers and their mappers again; ``representation`` is updated."""
        self.representation, part = with_providers_again(self._connection, self.representation, aliases)
        return providers_of(self._connection.realm, part)

    def read_by_export(self) -> RealmState:
        """Read by partial export only; a test compares both ways."""
        self.representation = exported(self._connection)
        return state_of(self.representation)

    def read_by_lists(self) -> RealmState:
        """Read by lists only; a test compares both ways."""
        self.representation = listed(self._connection)
        return state_of(self.representation)

    def server_version(self) -> str:
        """From the last read, otherwise from the server."""
        return str(self.representation.get("keycloakVersion") or server_version(self._connection))

    def linked_users(self, alias: Alias) -> int:
        """How many users are linked to the provider. Keycloak has no count, so this lists the users."""
        return sum(1 for _ in pages(self._connection, "users", idpAlias=alias, briefRepresentation=True))
