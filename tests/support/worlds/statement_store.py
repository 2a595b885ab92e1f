"""Fills a store through the product: login events as the reader stores them, usage as the API appends it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from partnergate.events.ports import Advance
from partnergate.events.seen import SeenEvent
from partnergate.metering.usage import SubjectKind, UsageEvent
from partnergate.model.instants import to_ms
from partnergate.store.sessions.ingest import EventIngest
from partnergate.store.sessions.subjects import RandomSubjects
from partnergate.store.usage.ledger import StoredUsage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from partnergate.model.environment import RealmSpec
    from partnergate.model.partner import PartnerSpec
    from partnergate.store.database.engine import Store
    from partnergate.store.sessions.subjects import SubjectSource


@dataclass(slots=True, kw_only=True)
class StoreFiller:
    """Writes login and usage events of one realm."""

    store: Store
    realm: RealmSpec
    partners: Sequence[PartnerSpec]
    subjects: SubjectSource = field(default_factory=RandomSubjects)
    ingest: EventIngest = field(init=False)
    usage: StoredUsage = field(init=False)

    def __post_init__(self) -> None:
        self.ingest = EventIngest(store=self.store, subjects=self.subjects)
        self.usage = StoredUsage(self.store, source=self.subjects)
        self.ingest.record_registry(self.realm, self.partners, to_ms(datetime(2026, 1, 1, tzinfo=UTC)))

    def login(
        self, event_id: str, at: datetime, *, alias: str, subject: str, session: str, error: str | None = None
    ) -> SeenEvent:
        """One login event as the Admin API returns it."""
        return SeenEvent(
            id=event_id,
            time_ms=to_ms(at),
            type="LOGIN" if error is None else "LOGIN_ERROR",
            client_id=self.realm.clients[0].client_id if self.realm.clients else "host-app",
            user_id=f"user-{alias}-{subject}" if error is None else None,
            session_id=session if error is None else None,
            error=error,
            details={"identity_provider": alias, "identity_provider_identity": subject},
        )

    def keep(self, events: Sequence[SeenEvent], *, read_until: datetime) -> int:
        """Store login events, read up to an instant."""
        until = to_ms(read_until)
        first = to_ms(datetime(2026, 1, 1, tzinfo=UTC))
        return self.ingest.keep(
            self.realm.realm, events, seen_ms=until, advance=Advance(first_ms=first, position_ms=until)
        )

    def use(self, events: Sequence[UsageEvent], *, received: datetime) -> None:
        """Append usage events."""
        self.usage.append(self.realm.realm, events, received)


def task(
    event_id: str, at: datetime, quantity: Decimal, *, session: str, source: str = "host/tasks"
) -> UsageEvent:
    """One usage event of the type that the partners of the repository are billed for."""
    return UsageEvent(
        source=source,
        id=event_id,
        type="task.run",
        time=at,
        subject_kind=SubjectKind.SESSION,
        subject=session,
        data={"quantity": quantity},
    )
