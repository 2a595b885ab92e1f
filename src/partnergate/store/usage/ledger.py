"""The usage ledger of a store: ingests events, attributes them, and returns quantities."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from partnergate.events.pseudonymization import ProviderSubject
from partnergate.metering.meters import MeteredSpan
from partnergate.metering.usage import SubjectKind
from partnergate.model.partner import PartnerId
from partnergate.store.meters.quantities import quantities
from partnergate.store.meters.rollups import wanted_series
from partnergate.store.partners.history import load_registry, registry_stamp
from partnergate.store.sessions.subjects import RandomSubjects, SubjectCache, known_people
from partnergate.store.usage.append import UsageAppender, refined
from partnergate.store.usage.attribute import UsageAttributor
from partnergate.store.usage.dependencies import PresentLogins
from partnergate.store.usage.realm_terms import RealmTerms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from partnergate.metering.ports import Receipt
    from partnergate.metering.usage import Quantity, UsageEvent
    from partnergate.model.agreement import Agreement
    from partnergate.model.partner import PartnerSpec
    from partnergate.store.database.engine import Store
    from partnergate.store.sessions.subjects import SubjectSource


@dataclass(slots=True)
class StoredUsage:
    """Implements ``metering.ports.UsageLedger``; ``reader`` gives a ``QuantityReader`` of one realm."""

    store: Store
    source: SubjectSource = field(default_factory=RandomSubjects)
    _appender: UsageAppender = field(default_factory=UsageAppender)
    _people: SubjectCache = field(default_factory=SubjectCache)
    _terms: dict[str, tuple[tuple[int, ...], RealmTerms, dict[PartnerId, PartnerSpec]]] = field(
        default_factory=dict
    )
    _present: PresentLogins = field(default_factory=PresentLogins)
    attributor: UsageAttributor = field(init=False)

    def __post_init__(self) -> None:
        self.attributor = UsageAttributor(store=self.store, terms=self.terms)

    def append(self, realm: str, events: Sequence[UsageEvent], received: datetime) -> tuple[Receipt, ...]:
        """Store all events in one transaction, and return one receipt for each event, in order.

        A partner-side subject is first replaced by its keyed hash, so that it is never stored in clear.
        """
        try:
            with self.store.write(lock="usage") as connection:
                kept = self._impersonal(connection, events)
                receipts = self._appender.append(connection, realm, kept, received)
                missing = self._present.missing(connection, realm, kept)
        except BaseException:
            self._appender.forget()
            self._people.forget()
            raise
        return refined(kept, receipts, received, missing)

    def attribute_pending(self) -> int:
        """Attribute all events with known logins. ``quantities`` calls this automatically."""
        return self.attributor.attribute_pending()

    def rebuild(self) -> int:
        """Rebuild all derived tables from the raw tables."""
        return self.attributor.rebuild()

    def reader(self, realm: str, *, up_to_date: bool = False) -> UsageReader:
        """Answers quantities of a realm; ``up_to_date`` skips bringing the rollups up to date first."""
        return UsageReader(usage=self, realm=realm, up_to_date=up_to_date)

    def terms(self, realm: str) -> RealmTerms:
        """The realm's partners as recorded now."""
        return self._registry(realm)[0]

    def _registry(self, realm: str) -> tuple[RealmTerms, dict[PartnerId, PartnerSpec]]:
        with self.store.read() as connection:
            stamp = registry_stamp(connection, realm)
            known = self._terms.get(realm)
            if known is None or known[0] != stamp:
                registry = load_registry(connection, realm)
                lines = {partner: registry.versions_of(partner) for partner in registry.partners}
                agreements = {p: tuple(a for v in vs for a in v.spec.agreements) for p, vs in lines.items()}
                series = {p: wanted_series(of_partner) for p, of_partner in agreements.items()}
                terms = RealmTerms(standing=registry, agreements=agreements, series=series)
                known = (stamp, terms, {p: vs[-1].spec for p, vs in lines.items()})
                self._terms[realm] = known
        return known[1], known[2]

    def partners(self, realm: str) -> dict[PartnerId, PartnerSpec]:
        """Return the current file of every recorded partner."""
        return self._registry(realm)[1]

    def agreements(self, realm: str, partner: str) -> tuple[Agreement, ...]:
        """The agreements that the partner's file has now; none for an unknown partner."""
        found = self.partners(realm).get(PartnerId(partner))
        return () if found is None else found.agreements

    def _impersonal(self, connection: Connection, events: Sequence[UsageEvent]) -> Sequence[UsageEvent]:
        named = {e.subject for e in events if e.subject_kind is SubjectKind.PARTNER_USER}
        if not named:
            return events
        people = {text: ProviderSubject(*text.split(":", 1)) for text in sorted(named)}
        known = known_people(connection, people.values(), (), cache=self._people, source=self.source)
        keyed = {text: f"{person.alias}:{known.subject(person)}" for text, person in people.items()}
        return tuple(
            e._replace(subject=keyed[e.subject]) if e.subject_kind is SubjectKind.PARTNER_USER else e
            for e in events
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageReader:
    """Implements ``metering.ports.QuantityReader``."""

    usage: StoredUsage
    realm: str
    up_to_date: bool = False

    def quantities(
        self,
        partner: PartnerId,
        agreement: Agreement,
        start: datetime,
        end: datetime,
        *,
        whole: tuple[datetime, datetime] | None = None,
    ) -> tuple[Quantity, ...]:
        """Return the quantities of the partner in ``[start, end)``, as a part of ``whole`` if given."""
        if not self.up_to_date:
            self.usage.attribute_pending()
        whole_start, whole_end = whole or (start, end)
        span = MeteredSpan(start=start, end=end, whole_start=whole_start, whole_end=whole_end)
        with self.usage.store.read() as connection:
            return quantities(connection, self.realm, partner, agreement, span)
