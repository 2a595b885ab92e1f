"""A statement as a file: the statement, and its seal when it is final."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from partnergate.canonical_json import NotCanonicalError, canonical_bytes
from partnergate.errors import StatementError
from partnergate.safe_text import json_text
from partnergate.statements.seal import Seal, sealed
from partnergate.statements.statement import FORMAT, Statement
from partnergate.statements.typed_json import from_json, sha256_hex, to_json
from partnergate.strict_json import EXACT_LIMITS, StrictJsonError, decode_json

FIRST = "0" * 64
"""The hash of the previous document in the first document of a chain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedStatement:
    """A finalized document."""

    statement: Statement
    content: bytes
    """The canonical bytes under the seal; never regenerated from the values."""
    seal: Seal


def content_of(statement: Statement) -> bytes:
    """Return the canonical bytes of a statement."""
    return canonical_bytes(to_json(statement))


def seal_statement(statement: Statement, private: bytes) -> SealedStatement:
    """Return the statement with its seal. The statement must have a place in the chain."""
    if statement.final is None:
        raise StatementError("only a finalized statement can be sealed", target=statement.number)
    content = content_of(statement)
    return SealedStatement(statement=statement, content=content, seal=sealed(content, private))


def statement_file(statement: Statement, seal: Seal | None) -> bytes:
    """Return the statement file for the partner: indented JSON with the seal, if there is one."""
    whole: dict[str, Any] = {"statement": to_json(statement)}
    if seal is not None:
        whole["seal"] = to_json(seal)
    return (json_text(whole, sort_keys=True) + "\n").encode()


def read_statement_file(content: bytes) -> tuple[Statement, Seal | None, bytes]:
    """Return the statement of a file, its seal, and the canonical bytes of the file's content."""
    try:
        whole = decode_json(content, EXACT_LIMITS)
    except StrictJsonError as error:
        raise StatementError(f"the file is not a valid statement: {error}") from error
    if not isinstance(whole, dict) or not isinstance(whole.get("statement"), dict):
        raise StatementError("the file does not contain a statement")
    for key in sorted(whole.keys() - {"statement", "seal"}):
        raise StatementError(f"{key} is not a key of a statement file")
    declared = whole["statement"].get("format")
    if declared != FORMAT:
        raise StatementError(
            f"the statement is in the format {declared}, which this version does not read",
            advice=f"this version reads {FORMAT}",
        )
    statement = from_json(Statement, whole["statement"], where="statement")
    seal = whole.get("seal")
    if isinstance(seal, dict):
        seal.setdefault("jws", "")  # seals of earlier versions have none
    try:
        canonical = canonical_bytes(whole["statement"])
    except NotCanonicalError as error:
        raise StatementError(f"the statement has no canonical form: {error}") from error
    return statement, None if seal is None else from_json(Seal, seal, where="seal"), canonical


def statement_of(content: bytes) -> Statement:
    """Return the statement that canonical bytes represent."""
    return from_json(Statement, json.loads(content), where="statement")


def hash_of(content: bytes) -> str:
    """Return the hash by which the next document of the chain refers to this one."""
    return sha256_hex(content)
