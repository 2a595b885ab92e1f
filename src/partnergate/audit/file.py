"""An exported audit log: one canonical entry a line, and the head of the chain as the last line.

With a key, the head is also a JWS, so that a copy of the file proves later what the log contained.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from partnergate.audit.chain import HEAD_FORMAT, AuditHead, ChainCheck
from partnergate.audit.entry import AuditError, hash_of
from partnergate.canonical_json import canonical_bytes
from partnergate.errors import StatementError
from partnergate.statements.jws import key_id_of, typed_content, typed_jws
from partnergate.statements.seal import key_id, private_key
from partnergate.statements.typed_json import from_json, to_json
from partnergate.strict_json import EXACT_LIMITS, StrictJsonError, decode_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from partnergate.statements.key_set import KeySet

JWS_TYPE: Final = "partnergate-audit-head+json"
_HEAD_START: Final = b'{"head":'


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedHead:
    """The last line of a file."""

    head: AuditHead
    jws: str
    """Empty for a file that was written without a key."""


def audit_lines(contents: Iterable[bytes], *, at: Any, private: bytes | None) -> Iterator[bytes]:
    """Yield the lines of a file, without line feeds. Reads the entries once."""
    check_count, last = 0, ChainCheck().sha256
    for content in contents:
        check_count, last = check_count + 1, hash_of(content)
        yield content
    head = AuditHead(format=HEAD_FORMAT, count=check_count, sha256=last, at=at)
    content = canonical_bytes(to_json(head))
    jws = ""
    if private is not None:
        key = private_key(private)
        jws = typed_jws(content, key, key_id(key.public_key()), typ=JWS_TYPE)
    yield canonical_bytes({"head": to_json(head), "jws": jws})


def split_lines(lines: Iterable[bytes]) -> tuple[tuple[bytes, ...], SignedHead]:
    """Return the entries and the head of a file. Raises ``AuditError`` if it has no head as its last line."""
    found = [line.rstrip(b"\r\n") for line in lines]
    if not found or not found[-1].startswith(_HEAD_START):
        raise AuditError("the file does not end with the head of the log: it is incomplete or another file")
    return tuple(found[:-1]), _signed_head(found[-1])


def head_problem(signed: SignedHead, keys: KeySet) -> str:
    """Why the signature of a head is not trusted; empty if it is."""
    if not signed.jws:
        return "the head is not signed: the file was exported without --key"
    named = key_id_of(signed.jws, typ=JWS_TYPE)
    if named is None:
        return "the signature of the head is not a JWS of an audit head"
    published = keys.key(named)
    if published is None:
        return f"the head is signed by key {named}, and the published keys are {keys.key_ids}"
    if typed_content(signed.jws, published.key) != canonical_bytes(to_json(signed.head)):
        return f"the signature is not by key {named} over this head"
    return published.problem(signed.head.at)


def _signed_head(line: bytes) -> SignedHead:
    try:
        return from_json(SignedHead, decode_json(line, EXACT_LIMITS), where="head line")
    except (StrictJsonError, StatementError) as error:
        raise AuditError(f"the last line is not the head of an audit log: {error}") from error
