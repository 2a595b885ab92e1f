"""One deed, and its entry in the chain with canonical bytes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime  # noqa: TC003 - the decoder reads the types of the fields
from enum import StrEnum
from typing import Final

from partnergate.audit.actor import Actor  # noqa: TC001 - as above
from partnergate.canonical_json import NotCanonicalError, canonical_bytes
from partnergate.errors import PartnergateError, StatementError
from partnergate.safe_text import plain
from partnergate.statements.typed_json import from_json, to_json
from partnergate.strict_json import EXACT_LIMITS, StrictJsonError, decode_json

FORMAT: Final = "partnergate-audit/1"
FIRST: Final = "0" * 64
"""The hash before the first entry."""
_LONGEST: Final = 300
_MOST_DETAILS: Final = 20


class AuditError(PartnergateError):
    """The audit log, or a file of it, is not as it was written."""


class Deed(StrEnum):
    """What was done."""

    PLANNED = "planned"
    APPLIED = "applied"
    ADOPTED = "adopted"
    """Resources of the realm that partnergate did not own became its own, in an apply."""
    IMPORTED = "imported"
    FINALIZED = "finalized"
    VOIDED = "voided"
    DISPUTED = "disputed"
    ANSWERED = "answered"
    CREDITED = "credited"
    REJECTED = "rejected"
    ERASED = "erased"
    SIGNED_IN = "signed_in"
    """A user opened the pages in a new session."""


class Phase(StrEnum):
    """How far a deed was. A deed in the store is one entry; one in a realm has an intent and an outcome."""

    INTENT = "intent"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One named value, for people."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """A deed that is to be recorded."""

    at: datetime
    environment: str
    """Empty for a deed on the whole store."""
    deed: Deed
    actor: Actor
    target: str
    """The statement, dispute, realm or page."""
    key: str
    """Identifies the deed: recording it again with the same key changes nothing."""
    phase: Phase = Phase.DONE
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """An entry of the chain. The canonical JSON of these fields is what the hash covers."""

    format: str
    sequence: int
    """From 1, without gaps."""
    at: datetime
    environment: str
    deed: Deed
    phase: Phase
    actor: Actor
    target: str
    details: tuple[Detail, ...]
    key: str
    previous: str
    """The SHA-256 of the canonical bytes of the entry before."""


def details_of(**values: object) -> tuple[Detail, ...]:
    """Return values as details; None and empty texts are left out."""
    return tuple(
        Detail(name=name, value=str(value)) for name, value in values.items() if value not in (None, "")
    )


def entry_after(event: AuditEvent, *, sequence: int, previous: str) -> AuditEntry:
    """Return the entry that follows the one with that number and hash. Texts are cleaned and bounded."""
    return AuditEntry(
        format=FORMAT,
        sequence=sequence + 1,
        at=event.at,
        environment=event.environment,
        deed=event.deed,
        phase=event.phase,
        actor=event.actor,
        target=_text(event.target),
        details=tuple(
            Detail(name=_text(d.name), value=_text(d.value)) for d in event.details[:_MOST_DETAILS]
        ),
        key=event.key,
        previous=previous,
    )


def content_of(entry: AuditEntry) -> bytes:
    """Return the canonical bytes of an entry."""
    return canonical_bytes(to_json(entry))


def hash_of(content: bytes) -> str:
    """Return the SHA-256 by which the next entry refers to this one."""
    return hashlib.sha256(content).hexdigest()


def entry_of(content: bytes) -> AuditEntry:
    """Return the entry of canonical bytes. Raises ``AuditError`` if they are not an entry in that form."""
    try:
        entry = from_json(AuditEntry, decode_json(content, EXACT_LIMITS), where="entry")
        if entry.format == FORMAT and content_of(entry) == content:
            return entry
        raise AuditError("the bytes are not the canonical form of an audit entry")
    except (StrictJsonError, StatementError, NotCanonicalError) as error:
        raise AuditError(f"not an audit entry: {error}") from error


def _text(text: str) -> str:
    return plain(text)[:_LONGEST]
