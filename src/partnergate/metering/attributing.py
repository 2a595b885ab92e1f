"""The partner of a usage event: a function of the event, the sessions known, and the partners' standing.

An event of a session belongs to the session's partner, also after the session's end: work begun in it
may finish later. An event of a user belongs to the partner of the session that the user had last
started at the event's time. An event that names a partner belongs to it without a login. What cannot
be attributed has its reason, and the login it waits for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol, assert_never

from partnergate.attribution.outcome import (
    AttributedSession,
    Exclusion,
    SubjectKey,
    UnattributedReason,
    UnattributedSession,
)
from partnergate.metering.usage import SubjectKind, UsageAttribution

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from partnergate.model.partner import PartnerId

FUTURE_BOUND = timedelta(minutes=5)
"""An event further ahead of its arrival is quarantined; a wrong clock is not billed."""
CLOCK_SKEW = timedelta(minutes=5)
"""How much earlier than its user's login an event may be stamped."""

KnownSession = AttributedSession | UnattributedSession


class PartnerRecords(Protocol):
    """What the partner files said about a partner at an instant."""

    def partner_named(self, name: str) -> PartnerId | None:
        """The partner of that id, or of that provider alias."""
        ...

    def exclusion(self, partner: PartnerId, subject: SubjectKey | None, at: datetime) -> Exclusion | None:
        """Why what this person does at that instant is not billed."""
        ...

    @property
    def changes(self) -> Sequence[int]:
        """The instants, in milliseconds and in order, between which no answer about exclusion changes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """The result, and the login that would change it."""

    owner: UsageAttribution
    waits_for: str | None = None
    """``session:<id>`` or ``user:<id>``; also for an unattributed session that waits for its login."""
    user_id: str | None = None


def _waiting_name(kind: SubjectKind, subject: str) -> str:
    """What an unattributed event of this subject waits for."""
    return f"{kind.value}:{subject}"


def attribute_subject(
    kind: SubjectKind, subject: str, at: datetime, session: KnownSession | None, standing: PartnerRecords
) -> Attribution:
    """The attribution of what the subject does at an instant; the same between two of ``standing.changes``.

    ``session`` is the one that the subject names, or the one that the user had then.
    """
    match kind:
        case SubjectKind.SESSION:
            if session is None:
                return _unattributed(UnattributedReason.UNKNOWN_SESSION, _waiting_name(kind, subject))
            return _of_session(_waiting_name(kind, subject), session, standing, at)
        case SubjectKind.USER:
            if session is None:
                return _unattributed(UnattributedReason.UNKNOWN_USER, _waiting_name(kind, subject))
            return _of_session(_waiting_name(kind, subject), session, standing, at)
        case SubjectKind.PARTNER_USER:
            return _of_named(subject, standing, at)
        case SubjectKind.NONE:
            raise ValueError("a correction is not attributed; the event that it corrects is")
        case _:
            assert_never(kind)


def session_at(at: datetime, sessions: Sequence[KnownSession]) -> KnownSession | None:
    """The user's latest session that started before ``at``; attributed sessions come first."""
    started = [s for s in sessions if s.started_at <= at + CLOCK_SKEW]
    owned = [s for s in started if isinstance(s, AttributedSession)]
    return max(owned or started, key=lambda s: (s.started_at, s.session_id), default=None)


def _of_session(waits_for: str, session: KnownSession, standing: PartnerRecords, at: datetime) -> Attribution:
    if isinstance(session, UnattributedSession):
        return _unattributed(session.reason, waits_for)
    excluded = session.excluded or standing.exclusion(session.partner, session.subject, at)
    return Attribution(
        owner=UsageAttribution(
            partner=session.partner,
            session_id=session.session_id,
            reason=None,
            subject=session.subject,
            excluded=excluded,
        ),
        user_id=session.user_id,
    )


def _of_named(named: str, standing: PartnerRecords, at: datetime) -> Attribution:
    name, _, subject = named.partition(":")
    partner = standing.partner_named(name)
    if partner is None:
        return _unattributed(UnattributedReason.UNKNOWN_ALIAS)
    person = SubjectKey(subject)
    return Attribution(
        owner=UsageAttribution(
            partner=partner,
            session_id=None,
            reason=None,
            subject=person,
            excluded=standing.exclusion(partner, person, at),
        )
    )


def _unattributed(reason: UnattributedReason, waits_for: str | None = None) -> Attribution:
    return Attribution(
        owner=UsageAttribution(partner=None, session_id=None, reason=reason), waits_for=waits_for
    )


IN_THE_FUTURE = _unattributed(UnattributedReason.FUTURE)
"""The attribution of an event with a time too far in the future."""
