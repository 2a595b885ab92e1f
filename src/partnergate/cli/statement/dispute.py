"""``partnergate statement dispute``: objections to lines, answered, ending in a credit or a rejection."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import click

from partnergate.cli.statement.access import store_options

if TYPE_CHECKING:
    from partnergate.cli.statement.access import StatementAccess, Where
    from partnergate.statements.disputes import Dispute, EntryKind


@click.group(name="dispute")
def command() -> None:
    """Objections to lines of final statements."""


@command.command(name="open")
@click.argument("number")
@click.argument("line", type=int)
@click.option("--name", required=True, help="Who objects.")
@click.option("--words", required=True, help="To what, and why.")
@click.option("--amount", help="The disputed amount, where it is known.")
@store_options
def open_command(number: str, line: int, *, name: str, words: str, amount: str | None, where: Where) -> None:
    """Record an objection to line LINE of the final statement NUMBER."""
    from partnergate.cli.statement.access import now, open_statements
    from partnergate.errors import StatementError
    from partnergate.statements.disputes import DisputeEntry, EntryKind, opened
    from partnergate.store.statements.disputes import StoredDisputes

    with open_statements(where) as access:
        document = access.statements.document(number)
        if document is None:
            raise StatementError("there is no final statement of that number", target=number)
        kept = StoredDisputes(access.store, where.environment)
        entry = DisputeEntry(at=now(), kind=EntryKind.OPENED, name=name, words=words, amount=_amount(amount))
        dispute = opened(document.statement, line, entry, kept.of_partner(document.statement.partner))
        kept.append(dispute)
    click.echo(f"dispute {dispute.id} is open")


@command.command(name="answer")
@click.argument("dispute")
@click.option("--name", required=True, help="Who answers.")
@click.option("--words", required=True, help="What.")
@store_options
def answer_command(dispute: str, *, name: str, words: str, where: Where) -> None:
    """Answer without ending DISPUTE."""
    from partnergate.statements.disputes import EntryKind

    _say(where, dispute, EntryKind.ANSWERED, name=name, words=words)


@command.command(name="credit")
@click.argument("dispute")
@click.option("--name", required=True, help="Who decides.")
@click.option("--words", required=True, help="Why; it is printed beside the credit.")
@click.option("--amount", required=True, help="What is given back, on the next statement.")
@store_options
def credit_command(dispute: str, *, name: str, words: str, amount: str, where: Where) -> None:
    """End DISPUTE by a credit on the next statement."""
    from partnergate.statements.disputes import EntryKind

    _say(where, dispute, EntryKind.CREDITED, name=name, words=words, amount=amount)


@command.command(name="reject")
@click.argument("dispute")
@click.option("--name", required=True, help="Who decides.")
@click.option("--words", required=True, help="The reason.")
@store_options
def reject_command(dispute: str, *, name: str, words: str, where: Where) -> None:
    """End DISPUTE without a credit."""
    from partnergate.statements.disputes import EntryKind

    _say(where, dispute, EntryKind.REJECTED, name=name, words=words)


@command.command(name="list")
@click.argument("partner")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@store_options
def list_command(partner: str, *, as_json: bool, where: Where) -> None:
    """List what was said about the statements of PARTNER."""
    from partnergate.cli.statement.access import open_statements
    from partnergate.rendering.plain_text import plain
    from partnergate.statements.canonical import to_json
    from partnergate.store.statements.disputes import StoredDisputes

    with open_statements(where) as access:
        found = StoredDisputes(access.store, where.environment).of_partner(partner)
    if as_json:
        value: list[Any] = [to_json(d) for d in found]
        click.echo(json.dumps(value, indent=2, ensure_ascii=False))
        return
    for dispute in found:
        click.echo(f"{dispute.id}: {dispute.statement} line {dispute.line}, {dispute.state.value}")
        for entry in dispute.entries:
            amount = f" {entry.amount}" if entry.amount is not None else ""
            # Both come from the partner's own form.
            name, words = (plain(" ".join(text.split())) for text in (entry.name, entry.words))
            click.echo(f"  {entry.at:%Y-%m-%d %H:%M} {entry.kind.value}{amount} by {name}: {words}")
    if not found:
        click.echo("no disputes")


def _say(
    where: Where, dispute: str, kind: EntryKind, *, name: str, words: str, amount: str | None = None
) -> None:
    from dataclasses import replace

    from partnergate.cli.statement.access import now, open_statements
    from partnergate.errors import StatementError
    from partnergate.statements.account import follows
    from partnergate.statements.disputes import DisputeEntry, next_entry
    from partnergate.store.statements.disputes import StoredDisputes

    with open_statements(where) as access:
        kept = StoredDisputes(access.store, where.environment)
        number = dispute.rpartition("-d")[0]
        document = access.statements.document(number)
        known = kept.of_partner(document.statement.partner) if document else ()
        found = next((d for d in known if d.id == dispute), None)
        if found is None or document is None:
            raise StatementError("there is no such dispute", target=dispute)
        billed, credited = _billed(access, found, known)
        entry = next_entry(
            found,
            DisputeEntry(at=now(), kind=kind, name=name, words=words, amount=_amount(amount)),
            currency=document.statement.currency,
            billed=billed,
            credited=credited,
        )
        kept.append(replace(found, entries=(*found.entries, entry)))
        currency = document.statement.currency
        homeless = amount is not None and not follows(access.account(found.partner), currency)
    click.echo(f"dispute {dispute}: {kind.value}")
    if homeless:
        click.echo(f"note: no statement in {currency} follows, so none will carry this credit", err=True)


def _billed(access: StatementAccess, dispute: Dispute, known: tuple[Dispute, ...]) -> tuple[Decimal, Decimal]:
    """What the line billed, and what earlier disputes already gave back of it."""
    from partnergate.statements.disputes import credited_so_far

    document = access.statements.document(dispute.statement)
    billed = document.statement.lines[dispute.line - 1].amount if document else Decimal(0)
    return billed, credited_so_far(dispute, known)


def _amount(text: str | None) -> Decimal | None:
    from partnergate.errors import UsageError

    if text is None:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise UsageError(f'"{text}" is not an amount')
    return amount
