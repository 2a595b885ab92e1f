"""``RealmReader`` over the Admin API: export where the rights allow it, lists otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.errors import KeycloakNotFoundError
from partnergate.keycloak.representation import (
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
    from partnergate.keycloak.ahead import Ahead
    from partnergate.keycloak.connection import KeycloakConnection
    from partnergate.model.partner import Alias


class KeycloakReader:
    """Reads one realm. ``representation`` is what the last reading saw, for a writer to merge into."""

    def __init__(self, connection: KeycloakConnection, *, ahead: Ahead[Representation] | None = None) -> None:
        """``ahead``: a reading that has begun already, which the first call then waits for."""
        self._connection = connection
        self._ahead = ahead
        self.representation: Representation = {}

    def read_state(self) -> RealmState:
        """The realm by the faster way that the account may use; raises where there is no realm."""
        ahead, self._ahead = self._ahead, None
        self.representation = ahead.result() if ahead is not None else represented(self._connection)
        return state_of(self.representation)

    def read_or_empty(self) -> RealmState:
        """As ``read_state``, and for a realm that is not there yet its empty state."""
        try:
            return self.read_state()
        except KeycloakNotFoundError:
            self.representation = {}
            return RealmState(realm=self._connection.realm, server_version=self.server_version())

    def read_providers(self, aliases: frozenset[str]) -> RealmState:
        """These providers and their mappers as they are now, alone; ``representation`` has them as well."""
        self.representation, part = with_providers_again(self._connection, self.representation, aliases)
        return providers_of(self._connection.realm, part)

    def read_by_export(self) -> RealmState:
        """By partial export alone; for the test that both ways agree."""
        self.representation = exported(self._connection)
        return state_of(self.representation)

    def read_by_lists(self) -> RealmState:
        """By lists alone; for the test that both ways agree."""
        self.representation = listed(self._connection)
        return state_of(self.representation)

    def server_version(self) -> str:
        """What the last reading saw, else asked for."""
        return str(self.representation.get("keycloakVersion") or server_version(self._connection))

    def linked_users(self, alias: Alias) -> int:
        """How many users have a link to the provider; Keycloak can only be asked for the users themselves."""
        return sum(1 for _ in pages(self._connection, "users", idpAlias=alias, briefRepresentation=True))
