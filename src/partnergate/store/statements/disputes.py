"""Disputes in the database: entries are appended, never changed."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import exc

from partnergate.audit.entry import AuditEvent, Deed, details_of
from partnergate.errors import StatementError
from partnergate.model.decimals import decimal_text
from partnergate.model.instants import from_us, to_us
from partnergate.statements.disputes import Dispute, DisputeEntry, EntryKind
from partnergate.statements.finalize import live_statements
from partnergate.statements.ports import PendingCredit
from partnergate.store.audit.log import record_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from partnergate.audit.actor import Actor
    from partnergate.statements.statement import Statement
    from partnergate.store.database.engine import Store

_DEEDS = {
    EntryKind.OPENED: Deed.DISPUTED,
    EntryKind.ANSWERED: Deed.ANSWERED,
    EntryKind.CREDITED: Deed.CREDITED,
    EntryKind.REJECTED: Deed.REJECTED,
}
_READ = sa.text(
    "SELECT dispute, at_us, kind, partner, statement, line, name, words, amount FROM statement_disputes "
    "WHERE environment = :environment AND partner = :partner ORDER BY dispute, entry"
)
_INSERT = sa.text(
    "INSERT INTO statement_disputes (environment, dispute, entry, at_us, kind, partner, statement, line, "
    "name, words, amount) VALUES (:environment, :dispute, :entry, :at_us, :kind, :partner, :statement, "
    ":line, :name, :words, :amount)"
)


class StoredDisputes:
    """The disputes of one environment."""

    def __init__(self, store: Store, environment: str) -> None:
        self._store = store
        self._environment = environment

    def of_partner(self, partner: str) -> tuple[Dispute, ...]:
        """Return all disputes of a partner, in the order of their IDs."""
        with self._store.read() as connection:
            return disputes_of(connection, self._environment, partner)

    def append(self, dispute: Dispute, *, by: Actor) -> None:
        """Store the last entry of a dispute, and record who added it.

        Raises ``StatementError`` if another entry was added meanwhile.
        """
        entry = dispute.entries[-1]
        with self._store.write(lock=f"disputes {self._environment}") as connection:
            known = {d.id: d for d in disputes_of(connection, self._environment, dispute.partner)}
            before = known[dispute.id].entries if dispute.id in known else ()
            if before != dispute.entries[:-1]:
                raise _changed_meanwhile(dispute)
            try:
                connection.execute(
                    _INSERT,
                    {
                        "environment": self._environment,
                        "dispute": dispute.id,
                        "entry": len(dispute.entries),
                        "at_us": to_us(entry.at),
                        "kind": entry.kind.value,
                        "partner": dispute.partner,
                        "statement": dispute.statement,
                        "line": dispute.line,
                        "name": entry.name,
                        "words": entry.words,
                        "amount": None if entry.amount is None else decimal_text(entry.amount),
                    },
                )
            except exc.IntegrityError as error:
                raise _changed_meanwhile(dispute) from error
            record_in(connection, _deed(dispute, self._environment, by))


def _deed(dispute: Dispute, environment: str, by: Actor) -> AuditEvent:
    entry = dispute.entries[-1]
    return AuditEvent(
        at=entry.at,
        environment=environment,
        deed=_DEEDS[entry.kind],
        actor=by,
        target=dispute.id,
        key=f"dispute {environment} {dispute.id} {len(dispute.entries)}",
        details=details_of(
            partner=dispute.partner,
            statement=dispute.statement,
            line=dispute.line,
            amount=None if entry.amount is None else format(entry.amount, "f"),
        ),
    )


def _changed_meanwhile(dispute: Dispute) -> StatementError:
    return StatementError(
        "another entry was added to the dispute in the meantime",
        target=dispute.id,
        advice="review the dispute, then add the entry again",
    )


def disputes_of(connection: Connection, environment: str, partner: str) -> tuple[Dispute, ...]:
    """The disputes of one partner."""
    found: dict[str, list[Any]] = {}
    for row in connection.execute(_READ, {"environment": environment, "partner": partner}):
        found.setdefault(row.dispute, []).append(row)
    return tuple(_dispute(rows) for rows in found.values())


def pending_credits(
    connection: Connection, environment: str, partner: str, chain: Sequence[Statement]
) -> tuple[PendingCredit, ...]:
    """Disputes that ended in a credit which no live statement carries."""
    live = live_statements(chain)
    carried = {x.corrects.dispute for s in live for x in s.lines if x.corrects is not None}
    disputes = disputes_of(connection, environment, partner)
    waiting = [d for d in disputes if d.state is EntryKind.CREDITED and d.id not in carried]
    return tuple(_credit(d) for d in sorted(waiting, key=lambda d: (d.entries[-1].at, d.id)))


def _credit(dispute: Dispute) -> PendingCredit:
    last = dispute.entries[-1]
    return PendingCredit(
        dispute=dispute.id,
        statement=dispute.statement,
        line=dispute.line,
        amount=last.amount or Decimal(0),
        reason=last.words,
    )


def _dispute(rows: Iterable[Any]) -> Dispute:
    listed = list(rows)
    first = listed[0]
    return Dispute(
        id=first.dispute,
        partner=first.partner,
        statement=first.statement,
        line=first.line,
        entries=tuple(
            DisputeEntry(
                at=from_us(r.at_us),
                kind=EntryKind(r.kind),
                name=r.name,
                words=r.words,
                amount=None if r.amount is None else Decimal(r.amount),
            )
            for r in listed
        ),
    )
