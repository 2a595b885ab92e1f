"""The facts of one realm as statements need them: quantities, and how complete they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from partnergate.attribution.outcome import UnattributedReason
from partnergate.model.instants import from_ms, to_ms, to_us
from partnergate.store.partners.history import load_registry
from partnergate.store.sessions.event_history import type_kept_between
from partnergate.store.sessions.ingest import gaps_between
from partnergate.store.sessions.queries import unattributed
from partnergate.store.usage.ledger import StoredUsage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from partnergate.attribution.partner_history import Registry
    from partnergate.events.event_ids import Gap
    from partnergate.metering.usage import Quantity
    from partnergate.model.agreement import Agreement
    from partnergate.model.partner import PartnerId
    from partnergate.store.database.engine import Store

_CURSOR = sa.text("SELECT position_ms FROM cursors WHERE realm = :realm")
_USAGE = sa.text(
    "SELECT a.reason, COUNT(*) AS number FROM usage_attributed a CROSS JOIN usage_events e "
    "CROSS JOIN usage_sources s WHERE a.reason IN :reasons AND a.reason IS NOT NULL "
    "AND a.time_us >= :start AND a.time_us < :end AND e.seq = a.seq AND s.no = e.source_no "
    "AND s.realm = :realm GROUP BY a.reason"
).bindparams(sa.bindparam("reasons", expanding=True))
"""Joined in this order, so that the query reads only unattributed events and not the many billed ones."""
_REASONS = [reason.value for reason in UnattributedReason]


class StoredFacts:
    """Reads one realm for one command or request, so that all its statements are computed from one state."""

    def __init__(self, store: Store, realm: str, usage: StoredUsage | None = None) -> None:
        self._store = store
        self._realm = realm
        self._usage = usage or StoredUsage(store)
        self._up_to_date = False
        self._registry: Registry | None = None
        self._unattributed: dict[tuple[datetime, datetime], dict[str, int]] = {}

    def quantities(
        self,
        partner: PartnerId,
        agreement: Agreement,
        start: datetime,
        end: datetime,
        *,
        whole: tuple[datetime, datetime] | None = None,
    ) -> tuple[Quantity, ...]:
        """Return one quantity for each metered charge and split, after pending usage is attributed once."""
        self.attribute_pending()
        reader = self._usage.reader(self._realm, up_to_date=True)
        return reader.quantities(partner, agreement, start, end, whole=whole)

    def attribute_pending(self) -> None:
        """Attribute pending usage, unless this reader already did."""
        if not self._up_to_date:
            self._usage.attribute_pending()
            self._up_to_date = True

    def read_until(self) -> datetime | None:
        """Return the time before which every login event has been read."""
        with self._store.read() as connection:
            position = connection.execute(_CURSOR, {"realm": self._realm}).scalar()
        return None if position is None else from_ms(position)

    def gaps(self, start: datetime, end: datetime) -> tuple[Gap, ...]:
        """Return the gaps that overlap ``[start, end)``."""
        with self._store.read() as connection:
            return gaps_between(connection, self._realm, to_ms(start), to_ms(end))

    def suspensions(
        self, partner: PartnerId, start: datetime, end: datetime
    ) -> tuple[tuple[datetime, datetime], ...]:
        """Return when the partner was suspended or retired, from its recorded versions."""
        if self._registry is None:
            with self._store.read() as connection:
                self._registry = load_registry(connection, self._realm)
        spans = self._registry.suspended_between(partner, to_ms(start), to_ms(end))
        return tuple((from_ms(first), from_ms(last)) for first, last in spans)

    def kept(self, kind: str, start: datetime, end: datetime) -> bool:
        """Whether all recorded event settings of the realm store that event type."""
        with self._store.read() as connection:
            return type_kept_between(connection, self._realm, kind, to_ms(start), to_ms(end))

    def unattributed(self, start: datetime, end: datetime) -> Mapping[str, int]:
        """Return the number of unattributed sessions and usage events by reason."""
        if (start, end) in self._unattributed:
            return self._unattributed[start, end]
        with self._store.read() as connection:
            counts = {str(reason): n for reason, n in unattributed(connection, self._realm, start, end)}
            usage = {"realm": self._realm, "start": to_us(start), "end": to_us(end), "reasons": _REASONS}
            for row in connection.execute(_USAGE, usage):
                counts[row.reason] = counts.get(row.reason, 0) + row.number
        self._unattributed[start, end] = counts
        return counts
