"""Records as nodes of a trace: usage event, session, login, provider, and partner file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.attribution.outcome import AttributedSession, UnattributedSession
from partnergate.model.event_data import text_of
from partnergate.model.instants import instant_text
from partnergate.statements.reasons import EXCLUSION_RULES, UNATTRIBUTED_RULES
from partnergate.statements.trace.node import TraceNode

if TYPE_CHECKING:
    from partnergate.statements.trace.facts import LoginFact, ProviderFact, TraceReader, UsageFact


def usage_node(fact: UsageFact, reader: TraceReader, outcomes: tuple[TraceNode, ...]) -> TraceNode:
    """Return a usage event with its outcomes and its session below it."""
    event = fact.event
    below: tuple[TraceNode, ...] = ()
    if fact.owner.session_id is not None:
        session = reader.session(fact.owner.session_id)
        if session is not None:
            below = (session_node(session, reader),)
    elif fact.owner.partner is not None:
        below = (_no_session(fact),)
    return TraceNode(
        kind="usage",
        title=f"usage {event.source} {event.id}",
        details=(
            ("type", event.type),
            ("time", instant_text(event.time)),
            ("received", instant_text(fact.received)),
            *((key, text_of(value)) for key, value in sorted(event.data.items())),
            *((c.action.value, c.id) for c in fact.corrections),
        ),
        children=(*outcomes, *below),
    )


def _no_session(fact: UsageFact) -> TraceNode:
    facts = (("partner", str(fact.owner.partner)), ("user", str(fact.owner.subject or "unknown")))
    return TraceNode(kind="session", title="no session in the event", details=facts)


def session_node(session: AttributedSession | UnattributedSession, reader: TraceReader) -> TraceNode:
    """Return a session with its login below it."""
    login = reader.login(session.login_event)
    below = (login_node(login, reader, ()),) if login is not None else ()
    match session:
        case AttributedSession():
            facts = [("partner", str(session.partner)), ("started", instant_text(session.started_at))]
            if session.ended_at is not None:
                facts.append(("ended", f"{instant_text(session.ended_at)}, {session.end_reason}"))
            if session.excluded is not None:
                facts.append(("excluded", EXCLUSION_RULES.get(session.excluded, session.excluded.value)))
        case UnattributedSession():
            facts = [
                ("partner", "none"),
                ("reason", UNATTRIBUTED_RULES.get(session.reason, session.reason.value)),
                ("started", instant_text(session.started_at)),
            ]
    return TraceNode(
        kind="session", title=f"session {session.session_id}", details=tuple(facts), children=below
    )


def login_node(fact: LoginFact, reader: TraceReader, outcomes: tuple[TraceNode, ...]) -> TraceNode:
    """Return a login with its outcomes and its provider below it."""
    facts = [("time", instant_text(fact.time)), ("read", instant_text(fact.read))]
    if fact.subject:
        facts.append(("user", fact.subject))
    if fact.excluded:
        facts.append(("excluded", EXCLUSION_RULES.get(fact.excluded, fact.excluded)))
    provider = None if fact.alias is None or fact.error else reader.provider(fact.alias, fact.time)
    below = (_provider_node(provider),) if provider is not None else ()
    what = "failed login" if fact.error else "login" if fact.type == "LOGIN" else fact.type.lower()
    if fact.error:
        facts.append(("error", fact.error))
    return TraceNode(
        kind="login", title=f"{what} {fact.id}", details=tuple(facts), children=(*outcomes, *below)
    )


def _provider_node(provider: ProviderFact) -> TraceNode:
    since = "the beginning" if provider.since is None else instant_text(provider.since)
    return TraceNode(
        kind="provider",
        title=f"provider {provider.alias}",
        details=(("partner", provider.partner), ("since", since)),
        children=(
            TraceNode(
                kind="file",
                title=provider.file,
                details=(("commit", provider.commit or "not committed"), ("sha256", provider.sha256)),
            ),
        ),
    )
