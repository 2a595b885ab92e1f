"""The Prometheus metrics of the service. Labels are bounded: never a user, session or event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from partnergate.metering.cloudevents import RejectReason
from partnergate.metering.ports import Receipt

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_STATUSES = (*(r.value for r in Receipt), "rejected")


class ServiceMetrics:
    """The metrics of one process, in a separate registry."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._process_metrics(self.registry)
        self._usage_metrics(self.registry)
        self._reader_metrics(self.registry)
        self._realm_metrics(self.registry)
        self._identity_metrics(self.registry)
        for status in _STATUSES:
            self.usage_events.labels(status)
        for reason in RejectReason:
            self.usage_rejected.labels(reason.value)

    def count_results(self, counts: Mapping[str, int], rejected: Iterable[RejectReason]) -> None:
        """Count the results of one request by status, and the rejected events by reason."""
        for reason in rejected:
            self.usage_rejected.labels(reason.value).inc()
        for status, number in counts.items():
            self.usage_events.labels(status).inc(number)

    def text(self) -> bytes:
        """Return the metrics in the Prometheus text format."""
        return generate_latest(self.registry)

    def _process_metrics(self, registry: CollectorRegistry) -> None:
        """Metrics of the process and its requests."""
        self.store_up = Gauge(
            "partnergate_store_up",
            "1 when the last read from the store succeeded.",
            registry=registry,
        )
        self.request_seconds = Histogram(
            "partnergate_request_duration_seconds",
            "Duration of HTTP requests.",
            ["route", "status"],
            registry=registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
        )
        self.files_refused = Gauge(
            "partnergate_files_refused",
            "1 when changed partner files were rejected, because they have errors or require a restart.",
            registry=registry,
        )
        self.files_loaded = Gauge(
            "partnergate_files_loaded_timestamp_seconds",
            "Time at which the current partner files were loaded.",
            registry=registry,
        )
        self.launches = Counter(
            "partnergate_launches_total",
            "Launches by outcome. The partner is empty when the link names no known partner.",
            ["partner", "outcome"],
            registry=registry,
        )

    def _usage_metrics(self, registry: CollectorRegistry) -> None:
        """Metrics of the usage API and its queue."""
        self.usage_events = Counter(
            "partnergate_usage_events_total", "Usage events by result.", ["status"], registry=registry
        )
        self.usage_rejected = Counter(
            "partnergate_usage_rejected_total",
            "Rejected usage events by reason.",
            ["reason"],
            registry=registry,
        )
        self.usage_waiting = Gauge(
            "partnergate_usage_waiting_events", "Usage events in the queue.", registry=registry
        )
        self.usage_pending = Gauge(
            "partnergate_usage_pending_events",
            "Stored usage events that are not attributed yet.",
            registry=registry,
        )
        self.usage_unattributed = Gauge(
            "partnergate_usage_unattributed_events",
            "Unattributed usage events by reason.",
            ["reason"],
            registry=registry,
        )

    def _reader_metrics(self, registry: CollectorRegistry) -> None:
        """Metrics of the login event reader."""
        self.events_read = Gauge(
            "partnergate_login_events", "Stored login events.", ["realm"], registry=registry
        )
        self.read_lag = Gauge(
            "partnergate_read_lag_seconds",
            "Time since the end of the last login event window that was read.",
            ["realm"],
            registry=registry,
        )
        self.read_failures = Gauge(
            "partnergate_read_failures",
            "Consecutive failed reads of login events.",
            ["realm"],
            registry=registry,
        )
        self.gaps = Gauge(
            "partnergate_gaps", "Gaps in which login events may be lost.", ["realm"], registry=registry
        )
        self.last_gap_end = Gauge(
            "partnergate_last_gap_end_timestamp_seconds",
            "End of the most recent gap in the login events; absent when there is no gap.",
            ["realm"],
            registry=registry,
        )
        self.oldest_event = Gauge(
            "partnergate_oldest_login_event_age_seconds",
            "Age of the oldest login event stored in Keycloak.",
            ["realm"],
            registry=registry,
        )
        self.future_events = Gauge(
            "partnergate_future_login_events",
            "Ignored login events in Keycloak with a timestamp more than five minutes in the future.",
            ["realm"],
            registry=registry,
        )
        self.clock_skew = Gauge(
            "partnergate_clock_skew_seconds",
            "Keycloak clock minus local clock.",
            ["realm"],
            registry=registry,
        )

    def _realm_metrics(self, registry: CollectorRegistry) -> None:
        """Metrics of the realm's event settings and permissions."""
        self.events_enabled = Gauge(
            "partnergate_login_events_enabled",
            "1 when the realm stores the login events that billing requires.",
            ["realm"],
            registry=registry,
        )
        self.retention = Gauge(
            "partnergate_login_event_retention_seconds",
            "Login event retention of the realm; 0 means unlimited.",
            ["realm"],
            registry=registry,
        )
        self.types_missing = Gauge(
            "partnergate_login_event_types_missing",
            "Number of event types that agreements count but the realm does not store.",
            ["realm"],
            registry=registry,
        )
        self.profiles_readable = Gauge(
            "partnergate_profiles_readable",
            "1 when the service account can read user profiles.",
            ["realm"],
            registry=registry,
        )

    def _identity_metrics(self, registry: CollectorRegistry) -> None:
        """Metrics of session attribution and identity data quality."""
        self.sessions_unattributed = Gauge(
            "partnergate_sessions_unattributed",
            "Unattributed sessions by reason.",
            ["realm", "reason"],
            registry=registry,
        )
        self.identity_problems = Gauge(
            "partnergate_identity_problems",
            "Identity data problems of a partner in the last 30 days, by problem.",
            ["realm", "partner", "problem"],
            registry=registry,
        )
        self.identity_logins = Gauge(
            "partnergate_identity_logins",
            "Logins of a partner in the last 30 days, by whether the user profile was read.",
            ["realm", "partner", "seen"],
            registry=registry,
        )
