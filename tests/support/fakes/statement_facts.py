"""Facts and finalized documents in memory, with the behavior that statements need from a store."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from partnergate.errors import StatementError
from partnergate.metering.fact_hash import login_identity, session_identity
from partnergate.metering.meters import (
    AttributedUsage,
    MeteredSpan,
    Occurrence,
    Seen,
    active_user_quantity,
    occurrence_quantity,
    occurrence_tallies,
    usage_quantities,
)
from partnergate.metering.series import series_of_charge
from partnergate.metering.usage import SubjectKind, UsageEvent
from partnergate.metering.usage_corrections import effective_events
from partnergate.model.agreement import ActiveUsersMeter, LoginsMeter, SessionsMeter
from partnergate.pricing.models.percentage import Percentage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partnergate.attribution.outcome import Exclusion
    from partnergate.audit.actor import Actor
    from partnergate.events.event_ids import Gap
    from partnergate.metering.usage import Quantity
    from partnergate.model.agreement import Agreement
    from partnergate.model.partner import PartnerId
    from partnergate.statements.document import SealedStatement
    from partnergate.statements.ports import PendingCredit


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryLogin:
    """A brokered login."""

    id: str
    time: datetime
    person: str
    session: str
    excluded: Exclusion | None = None


@dataclass(slots=True, kw_only=True)
class MemoryFacts:
    """The facts of one partner."""

    realm: str = "host"
    until: datetime | None = None
    logins: list[MemoryLogin] = field(default_factory=list)
    usage: list[UsageEvent] = field(default_factory=list)
    excluded: dict[tuple[str, str], Exclusion] = field(default_factory=dict)
    """(source, id) of excluded usage."""
    lost: list[Gap] = field(default_factory=list)
    unattributed_counts: dict[str, int] = field(default_factory=dict)
    paused: list[tuple[datetime, datetime]] = field(default_factory=list)
    """When the partner was suspended."""
    stored: set[str] = field(default_factory=lambda: {"REFRESH_TOKEN"})
    """The types of login event that the realm stores, besides the mandatory ones."""

    def quantities(
        self,
        partner: PartnerId,
        agreement: Agreement,
        start: datetime,
        end: datetime,
        *,
        whole: tuple[datetime, datetime] | None = None,
    ) -> tuple[Quantity, ...]:
        """The quantities of the facts, by the definitions of the meters."""
        first, last = whole or (start, end)
        span = MeteredSpan(start=start, end=end, whole_start=first, whole_end=last)
        found: list[Quantity] = []
        for charge in agreement.charges:
            series = series_of_charge(charge)
            if series is not None:
                each = isinstance(charge.price, Percentage)
                found += usage_quantities(charge.name, series, self._attributed(), span, each_event=each)
                continue
            match charge.meter:
                case ActiveUsersMeter():
                    seen = [Seen(person=x.person, time=x.time, excluded=x.excluded) for x in self.logins]
                    rule, zone = agreement.active_user, agreement.time_zone
                    found.append(
                        active_user_quantity(charge.name, partner, seen, span, rule=rule, time_zone=zone)
                    )
                case LoginsMeter():
                    tallies = occurrence_tallies(self._occurrences(by_session=False), span)
                    found.append(occurrence_quantity(charge.name, tallies, span))
                case SessionsMeter():
                    tallies = occurrence_tallies(self._occurrences(by_session=True), span)
                    found.append(occurrence_quantity(charge.name, tallies, span))
                case _:
                    continue
        return tuple(found)

    def read_until(self) -> datetime | None:
        """The value that the test set."""
        return self.until

    def gaps(self, start: datetime, end: datetime) -> tuple[Gap, ...]:
        """Those that touch the span."""
        return tuple(g for g in self.lost if g.start < end and g.end > start)

    def suspensions(
        self, partner: PartnerId, start: datetime, end: datetime
    ) -> tuple[tuple[datetime, datetime], ...]:
        """Those that touch the span, truncated to it."""
        del partner
        cut = ((max(a, start), min(b, end)) for a, b in sorted(self.paused))
        return tuple((a, b) for a, b in cut if a < b)

    def kept(self, kind: str, start: datetime, end: datetime) -> bool:
        """The value that the test set, for every span."""
        del start, end
        return kind in self.stored

    def unattributed(self, start: datetime, end: datetime) -> Mapping[str, int]:
        """The value that the test set, for every span."""
        del start, end
        return dict(self.unattributed_counts)

    def _attributed(self) -> list[AttributedUsage]:
        return [
            AttributedUsage(effective=e, excluded=self.excluded.get((e.event.source, e.event.id)))
            for e in effective_events(self.usage)
        ]

    def _occurrences(self, *, by_session: bool) -> list[Occurrence]:
        first: dict[str, MemoryLogin] = {}
        for login in sorted(self.logins, key=lambda x: (x.time, x.id)):
            first.setdefault(login.session if by_session else login.id, login)
        name = session_identity if by_session else login_identity
        return [
            Occurrence(identity=name(self.realm, key), time=x.time, excluded=x.excluded)
            for key, x in first.items()
        ]


@dataclass(slots=True, kw_only=True)
class MemoryStatements:
    """The finalized documents of one environment."""

    documents: list[SealedStatement] = field(default_factory=list)
    credits: list[PendingCredit] = field(default_factory=list)

    def chain(self, partner: str) -> tuple[SealedStatement, ...]:
        """All documents of the partner, in order."""
        return tuple(d for d in self.documents if d.statement.partner == partner)

    def pending_credits(self, partner: str) -> tuple[PendingCredit, ...]:
        """Those that no valid statement contains."""
        carried = {
            x.corrects.dispute
            for d in self.chain(partner)
            for x in d.statement.lines
            if x.corrects is not None
        }
        return tuple(c for c in self.credits if c.dispute not in carried)

    def append(self, document: SealedStatement, *, by: Actor) -> None:
        """Add a document; raises when its place is taken."""
        final = document.statement.final
        if final is None or final.sequence != len(self.chain(document.statement.partner)) + 1:
            raise StatementError("the place in the chain is taken", target=document.statement.number)
        self.documents.append(document)


def october_facts(*, until: datetime, unattributed: Mapping[str, int]) -> MemoryFacts:
    """A login and a task of one of 70 users every five hours of October, 120 in total."""
    found = MemoryFacts(until=until, unattributed_counts=dict(unattributed))
    for n in range(120):
        at = datetime(2026, 10, 2, tzinfo=UTC) + timedelta(hours=5 * n)
        found.logins.append(MemoryLogin(id=f"e{n}", time=at, person=f"p{n % 70}", session=f"s{n}"))
        found.usage.append(
            UsageEvent(
                source="host",
                id=f"u{n}",
                type="task.run",
                time=at,
                subject_kind=SubjectKind.SESSION,
                subject=f"s{n}",
                data={"quantity": 100 + n},
            )
        )
    return found
