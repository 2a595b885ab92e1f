"""The loops of the service that read login events and users' profiles into the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.events.reader import EventReader
from partnergate.keycloak.events import KeycloakEvents
from partnergate.keycloak.profiles import KeycloakProfiles
from partnergate.service.loops.profile_reading import ProfileReading
from partnergate.statements.draft import REFRESH
from partnergate.store.sessions.ingest import EventIngest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from partnergate.keycloak.connection import KeycloakConnection
    from partnergate.model.partner import PartnerSpec
    from partnergate.service.clock import Clock
    from partnergate.service.loops.loop import Loop, Stopping
    from partnergate.service.metrics import ServiceMetrics
    from partnergate.store.database.engine import Store


def profile_reading(
    connection: KeycloakConnection, store: Store, metrics: ServiceMetrics, clock: Clock
) -> tuple[str, Loop]:
    """Looks at the profiles of the users that the reader meets, for the counts of identity quality."""
    reading = ProfileReading(
        realm=connection.realm,
        store=store,
        source=KeycloakProfiles(connection),
        metrics=metrics,
        clock=clock,
    )
    return "profile-reading", reading


def event_reading(
    connection: KeycloakConnection,
    store: Store,
    metrics: ServiceMetrics,
    partners: Callable[[], Iterable[PartnerSpec]],
    clock: Clock,
) -> tuple[str, Loop]:
    """Reads the realm of the connection until the service stops; failures are waited out inside."""

    def loop(stopping: Stopping) -> None:
        reader = EventReader(
            realm=connection.realm,
            source=KeycloakEvents({connection.realm: connection}),
            keeper=EventIngest(store=store),
            stop=stopping,
            wall=lambda: clock().timestamp(),
            wanted_types=lambda: counted_types(partners()),
        )
        metrics.future_events.labels(reader.realm).set_function(lambda: reader.status.future)
        metrics.types_missing.labels(reader.realm).set_function(lambda: len(reader.status.missing_types))
        metrics.clock_skew.labels(reader.realm).set_function(lambda: reader.status.skew_s)
        metrics.read_failures.labels(reader.realm).set_function(lambda: reader.status.failures)
        metrics.oldest_event.labels(reader.realm).set_function(lambda: reader.status.oldest_age_s)
        metrics.retention.labels(reader.realm).set_function(lambda: reader.status.retention_s)
        reader.run()

    return "event-reading", loop


def counted_types(partners: Iterable[PartnerSpec]) -> frozenset[str]:
    """The kinds of event beside logins that some agreement counts."""
    counts = any("refresh" in a.active_user.by for p in partners for a in p.agreements)
    return frozenset({REFRESH}) if counts else frozenset()
