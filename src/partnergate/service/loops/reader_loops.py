"""The loops that read login events and user profiles into the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.events.reader import EventReader
from partnergate.keycloak.events import KeycloakEvents
from partnergate.keycloak.profiles import KeycloakProfiles
from partnergate.service.loops.profile_reader import ProfileReader
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


def profile_reader_loop(
    connection: KeycloakConnection, store: Store, metrics: ServiceMetrics, clock: Clock
) -> tuple[str, Loop]:
    """Return the loop that reads user profiles, for the identity data quality counts."""
    reading = ProfileReader(
        realm=connection.realm,
        store=store,
        source=KeycloakProfiles(connection),
        metrics=metrics,
        clock=clock,
    )
    return "profile-reader", reading


def event_reader_loop(
    connection: KeycloakConnection,
    store: Store,
    metrics: ServiceMetrics,
    partners: Callable[[], Iterable[PartnerSpec]],
    clock: Clock,
) -> tuple[str, Loop]:
    """Return the loop that reads the realm's login events. It retries after failures on its own."""

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

    return "event-reader", loop


def counted_types(partners: Iterable[PartnerSpec]) -> frozenset[str]:
    """Return the event types, other than logins, that an agreement counts."""
    counts = any("refresh" in a.active_user.by for p in partners for a in p.agreements)
    return frozenset({REFRESH}) if counts else frozenset()
