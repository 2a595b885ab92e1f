"""Finalized statements in the database: appended and read, never changed.

The content is stored as the canonical bytes under the seal. Triggers reject every change, and the hash
chain reveals a change that bypassed them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import exc

from partnergate.audit.entry import AuditEvent, Deed, details_of
from partnergate.errors import StatementError, StoreError
from partnergate.model.instants import to_us
from partnergate.statements.document import SealedStatement, statement_of
from partnergate.statements.seal import Seal
from partnergate.statements.statement import DocumentKind
from partnergate.statements.typed_json import sha256_hex
from partnergate.store.audit.log import record_in
from partnergate.store.statements.disputes import pending_credits

if TYPE_CHECKING:
    from partnergate.audit.actor import Actor
    from partnergate.statements.ports import PendingCredit
    from partnergate.store.database.engine import Store

_CHAIN = sa.text(
    "SELECT content, sha256, algorithm, key_id, signature, jws FROM statement_documents "
    "WHERE environment = :environment AND partner = :partner ORDER BY sequence"
)
_BY_NUMBER = sa.text(
    "SELECT content, sha256, algorithm, key_id, signature, jws FROM statement_documents "
    "WHERE environment = :environment AND number = :number"
)
_PARTNERS = sa.text(
    "SELECT DISTINCT partner FROM statement_documents WHERE environment = :environment ORDER BY partner"
)
_LAST = sa.text(
    "SELECT sequence, sha256 FROM statement_documents "
    "WHERE environment = :environment AND partner = :partner ORDER BY sequence DESC LIMIT 1"
)
_INSERT = sa.text(
    "INSERT INTO statement_documents (environment, partner, sequence, number, kind, period_start_us, "
    "period_end_us, previous, sha256, algorithm, key_id, signature, jws, content) VALUES (:environment, "
    ":partner, :sequence, :number, :kind, :period_start_us, :period_end_us, :previous, :sha256, "
    ":algorithm, :key_id, :signature, :jws, :content)"
)


class StoredStatements:
    """The finalized documents of one environment."""

    def __init__(self, store: Store, environment: str) -> None:
        self._store = store
        self._environment = environment

    def chain(self, partner: str) -> tuple[SealedStatement, ...]:
        """All documents of the partner, in the order of their sequence."""
        with self._store.read() as connection:
            rows = connection.execute(_CHAIN, {"environment": self._environment, "partner": partner})
            return tuple(_document(row) for row in rows)

    def document(self, number: str) -> SealedStatement | None:
        """Return the document with that number, or None."""
        with self._store.read() as connection:
            row = connection.execute(_BY_NUMBER, {"environment": self._environment, "number": number}).first()
        return None if row is None else _document(row)

    def partners(self) -> tuple[str, ...]:
        """Return every partner with a finalized statement in the environment."""
        with self._store.read() as connection:
            return tuple(connection.execute(_PARTNERS, {"environment": self._environment}).scalars())

    def pending_credits(self, partner: str) -> tuple[PendingCredit, ...]:
        """Credits of disputes that no live statement carries, oldest first."""
        chain = tuple(d.statement for d in self.chain(partner))
        with self._store.read() as connection:
            return pending_credits(connection, self._environment, partner, chain)

    def append(self, document: SealedStatement, *, by: Actor) -> None:
        """Store a document at the end of the partner's chain, and record who finalized or voided it."""
        statement, final = document.statement, document.statement.final
        if final is None:
            raise StatementError("only a finalized document can be stored", target=statement.number)
        if statement.environment != self._environment:
            raise StatementError("the document belongs to another environment", target=statement.number)
        with self._store.write(lock=f"statements {self._environment} {statement.partner}") as connection:
            last = connection.execute(
                _LAST, {"environment": self._environment, "partner": statement.partner}
            ).first()
            expected = (1, "0" * 64) if last is None else (last.sequence + 1, last.sha256)
            if (final.sequence, final.previous) != expected:
                raise StatementError(
                    "another document of this partner was finalized meanwhile",
                    target=statement.number,
                    advice="review the statement again, then finalize it",
                )
            try:
                connection.execute(_INSERT, _row(document, self._environment))
            except exc.IntegrityError as error:
                raise StatementError("the statement is already finalized", target=statement.number) from error
            record_in(connection, _deed(document, by))


def _deed(document: SealedStatement, by: Actor) -> AuditEvent:
    statement, seal = document.statement, document.seal
    deed = Deed.FINALIZED if statement.kind is DocumentKind.STATEMENT else Deed.VOIDED
    override = statement.final.override if statement.final else None
    return AuditEvent(
        at=statement.final.at if statement.final else statement.period.end,
        environment=statement.environment,
        deed=deed,
        actor=by,
        target=statement.voids.statement if statement.voids else statement.number,
        key=f"{deed} {statement.environment} {statement.number} {seal.sha256}",
        details=details_of(
            partner=statement.partner,
            document=statement.number,
            total=f"{statement.total} {statement.currency}",
            sha256=seal.sha256,
            key_id=seal.key_id,
            reason=statement.voids.reason if statement.voids else None,
            incomplete_reason=override.reason if override else None,
        ),
    )


def _row(document: SealedStatement, environment: str) -> dict[str, Any]:
    statement, seal, final = document.statement, document.seal, document.statement.final
    return {
        "environment": environment,
        "partner": statement.partner,
        "sequence": final.sequence if final else 0,
        "number": statement.number,
        "kind": statement.kind.value,
        "period_start_us": to_us(statement.period.start),
        "period_end_us": to_us(statement.period.end),
        "previous": final.previous if final else "",
        "sha256": seal.sha256,
        "algorithm": seal.algorithm,
        "key_id": seal.key_id,
        "signature": seal.signature,
        "jws": seal.jws,
        "content": document.content.decode(),
    }


def _document(row: Any) -> SealedStatement:
    content = str(row.content).encode()
    if sha256_hex(content) != row.sha256:
        raise StoreError(
            "a finalized statement in the store differs from its seal",
            target=row.sha256,
            advice="restore it from a backup or from the partner's file",
        )
    return SealedStatement(
        statement=statement_of(content),
        content=content,
        seal=Seal(
            algorithm=row.algorithm,
            key_id=row.key_id,
            sha256=row.sha256,
            signature=row.signature,
            jws=row.jws,
        ),
    )
