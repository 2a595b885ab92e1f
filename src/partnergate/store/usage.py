"""Usage in a store: takes events, attributes them, answers quantities. One lives as long as its store."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import sqlalchemy as sa

from partnergate.events.door import Person
from partnergate.spec.model import PartnerId
from partnergate.store.registry import load_registry, registry_stamp
from partnergate.store.subjects import RandomSubjects, SubjectCache, known_people
from partnergate.store.usage_append import UsageAppender, event_waits_for, refined
from partnergate.store.usage_query import quantities
from partnergate.store.usage_settle import RealmTerms, UsageSettler
from partnergate.usage.metering import Span
from partnergate.usage.model import SubjectKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from partnergate.spec.agreement import Agreement
    from partnergate.spec.model import PartnerSpec
    from partnergate.store.engine import Store
    from partnergate.store.subjects import SubjectSource
    from partnergate.store.usage_append import Waits
    from partnergate.usage.model import Quantity, UsageEvent
    from partnergate.usage.ports import Receipt

_MOST = 900
_MOST_REMEMBERED = 200_000


@dataclass(slots=True)
class StoredUsage:
    """Implements ``usage.ports.UsageLedger``; ``reader`` gives a ``QuantityReader`` of one realm."""

    store: Store
    source: SubjectSource = field(default_factory=RandomSubjects)
    _appender: UsageAppender = field(default_factory=UsageAppender)
    _people: SubjectCache = field(default_factory=SubjectCache)
    _terms: dict[str, tuple[tuple[int, ...], RealmTerms, dict[PartnerId, PartnerSpec]]] = field(
        default_factory=dict
    )
    _present: dict[str, set[Waits]] = field(default_factory=dict)
    settler: UsageSettler = field(init=False)

    def __post_init__(self) -> None:
        self.settler = UsageSettler(store=self.store, terms=self.terms)

    def append(self, realm: str, events: Sequence[UsageEvent], received: datetime) -> tuple[Receipt, ...]:
        """Keep all events in one transaction; one receipt an event, in order.

        A partner's own subject is replaced by its keyed form first, so that it is never kept in clear.
        """
        try:
            with self.store.write(lock="usage") as connection:
                kept = self._impersonal(connection, events)
                receipts = self._appender.append(connection, realm, kept, received)
                present = self._stored_subjects(connection, realm, kept)
        except BaseException:
            self._appender.forget()
            self._people.forget()
            raise
        return refined(kept, receipts, received, present)

    def settle(self) -> int:
        """Attribute what can be; ``quantities`` do it by themselves."""
        return self.settler.settle()

    def rebuild(self) -> int:
        """Make everything that is derived again from the raw tables."""
        return self.settler.rebuild()

    def reader(self, realm: str, *, settled: bool = False) -> UsageReader:
        """Answers quantities of a realm; ``settled`` skips bringing the rollups up to date first."""
        return UsageReader(usage=self, realm=realm, settled=settled)

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
                terms = RealmTerms(standing=registry, agreements=agreements)
                known = (stamp, terms, {p: vs[-1].spec for p, vs in lines.items()})
                self._terms[realm] = known
        return known[1], known[2]

    def partners(self, realm: str) -> dict[PartnerId, PartnerSpec]:
        """Every recorded partner as its file says now."""
        return self._registry(realm)[1]

    def agreements(self, realm: str, partner: str) -> tuple[Agreement, ...]:
        """The agreements that the partner's file has now; none for an unknown partner."""
        found = self.partners(realm).get(PartnerId(partner))
        return () if found is None else found.agreements

    def _impersonal(self, connection: Connection, events: Sequence[UsageEvent]) -> Sequence[UsageEvent]:
        named = {e.subject for e in events if e.subject_kind is SubjectKind.PARTNER_USER}
        if not named:
            return events
        people = {text: Person(*text.split(":", 1)) for text in sorted(named)}
        known = known_people(connection, people.values(), (), cache=self._people, source=self.source)
        keyed = {text: f"{person.alias}:{known.subject(person)}" for text, person in people.items()}
        return tuple(
            replace(e, subject=keyed[e.subject]) if e.subject_kind is SubjectKind.PARTNER_USER else e
            for e in events
        )

    def _stored_subjects(
        self, connection: Connection, realm: str, events: Sequence[UsageEvent]
    ) -> set[Waits]:
        """Which of the logins and events that these wait for are stored."""
        known = self._present.setdefault(realm, set())
        wanted = set(map(event_waits_for, events))
        missing = wanted - known
        sessions = [name for kind, _, name in missing if kind == SubjectKind.SESSION]
        users = [name for kind, _, name in missing if kind == SubjectKind.USER]
        if len(known) > _MOST_REMEMBERED:
            known.clear()
        # A login that is stored stays stored, so it need not be looked up again.
        known.update((SubjectKind.SESSION, "", n) for n in _present(connection, _SESSIONS, realm, sessions))
        known.update((SubjectKind.USER, "", n) for n in _present(connection, _USERS, realm, users))
        found = wanted & known
        for waits in missing:
            if waits[0] == "event":
                named = {"realm": realm, "source": waits[1], "id": waits[2]}
                if connection.execute(_EVENT, named).first() is not None:
                    found.add(waits)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageReader:
    """Implements ``usage.ports.QuantityReader``."""

    usage: StoredUsage
    realm: str
    settled: bool = False

    def quantities(
        self,
        partner: PartnerId,
        agreement: Agreement,
        start: datetime,
        end: datetime,
        *,
        whole: tuple[datetime, datetime] | None = None,
    ) -> tuple[Quantity, ...]:
        """What the partner used in ``[start, end)``, a part of ``whole`` where that is given."""
        if not self.settled:
            self.usage.settle()
        whole_start, whole_end = whole or (start, end)
        span = Span(start=start, end=end, whole_start=whole_start, whole_end=whole_end)
        with self.usage.store.read() as connection:
            return quantities(connection, self.realm, partner, agreement, span)


_SESSIONS = sa.text(
    "SELECT session_id FROM sessions WHERE realm = :realm AND session_id IN :names AND partner IS NOT NULL"
).bindparams(sa.bindparam("names", expanding=True))
_USERS = sa.text(
    "SELECT DISTINCT user_id FROM logins WHERE realm = :realm AND user_id IN :names AND partner IS NOT NULL"
).bindparams(sa.bindparam("names", expanding=True))
_EVENT = sa.text(
    "SELECT 1 FROM usage_events e JOIN usage_sources s ON s.no = e.source_no "
    "WHERE s.realm = :realm AND s.source = :source AND e.id = :id"
)


def _present(connection: Connection, query: sa.TextClause, realm: str, names: Iterable[str]) -> Iterable[str]:
    listed = sorted(names)
    for begin in range(0, len(listed), _MOST):
        part = listed[begin : begin + _MOST]
        yield from connection.execute(query, {"realm": realm, "names": part}).scalars()
