"""What the service measures of itself. Labels come from bounded sets: never a user, session or event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from partnergate.metering.cloudevents import RejectReason
from partnergate.metering.ports import Receipt

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_STATUSES = (*(r.value for r in Receipt), "rejected")


class ServiceMetrics:
    """The metrics of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._of_the_process(self.registry)
        self._of_usage(self.registry)
        self._of_reading(self.registry)
        self._of_the_realm(self.registry)
        self._of_people(self.registry)
        for status in _STATUSES:
            self.usage_events.labels(status)
        for reason in RejectReason:
            self.usage_rejected.labels(reason.value)

    def count_results(self, counts: Mapping[str, int], refused: Iterable[RejectReason]) -> None:
        """Count the results of one request: how many of each status, and why items were refused."""
        for reason in refused:
            self.usage_rejected.labels(reason.value).inc()
        for status, number in counts.items():
            self.usage_events.labels(status).inc(number)

    def text(self) -> bytes:
        """The exposition that Prometheus reads."""
        return generate_latest(self.registry)

    def _of_the_process(self, registry: CollectorRegistry) -> None:
        """What the process itself does."""
        self.store_up = Gauge(
            "partnergate_store_up",
            "1 when the store answered the last time it was asked.",
            registry=registry,
        )
        self.request_seconds = Histogram(
            "partnergate_request_duration_seconds",
            "Time to answer a request.",
            ["route", "status"],
            registry=registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
        )
        self.files_refused = Gauge(
            "partnergate_files_refused",
            "1 when changed files are not in force, because they have errors or need a restart.",
            registry=registry,
        )
        self.files_taken = Gauge(
            "partnergate_files_taken_timestamp_seconds",
            "When the files in force were taken.",
            registry=registry,
        )
        self.launches = Counter(
            "partnergate_launches_total",
            "What became of launches; the partner is one of the files, or empty.",
            ["partner", "outcome"],
            registry=registry,
        )

    def _of_usage(self, registry: CollectorRegistry) -> None:
        """What came in over the usage API, and what waits."""
        self.usage_events = Counter(
            "partnergate_usage_events_total", "Usage events by result.", ["status"], registry=registry
        )
        self.usage_rejected = Counter(
            "partnergate_usage_rejected_total", "Refused usage events.", ["reason"], registry=registry
        )
        self.usage_waiting = Gauge(
            "partnergate_usage_waiting_events", "Usage events waiting to be written.", registry=registry
        )
        self.usage_pending = Gauge(
            "partnergate_usage_pending_events",
            "Kept usage events not yet attributed.",
            registry=registry,
        )
        self.usage_unattributed = Gauge(
            "partnergate_usage_unattributed_events",
            "Usage events of no partner, by reason.",
            ["reason"],
            registry=registry,
        )

    def _of_reading(self, registry: CollectorRegistry) -> None:
        """How far the login events of a realm are read, and what may be lost."""
        self.events_read = Gauge(
            "partnergate_login_events", "Login events kept.", ["realm"], registry=registry
        )
        self.read_lag = Gauge(
            "partnergate_read_lag_seconds",
            "Age of the end of the last login event window that was read.",
            ["realm"],
            registry=registry,
        )
        self.read_failures = Gauge(
            "partnergate_read_failures",
            "Failed reads of login events in a row.",
            ["realm"],
            registry=registry,
        )
        self.gaps = Gauge(
            "partnergate_gaps", "Spans of login events that may be lost.", ["realm"], registry=registry
        )
        self.last_gap_end = Gauge(
            "partnergate_last_gap_end_timestamp_seconds",
            "When the newest span of login events that may be lost ended; none without one.",
            ["realm"],
            registry=registry,
        )
        self.oldest_event = Gauge(
            "partnergate_oldest_login_event_age_seconds",
            "Age of the oldest login event that Keycloak still holds.",
            ["realm"],
            registry=registry,
        )
        self.future_events = Gauge(
            "partnergate_login_events_from_the_future",
            "Login events at Keycloak whose time lies more than five minutes ahead; they are not believed.",
            ["realm"],
            registry=registry,
        )
        self.clock_skew = Gauge(
            "partnergate_clock_skew_seconds",
            "Clock of Keycloak minus the clock of this process.",
            ["realm"],
            registry=registry,
        )

    def _of_the_realm(self, registry: CollectorRegistry) -> None:
        """What a realm keeps, and lets the reader see."""
        self.events_enabled = Gauge(
            "partnergate_login_events_enabled",
            "1 when the realm keeps the login events that billing needs.",
            ["realm"],
            registry=registry,
        )
        self.retention = Gauge(
            "partnergate_login_event_retention_seconds",
            "How long the realm says it holds login events; 0 is for ever.",
            ["realm"],
            registry=registry,
        )
        self.types_missing = Gauge(
            "partnergate_login_event_types_missing",
            "Kinds of event that agreements count and that the realm does not keep.",
            ["realm"],
            registry=registry,
        )
        self.profiles_readable = Gauge(
            "partnergate_profiles_readable",
            "1 when the reader may see the profiles of users.",
            ["realm"],
            registry=registry,
        )

    def _of_people(self, registry: CollectorRegistry) -> None:
        """Whom logins belong to, and what the identity data of partners lacks."""
        self.sessions_unattributed = Gauge(
            "partnergate_sessions_unattributed",
            "Sessions of no partner, by reason.",
            ["realm", "reason"],
            registry=registry,
        )
        self.identity_problems = Gauge(
            "partnergate_identity_problems",
            "What the identity data of a partner lacked in the last thirty days, by problem.",
            ["realm", "partner", "problem"],
            registry=registry,
        )
        self.identity_logins = Gauge(
            "partnergate_identity_logins",
            "Logins of a partner in the last thirty days, by whether the user's profile was seen.",
            ["realm", "partner", "seen"],
            registry=registry,
        )
