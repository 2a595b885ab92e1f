"""Pseudonyms: a keyed hash of the partner-side identifier maps to a random subject.

All other tables contain only the subject. Erasing a user deletes the mapping, so the subject can never
again be joined to an identifier, while all counts and all hashes over subjects stay the same.
``docs/decisions/personal-data.md`` has the reasons.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import sqlalchemy as sa

from partnergate.attribution.outcome import SubjectKey
from partnergate.store.database.bulk import insert_new, select_by_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from partnergate.events.pseudonymization import ProviderSubject

_MOST_CACHED = 200_000


class SubjectSource(Protocol):
    """The source of keys and subjects: random, except in tests."""

    def key(self, alias: str) -> str:
        """The hexadecimal key of a new alias, 32 bytes."""
        ...

    def subject(self, lookup: str) -> str:
        """Return a new subject that was never used before."""
        ...


class RandomSubjects:
    """Unpredictable keys and subjects."""

    def key(self, alias: str) -> str:  # noqa: ARG002
        """32 random bytes."""
        return secrets.token_hex(32)

    def subject(self, lookup: str) -> str:  # noqa: ARG002
        """16 random bytes."""
        return secrets.token_hex(16)


@dataclass(slots=True)
class SubjectCache:
    """A cache of stored mappings, with the lifetime of its store."""

    keys: dict[str, bytes] = field(default_factory=dict)
    subjects: dict[ProviderSubject, str] = field(default_factory=dict)
    erasures: int = -1

    def take(self, keys: Mapping[str, bytes], subjects: Mapping[ProviderSubject, str]) -> None:
        """Add the mappings that a committed transaction resolved."""
        if len(self.subjects) + len(subjects) > _MOST_CACHED:
            self.subjects = {}
        self.keys.update(keys)
        self.subjects.update(subjects)

    def forget(self) -> None:
        """Drop everything, after an erasure."""
        self.keys, self.subjects = {}, {}


@dataclass(slots=True, kw_only=True)
class KnownPeople:
    """The users of one transaction; implements ``events.pseudonymization.People``."""

    subjects: dict[ProviderSubject, str]
    keys: dict[str, bytes]

    def subject(self, person: ProviderSubject) -> str:
        """Return the subject key of a user."""
        return self.subjects[person]

    def email_key(self, alias: str, email: str) -> str:
        """Return a keyed hash of an address at one partner. The batch has a key for every alias."""
        return _digest(self.keys[alias], "email", email)


def known_people(
    connection: Connection,
    people: Iterable[ProviderSubject],
    aliases: Iterable[str],
    *,
    cache: SubjectCache,
    source: SubjectSource,
) -> KnownPeople:
    """Resolve the users of a batch, and create subjects for new users."""
    erasures = connection.execute(sa.text("SELECT COUNT(*) FROM erasures")).scalar_one()
    if erasures != cache.erasures:
        cache.forget()
        cache.erasures = erasures
    wanted = set(people)
    keys = _keys(connection, {p.alias for p in wanted} | set(aliases), cache, source)
    found = {p: cache.subjects[p] for p in wanted if p in cache.subjects}
    lookups = {_lookup(keys[p.alias], p.subject): p for p in sorted(wanted - set(found))}
    stored = _stored(connection, tuple(lookups))
    missing = [lookup for lookup in lookups if lookup not in stored]
    if missing:
        insert_new(
            connection, "subjects", ("lookup", "subject"), [(key, source.subject(key)) for key in missing]
        )
        stored |= _stored(connection, missing)
    found |= {person: stored[lookup] for lookup, person in lookups.items()}
    return KnownPeople(subjects=found, keys=keys)


def find_subject(connection: Connection, alias: str, subject: str) -> SubjectKey | None:
    """Return the subject key of a partner-side user, or None if the user has none."""
    key = connection.execute(
        sa.text("SELECT secret FROM subject_keys WHERE alias = :alias"), {"alias": alias}
    ).scalar()
    if key is None:
        return None
    lookup = _lookup(bytes.fromhex(key), subject)
    found = _stored(connection, (lookup,)).get(lookup)
    return None if found is None else SubjectKey(found)


def erase_subject(connection: Connection, alias: str, subject: str, at_ms: int) -> SubjectKey | None:
    """Anonymize a user irreversibly, and delete the hash of their email address. Counts stay the same."""
    key = find_subject(connection, alias, subject)
    if key is None:
        return None
    values = {"key": key}
    users = "SELECT user_id FROM logins WHERE subject = :key AND user_id IS NOT NULL"
    for table in ("raw_events", "raw_profiles"):
        which = f"email_key IS NOT NULL AND user_id IN ({users})"
        connection.execute(sa.text(f"UPDATE {table} SET email_key = NULL WHERE {which}"), values)  # noqa: S608
    connection.execute(sa.text("DELETE FROM subjects WHERE subject = :key"), values)
    connection.execute(
        sa.text("INSERT INTO erasures (subject, at_ms) VALUES (:key, :at) ON CONFLICT DO NOTHING"),
        {**values, "at": at_ms},
    )
    return key


def _keys(
    connection: Connection, aliases: set[str], cache: SubjectCache, source: SubjectSource
) -> dict[str, bytes]:
    found = {a: cache.keys[a] for a in aliases if a in cache.keys}
    unknown = sorted(aliases - set(found))
    if unknown:
        insert_new(connection, "subject_keys", ("alias", "secret"), [(a, source.key(a)) for a in unknown])
        rows = connection.execute(
            sa.text("SELECT alias, secret FROM subject_keys WHERE alias IN :aliases").bindparams(
                sa.bindparam("aliases", expanding=True)
            ),
            {"aliases": unknown},
        )
        found |= {row.alias: bytes.fromhex(row.secret) for row in rows}
    return found


def _stored(connection: Connection, lookups: tuple[str, ...] | list[str]) -> dict[str, str]:
    return {
        row[0]: row[1] for row in select_by_key(connection, "lookup, subject", "subjects", "lookup", lookups)
    }


def _lookup(key: bytes, subject: str) -> str:
    return _digest(key, "subject", subject)


def _digest(key: bytes, kind: str, text: str) -> str:
    return hmac.digest(key, f"{kind}\0{text}".encode("utf-8", "surrogatepass"), "sha256").hex()
