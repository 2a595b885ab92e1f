"""The profiles of users when their logins were read, as states and keyed hashes, and counts of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from partnergate.attribution.outcome import SubjectKey
from partnergate.attribution.quality import (
    FieldState,
    IdentityQuality,
    ObservedLogin,
    email_state,
    identity_quality,
    name_state,
)
from partnergate.events.pseudonymization import domain_of
from partnergate.model.days import local_date
from partnergate.model.instants import from_ms, to_ms
from partnergate.store.database.bulk import insert_new
from partnergate.store.sessions.subjects import RandomSubjects, SubjectCache, known_people

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from partnergate.model.partner import PartnerId
    from partnergate.store.sessions.subjects import SubjectSource


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenProfile:
    """A user's profile in clear; only between Keycloak and ``keep_profiles``."""

    login: UnseenLogin
    first_name: str | None
    last_name: str | None
    email: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnseenLogin:
    """A login with a user profile that has not been read yet."""

    event_id: str
    user_id: str
    alias: str
    time_ms: int


def unseen_logins(
    connection: Connection, realm: str, since_ms: int, most: int, *, after_user: str = ""
) -> tuple[UnseenLogin, ...]:
    """Return one attributed login of each user who logged in since then without a later profile, by user."""
    rows = connection.execute(
        sa.text(
            "SELECT l.user_id, l.alias, MAX(l.time_ms) AS time_ms, MAX(l.event_id) AS event_id FROM logins l"
            " WHERE l.realm = :realm AND l.partner IS NOT NULL AND l.user_id IS NOT NULL"
            " AND l.time_ms >= :since AND l.user_id > :after"
            " AND NOT EXISTS (SELECT 1 FROM raw_profiles p WHERE p.realm = l.realm AND p.user_id = l.user_id"
            " AND p.time_ms >= :since) GROUP BY l.user_id, l.alias ORDER BY l.user_id LIMIT :most"
        ),
        {"realm": realm, "since": since_ms, "most": most, "after": after_user},
    )
    return tuple(
        UnseenLogin(event_id=r.event_id, user_id=r.user_id, alias=r.alias, time_ms=r.time_ms) for r in rows
    )


def keep_profiles(
    connection: Connection,
    realm: str,
    profiles: Sequence[SeenProfile],
    *,
    source: SubjectSource | None = None,
) -> int:
    """Store the field states of profiles, address domains, and keyed hashes; return how many are new."""
    aliases = {p.login.alias for p in profiles}
    known = known_people(connection, (), aliases, cache=SubjectCache(), source=source or RandomSubjects())
    rows = []
    for profile in profiles:
        domain = domain_of(profile.email or "")
        key = (
            known.email_key(profile.login.alias, profile.email.lower()) if profile.email and domain else None
        )
        rows.append((
            realm, profile.login.event_id, profile.login.time_ms, profile.login.user_id,
            name_state(profile.first_name).value, name_state(profile.last_name).value,
            email_state(profile.email, domain).value, domain, key,
        ))  # fmt: skip
    columns = (
        "realm", "login_id", "time_ms", "user_id", "first_name", "last_name", "email", "email_domain",
        "email_key",
    )  # fmt: skip
    return insert_new(connection, "raw_profiles", columns, rows)


def partner_quality(
    connection: Connection,
    realm: str,
    partner: PartnerId,
    span: tuple[datetime, datetime],
    *,
    time_zone: str,
    agreed_domains: Sequence[str] = (),
) -> IdentityQuality:
    """Return the identity quality of a partner's logins in ``[start, end)``.

    A login counts with the last profile of its user before it, or else with the first one after it.
    """
    values = {"realm": realm, "partner": partner, "start": to_ms(span[0]), "end": to_ms(span[1])}
    profiles: dict[str, list[Any]] = {}
    for row in connection.execute(_PROFILES, values):
        profiles.setdefault(row.user_id, []).append(row)
    return identity_quality(
        partner,
        (
            _observed(row, profiles.get(row.user_id, ()), time_zone)
            for row in connection.execute(_LOGINS, values)
        ),
        agreed_domains=agreed_domains,
    )


def _observed(login: Any, profiles: Sequence[Any], time_zone: str) -> ObservedLogin:
    before = [p for p in profiles if p.time_ms <= login.time_ms]
    seen = before[-1] if before else next(iter(profiles), None)
    return ObservedLogin(
        time=from_ms(login.time_ms),
        day=local_date(from_ms(login.time_ms), time_zone),
        subject=SubjectKey(login.subject or ""),
        first_name=_state(seen and seen.first_name),
        last_name=_state(seen and seen.last_name),
        email=_state(seen and seen.email),
        email_domain=(seen and seen.email_domain) or login.email_domain,
        email_key=(seen and seen.email_key) or login.email_key,
        new_subject=bool(login.new_subject),
    )


_LOGINS = sa.text(
    "SELECT l.time_ms, l.subject, l.user_id, r.email_domain, r.email_key,"
    " NOT EXISTS (SELECT 1 FROM logins e WHERE e.subject = l.subject AND (e.time_ms < l.time_ms"
    " OR (e.time_ms = l.time_ms AND e.event_id < l.event_id))) AS new_subject"
    " FROM logins l LEFT JOIN (SELECT realm, subject, MAX(email_domain) AS email_domain,"
    " MAX(email_key) AS email_key FROM raw_events"
    " WHERE realm = :realm AND email_key IS NOT NULL GROUP BY realm, subject) r"
    " ON r.realm = l.realm AND r.subject = l.subject"
    " WHERE l.realm = :realm AND l.partner = :partner AND l.time_ms >= :start AND l.time_ms < :end"
)
_PROFILES = sa.text(
    "SELECT p.user_id, p.time_ms, p.first_name, p.last_name, p.email, p.email_domain, p.email_key"
    " FROM raw_profiles p WHERE p.realm = :realm AND p.user_id IN (SELECT l.user_id FROM logins l"
    " WHERE l.realm = :realm AND l.partner = :partner AND l.time_ms >= :start AND l.time_ms < :end)"
    " AND p.login_id IN (SELECT l.event_id FROM logins l WHERE l.realm = :realm AND l.partner = :partner)"
    " ORDER BY p.user_id, p.time_ms, p.login_id"
)


def _state(text: str | None) -> FieldState | None:
    return FieldState(text) if text else None
