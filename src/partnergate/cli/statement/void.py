"""``partnergate statement void``: voids a finalized statement with a credit note."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from partnergate.cli.command import Command
from partnergate.cli.statement.access import store_options
from partnergate.cli.statement.finalize import key_option

if TYPE_CHECKING:
    from partnergate.cli.statement.access import Where


@click.command(name="void", cls=Command)
@click.argument("number")
@click.option("--name", required=True, help="Name of the person who voids the statement.")
@click.option("--reason", required=True, help="Reason; printed on the credit note.")
@key_option
@store_options
def command(number: str, *, name: str, reason: str, key: str, where: Where) -> None:
    """Void the finalized statement NUMBER with a credit note.

    The statement does not change. A sealed credit note with the negated amounts of all its lines is
    added, and the period is open for a replacement.
    """
    from partnergate.cli.audit.identity import current_actor
    from partnergate.cli.clock import now
    from partnergate.cli.statement.access import open_statements
    from partnergate.cli.statement.key_files import sealing_key
    from partnergate.errors import StatementError
    from partnergate.statements.document import seal_statement
    from partnergate.statements.finalize import credit_note, with_place
    from partnergate.statements.lifecycle import Allowed, State, decide_void
    from partnergate.statements.statement import DocumentKind

    at = now()
    private = sealing_key(key, at)
    with open_statements(where) as access:
        document = access.statements.document(number)
        if document is None or document.statement.kind is not DocumentKind.STATEMENT:
            raise StatementError("no finalized statement has that number", target=number)
        account = access.account(document.statement.partner)
        state = State.FINALIZED if number in {s.number for s in account.live} else State.VOID
        decision = decide_void(state)
        if not isinstance(decision, Allowed):
            raise StatementError(f"cannot void the statement: {decision.words()}", target=number)
        note = credit_note(
            document.statement,
            document.seal.sha256,
            tuple(d.statement for d in account.chain),
            at=at,
            name=name,
            reason=reason,
        )
        sealed = seal_statement(with_place(note, account.chain, at=at, override=None), private)
        access.statements.append(sealed, by=current_actor())
    click.echo(f"{number} is void: credit note {note.number}, {note.total} {note.currency}")
    for credit in account.credits:
        if credit.statement == number:
            click.echo(
                f"note: this also voids the credit of {credit.amount} {note.currency} from dispute "
                f"{credit.dispute}; if the credit is still due, dispute the line again on the replacement",
                err=True,
            )
