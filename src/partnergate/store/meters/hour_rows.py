"""The rows that the rollup of an hour is computed from: logins, sessions, refreshes, and users with usage."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from partnergate.metering.fact_hash import login_identity, session_identity
from partnergate.model.partner import PartnerId
from partnergate.store.meters.stale_hours import HOUR_MS, LOGINS, REFRESHES, SESSIONS
from partnergate.store.partners.history import load_registry
from partnergate.store.usage.rows import QUARTERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from partnergate.attribution.partner_history import Registry


class HourRow(NamedTuple):
    """One row: its exclusion, and the user by both ways of counting unique users."""

    excluded: str
    subject: str
    user: str
    identity: str
    """The identity of the billable record; empty for refreshes and usage, which only make a user active."""


@dataclass(slots=True, kw_only=True)
class HourRows:
    """Reads rows of one realm in one transaction."""

    connection: Connection
    realm: str
    _registries: dict[str, Registry] = field(default_factory=dict)
    _refreshes: tuple[int, dict[str, list[Any]]] = (-1, {})

    def rows(self, partner: str, kind: int, hour: int) -> list[HourRow]:
        """Those of a partner, kind and hour."""
        span = {"realm": self.realm, "partner": partner, "start": hour * HOUR_MS, "end": (hour + 1) * HOUR_MS}
        if kind == LOGINS:
            return [
                HourRow(r.excluded or "", r.subject or r.user_id or "", r.user_id or "",
                        login_identity(self.realm, r.id))
                for r in self.connection.execute(_LOGINS, span)
            ]  # fmt: skip
        if kind == SESSIONS:
            rows = self.connection.execute(_SESSIONS, span)
            return [HourRow(r.excluded or "", "", "", session_identity(self.realm, r.id)) for r in rows]
        if kind == REFRESHES:
            return list(self._refreshed(partner, hour))
        quarters = {"first": hour * QUARTERS, "last": (hour + 1) * QUARTERS}
        rows = self.connection.execute(_USED, {"realm": self.realm, "partner": partner, **quarters})
        return [HourRow(r.excluded, r.person, r.user_id, "") for r in rows]

    def _refreshed(self, partner: str, hour: int) -> Iterator[HourRow]:
        """They have no partner of their own, so an hour is read once for all partners."""
        if self._refreshes[0] != hour:
            of_partner: dict[str, list[Any]] = {}
            span = {"realm": self.realm, "start": hour * HOUR_MS, "end": (hour + 1) * HOUR_MS}
            for row in self.connection.execute(_REFRESHES, span):
                of_partner.setdefault(row.partner, []).append(row)
            self._refreshes = (hour, of_partner)
        registry = self._registries.get(partner)
        if registry is None:
            registry = self._registries[partner] = load_registry(self.connection, self.realm, partner)
        for row in self._refreshes[1].get(partner, ()):
            user = row.user_id or ""
            yield HourRow(refresh_excluded(registry, partner, row), row.subject or user, user, "")


def refresh_excluded(registry: Registry, partner: str, row: Any) -> str:
    """The exclusion of a refresh: that of its session, or that of the files at its instant."""
    why = row.excluded or registry.exclusion_at(PartnerId(partner), row.subject, row.first_ms)
    return why or ""


_WHERE = "WHERE realm = :realm AND partner = :partner AND "
_LOGINS = sa.text(
    "SELECT event_id AS id, excluded, subject, user_id FROM logins "  # noqa: S608
    f"{_WHERE} time_ms >= :start AND time_ms < :end"
)
_SESSIONS = sa.text(
    "SELECT session_id AS id, excluded FROM sessions "  # noqa: S608
    f"{_WHERE} started_ms >= :start AND started_ms < :end"
)
_REFRESHES = sa.text(
    "SELECT s.partner, s.subject, s.login_user AS user_id, s.excluded, r.first_ms FROM refreshes r "
    "JOIN sessions s ON s.realm = r.realm AND s.session_id = r.session_id "
    "WHERE r.realm = :realm AND r.first_ms >= :start AND r.first_ms < :end AND s.partner IS NOT NULL"
)
_USED = sa.text(
    "SELECT u.person, u.user_id, u.excluded FROM usage_owners o JOIN usage_seen u ON u.owner_no = o.no "
    "WHERE o.realm = :realm AND o.partner = :partner AND u.quarter >= :first AND u.quarter < :last"
)
