"""Keycloak's user events through the Admin API; implements ``events.ports.EventSource``.

Requires only ``view-events`` of ``realm-management``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from partnergate.events.ports import StoredEvents
from partnergate.events.seen import SeenEvent
from partnergate.model.instants import to_ms

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from partnergate.keycloak.connection import KeycloakConnection

EVENTS: Final = msgspec.json.Decoder(list[SeenEvent])
"""Reads a page of the Admin API."""


class KeycloakEvents:
    """Reads the events of realms, one connection each. Safe to share among threads."""

    def __init__(self, connections: Mapping[str, KeycloakConnection]) -> None:
        self._connections = dict(connections)

    def events(self, realm: str, start_ms: int, end_ms: int, first: int, most: int) -> Sequence[SeenEvent]:
        """Up to ``most`` events of the closed span, skipping the ``first`` ones, oldest first."""
        return self._connections[realm].decoded(
            EVENTS,
            "events",
            dateFrom=max(0, start_ms),
            dateTo=max(0, end_ms),
            first=first,
            max=most,
            direction="asc",
        )

    def settings(self, realm: str) -> StoredEvents:
        """The current event settings of the realm."""
        found = self._connections[realm].get("events/config")
        return StoredEvents(
            enabled=bool(found.get("eventsEnabled")),
            types=frozenset(found.get("enabledEventTypes") or ()),
            expiration_s=int(found.get("eventsExpiration") or 0),
        )

    def server_time(self, realm: str) -> int:
        """The server's clock in milliseconds, as whole seconds.

        Keycloak sends no ``Date``; without a proxy that adds one, the time of issue of a new token is
        used.
        """
        return to_ms(self._connections[realm].ask_server_time("events/config"))
