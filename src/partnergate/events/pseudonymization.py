"""Pseudonymization: which personal data of an event is stored, and in what form.

``docs/decisions/personal-data.md`` gives the reasons. The people in a batch are named first
(``people_of``), so that the store resolves them in one go, and then every event is reduced.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from partnergate.canonical_json import canonical_json
from partnergate.events.seen import CLOCK_GRAIN_MS, RawEvent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from partnergate.events.seen import SeenEvent

IDENTITY_TYPES: Final = frozenset(
    {
        "LOGIN",
        "REGISTER",
        "FEDERATED_IDENTITY_LINK",
        "FEDERATED_IDENTITY_OVERRIDE_LINK",
        "REMOVE_FEDERATED_IDENTITY",
        "IDENTITY_PROVIDER_LOGIN",
        "IDENTITY_PROVIDER_FIRST_LOGIN",
        "TOKEN_EXCHANGE",
        "JWT_AUTHORIZATION_GRANT",
    }
)
"""Event types with an ``identity_provider`` that the server has verified."""
_EMAIL_TYPES: Final = frozenset({"REGISTER", "UPDATE_EMAIL", "UPDATE_PROFILE"})
_KEPT_DETAILS: Final = ("reason", "refresh_token_type", "register_method")
_DETAIL_TYPES: Final = frozenset({"USER_SESSION_DELETED", "REFRESH_TOKEN", "REGISTER", "CODE_TO_TOKEN"})
_ALIAS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_DOMAIN = re.compile(r"[^\s@]+@([A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)")
_MOST_TEXT: Final = 255
_NO_DETAILS: Final[Mapping[str, str | None]] = {}
_new: Final = tuple.__new__  # what NamedTuple itself calls, without a call of Python around it


class ProviderSubject(NamedTuple):
    """The subject that a partner's provider asserts, in clear text; hashed before it is stored."""

    alias: str
    subject: str


class People(Protocol):
    """Looks up the keyed hashes of the users and email addresses of one batch."""

    def subject(self, person: ProviderSubject) -> str:
        """Return the key of one of the users that ``people_of`` returned."""
        ...

    def email_key(self, alias: str, email: str) -> str:
        """Return a keyed hash: equal for equal addresses at one partner, different at other partners."""
        ...


def person_of(event: SeenEvent) -> ProviderSubject | None:
    """Return the user of the event, or None if the server has not verified the user."""
    if event.error is not None or event.type not in IDENTITY_TYPES or not event.details:
        return None
    alias, subject = event.details.get("identity_provider"), event.details.get("identity_provider_identity")
    return ProviderSubject(alias, subject) if alias and subject else None


def people_of(events: Iterable[SeenEvent]) -> set[ProviderSubject]:
    """Return the users in a batch that need a key."""
    return {person for event in events if (person := person_of(event)) is not None}


def email_aliases(events: Iterable[SeenEvent]) -> set[str]:
    """Return the aliases with email addresses to hash in a batch."""
    return {
        alias
        for event in events
        if event.type in _EMAIL_TYPES
        and event.error is None
        and event.details
        and (alias := event.details.get("identity_provider"))
    }


def reduced(realm: str, event: SeenEvent, seen_ms: int, people: People) -> RawEvent:
    """Return the event as it is stored; ``seen_ms`` is the server's time of reading, exact to a second."""
    if seen_ms < event.time_ms <= seen_ms + CLOCK_GRAIN_MS:
        seen_ms = event.time_ms  # nothing is read before it happens
    kind, error, details = event.type, event.error, event.details or _NO_DETAILS
    session_id, client_id = event.session_id, event.client_id
    subject = domain = email_key = kept = None
    alias = details.get("identity_provider")
    if error is not None:
        alias = alias if alias and _ALIAS.fullmatch(alias) else None
        error, client_id, session_id = clean(error), clean(client_id), clean(session_id)
    else:
        if alias and (person := person_of(event)) is not None:
            subject = people.subject(person)
        if kind in _EMAIL_TYPES:
            email = details.get("email") or details.get("updated_email") or ""
            domain = domain_of(email)
            if domain is not None and alias:
                email_key = people.email_key(alias, email.lower())
        if session_id is None and kind == "LOGIN":
            session_id = details.get("code_id")
    service = (details.get("username") or "").startswith("service-account-")
    if service or kind in _DETAIL_TYPES:
        kept = _details(details, service=service)
    return _new(
        RawEvent,
        (
            realm, event.id or derived_id(realm, event), event.time_ms, seen_ms, kind, client_id,
            event.user_id, session_id, alias, subject, error, domain, email_key, kept,
        ),
    )  # fmt: skip


def _details(details: Mapping[str, str | None], *, service: bool) -> str | None:
    kept: dict[str, object] = {}
    for name in _KEPT_DETAILS:
        value = clean(details.get(name))
        if value is not None and value != "Refresh":
            kept[name] = value
    if service:
        kept["service"] = True
    return canonical_json(kept) if kept else None


def domain_of(email: str) -> str | None:
    """Return the domain of a well-formed address in lower case, or None."""
    found = _DOMAIN.fullmatch(email)
    return found.group(1).lower() if found else None


def clean(text: str | None) -> str | None:
    """Return untrusted text of an error event, truncated and without control characters."""
    if text is None:
        return None
    return "".join(c for c in text[:_MOST_TEXT] if c.isprintable())


def derived_id(realm: str, event: SeenEvent) -> str:
    """Return an ID for an event without one, derived from its content and marked as derived.

    Two equal events in one millisecond get the same ID and are stored once.
    """
    content = [
        realm,
        event.time_ms,
        event.type,
        event.client_id,
        event.user_id,
        event.session_id,
        event.error,
        sorted((event.details or _NO_DETAILS).items()),
    ]
    return "derived:" + hashlib.sha256(json.dumps(content).encode()).hexdigest()
