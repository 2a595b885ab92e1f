"""The loop of the service that reads login events into the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.events.reader import RealmReader
from partnergate.keycloak.events import KeycloakEvents
from partnergate.store.ingest import EventIngest

if TYPE_CHECKING:
    from partnergate.keycloak.connection import KeycloakConnection
    from partnergate.service.deps import Loop, Stopping
    from partnergate.service.metrics import ServiceMetrics
    from partnergate.store.engine import Store


def event_reading(connection: KeycloakConnection, store: Store, metrics: ServiceMetrics) -> tuple[str, Loop]:
    """Reads the realm of the connection until the service stops; failures are waited out inside."""

    def loop(stopping: Stopping) -> None:
        reader = RealmReader(
            realm=connection.realm,
            source=KeycloakEvents({connection.realm: connection}),
            keeper=EventIngest(store=store),
            stop=stopping,
        )
        metrics.clock_skew.labels(reader.realm).set_function(lambda: reader.status.skew_s)
        metrics.read_failures.labels(reader.realm).set_function(lambda: reader.status.failures)
        reader.run()

    return "event-reading", loop
