"""Adds an entry to a stored dispute, and reads the amounts that a user enters."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

import click

from partnergate.cli.clock import now
from partnergate.errors import StatementError, UsageError

if TYPE_CHECKING:
    from partnergate.cli.statement.access import StatementAccess, Where
    from partnergate.statements.disputes import Dispute, EntryKind


def add_entry(
    where: Where, dispute: str, kind: EntryKind, *, name: str, message: str, amount: str | None = None
) -> None:
    """Store the next entry of a dispute; raises ``StatementError`` for an unknown one or a wrong step."""
    from dataclasses import replace

    from partnergate.cli.audit.identity import current_actor
    from partnergate.cli.statement.access import open_statements
    from partnergate.statements.account import follows
    from partnergate.statements.disputes import DisputeEntry, entered_name, next_entry
    from partnergate.store.statements.disputes import StoredDisputes

    with open_statements(where) as access:
        stored = StoredDisputes(access.store, where.environment)
        document = access.statements.document(dispute.rpartition("-d")[0])
        known = stored.of_partner(document.statement.partner) if document else ()
        found = next((d for d in known if d.id == dispute), None)
        if found is None or document is None:
            raise StatementError("no such dispute", target=dispute)
        billed, credited = _billed(access, found, known)
        currency = document.statement.currency
        entry = next_entry(
            found,
            DisputeEntry(
                at=now(),
                kind=kind,
                name=entered_name(name),
                words=message,
                amount=decimal_amount(amount),
            ),
            currency=currency,
            billed=billed,
            credited=credited,
        )
        stored.append(replace(found, entries=(*found.entries, entry)), by=current_actor())
        has_no_statement = amount is not None and not follows(access.account(found.partner), currency)
    click.echo(f"dispute {dispute}: {kind.value}")
    if has_no_statement:
        click.echo(
            f"note: no statement in {currency} follows, so no statement will carry this credit", err=True
        )


def _billed(access: StatementAccess, dispute: Dispute, known: tuple[Dispute, ...]) -> tuple[Decimal, Decimal]:
    """The amount of the disputed line, and the sum that earlier disputes credited on it."""
    from partnergate.statements.disputes import credited_so_far

    document = access.statements.document(dispute.statement)
    billed = document.statement.lines[dispute.line - 1].amount if document else Decimal(0)
    return billed, credited_so_far(dispute, known)


def decimal_amount(text: str | None) -> Decimal | None:
    """The amount as a number; raises ``UsageError`` for anything else."""
    if text is None:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise UsageError(f'"{text}" is not an amount')
    return amount
