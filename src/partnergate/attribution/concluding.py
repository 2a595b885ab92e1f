"""Determines the partner of a session or a login from its events and the registry alone.

A session belongs to the partner of the provider that brokered its first LOGIN, ordered by time and then
by ID. The order of reading has no effect: if an earlier login is read late, the session moves to its
partner. A later statement corrects the statements that were already finalized.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from partnergate.attribution.outcome import Exclusion, UnattributedReason
from partnergate.attribution.session_state import (
    END,
    IMPERSONATED,
    LOGGED_IN,
    LOGIN,
    MACHINE,
    OFFLINE,
    clients_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partnergate.attribution.partner_history import Registry
    from partnergate.attribution.session_state import SessionState
    from partnergate.events.seen import RawEvent
    from partnergate.model.partner import PartnerId

_END_REASONS = {"LOGOUT": "logout", "USER_SESSION_DELETED": "expired"}
SUSPENDED_END = "suspended"
LIFESPAN_END = "lifespan"


class DomainFact(NamedTuple):
    """The domain of a user's email address from this event on, as far as recorded."""

    time_ms: int
    event_id: str
    domain: str


class Conclusion(NamedTuple):
    """Exactly one of ``partner`` and ``reason`` is set."""

    partner: PartnerId | None
    reason: UnattributedReason | None
    excluded: Exclusion | None
    started_ms: int
    ended_ms: int | None
    end_reason: str | None


class LoginConclusion(NamedTuple):
    """Exactly one of ``partner`` and ``reason`` is set."""

    partner: PartnerId | None
    reason: UnattributedReason | None
    excluded: Exclusion | None


def conclude(state: SessionState, registry: Registry, domains: Sequence[DomainFact] = ()) -> Conclusion:
    """Return the session's partner, whether it is billed, and when it ended according to its events."""
    started = state.first_ms if state.login_ms is None else state.login_ms
    partner = None
    reason = _reason_unattributed(state, registry, started)
    if reason is None and state.alias is not None:
        partner = registry.partner_at(state.alias, started)
        if partner is None:
            reason = UnattributedReason.UNKNOWN_ALIAS
    if partner is None:
        ended, why = _end(state, None)
        return Conclusion(None, reason, None, started, ended, why)
    domain = domain_at(domains, started, state.login_id or "") if domains else None
    excluded = registry.exclusion_at(partner, state.subject, started, domain)
    ended, why = _end(state, registry.suspended_after(partner, started))
    return Conclusion(partner, None, excluded, started, ended, why)


def conclude_again(
    before: Conclusion, was: SessionState, state: SessionState, registry: Registry
) -> Conclusion | None:
    """Return the conclusion of a session that only continued since ``before``; None if it must be recomputed.

    Further clients, activity, or an end do not change the partner or the exclusion. Only the end can change.
    """
    if before.partner is None or was[LOGIN] != state[LOGIN] or was.marks != state.marks:
        return None
    if was[END] == state[END]:
        return before
    over, why = _end(state, registry.suspended_after(before.partner, before.started_ms))
    return before._replace(ended_ms=over, end_reason=why)


def conclude_login(
    event: RawEvent, session: Conclusion | None, registry: Registry, domains: Sequence[DomainFact] = ()
) -> LoginConclusion:
    """Return the partner of a brokered LOGIN: that of its provider, unless its session has another."""
    if event.is_future:
        return LoginConclusion(None, UnattributedReason.FUTURE, None)
    if not registry.rules_at(event.time_ms).counts(event.client_id or ""):
        return LoginConclusion(None, UnattributedReason.FOREIGN_CLIENT, None)
    partner = registry.partner_at(event.alias or "", event.time_ms)
    if partner is None:
        return LoginConclusion(None, UnattributedReason.UNKNOWN_ALIAS, None)
    if session is None or session.partner is None:
        reason = session.reason if session else None
        return LoginConclusion(None, reason or UnattributedReason.UNKNOWN_SESSION, None)
    if session.partner != partner:
        return LoginConclusion(None, UnattributedReason.CONFLICT, None)
    domain = domain_at(domains, event.time_ms, event.id) if domains else None
    return LoginConclusion(
        partner, None, registry.exclusion_at(partner, event.subject, event.time_ms, domain)
    )


def domain_at(facts: Sequence[DomainFact], ms: int, event_id: str) -> str | None:
    """Return the last domain recorded before the event, or else the first one recorded after it."""
    ordered = sorted(facts)
    known = [f for f in ordered if (f.time_ms, f.event_id) <= (ms, event_id)]
    if known:
        return known[-1].domain
    return ordered[0].domain if ordered else None


def _reason_unattributed(state: SessionState, registry: Registry, started: int) -> UnattributedReason | None:
    marks = state.marks
    if marks & IMPERSONATED:
        return UnattributedReason.IMPERSONATION
    if state.login_ms is None:
        if marks & MACHINE:
            return UnattributedReason.SERVICE_ACCOUNT
        return UnattributedReason.NO_PROVIDER if marks & LOGGED_IN else UnattributedReason.UNKNOWN_SESSION
    rules = registry.rules_at(started)
    if any(rules.counts(client) for client in clients_of(state.clients)):
        return None
    return UnattributedReason.FOREIGN_CLIENT


def _end(state: SessionState, suspended_ms: int | None) -> tuple[int | None, str | None]:
    ends = []
    if state.end_ms is not None and state.end_type is not None and not state.marks & OFFLINE:
        ends.append((state.end_ms, _END_REASONS[state.end_type]))
    if suspended_ms is not None:
        ends.append((suspended_ms, SUSPENDED_END))
    return min(ends, default=(None, None))


def ended(
    conclusion_end: tuple[int | None, str | None],
    started_ms: int,
    marks: int,
    *,
    lifespan_ms: int,
    known_ms: int,
) -> tuple[int | None, str | None]:
    """The end according to events, otherwise the longest lifetime once ``known_ms`` is past it."""
    if conclusion_end[0] is not None or marks & OFFLINE or started_ms + lifespan_ms > known_ms:
        return conclusion_end
    return started_ms + lifespan_ms, LIFESPAN_END
