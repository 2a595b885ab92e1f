"""``partnergate statement finalize``: seals a statement, which then never changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from partnergate.cli.clock import now
from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import MONTH_OR_DAY
from partnergate.cli.statement.access import store_options

if TYPE_CHECKING:
    from datetime import datetime

    from partnergate.cli.statement.access import StatementAccess, Where
    from partnergate.statements.lifecycle import IncompleteConsent

KEY = "PARTNERGATE_STATEMENT_KEY"
key_option = click.option(
    "--key",
    envvar=KEY,
    show_envvar=True,
    required=True,
    type=click.Path(exists=True, dir_okay=False),
    help="Private key file from statement keygen.",
)


@click.command(name="finalize", cls=Command)
@click.argument("partner", required=False)
@click.option(
    "--all",
    "every",
    is_flag=True,
    help="Finalize the next statement of every partner where that is possible.",
)
@click.option(
    "--period", metavar=MONTH_OR_DAY, help="Period: 2026-10, or a day in it; it must be the next one."
)
@click.option(
    "--incomplete-by", metavar="NAME", help="Name of the person who accepts an incomplete statement."
)
@click.option(
    "--incomplete-reason", metavar="TEXT", help="Reason; name and reason become part of the statement."
)
@key_option
@store_options
def command(
    partner: str | None,
    *,
    every: bool,
    period: str | None,
    incomplete_by: str | None,
    incomplete_reason: str | None,
    key: str,
    where: Where,
) -> int:
    """Finalize and seal the next statement of PARTNER.

    Four conditions apply: the period has ended, its grace period is over, events were read past its
    end without a gap, and the statement before it is finalized. Only an incomplete statement can be
    accepted, with --incomplete-by and --incomplete-reason. Exits with 8 when a statement is refused.
    """
    from partnergate.cli.statement.access import open_statements, partners_named
    from partnergate.cli.statement.key_files import sealing_key
    from partnergate.errors import RatingError, StatementError, UsageError
    from partnergate.statements.lifecycle import IncompleteConsent

    if (incomplete_by is None) != (incomplete_reason is None):
        raise UsageError("pass --incomplete-by and --incomplete-reason together")
    consent = IncompleteConsent(name=incomplete_by, reason=incomplete_reason or "") if incomplete_by else None
    at, refused, failed = now(), 0, 0
    private = sealing_key(key, at)
    with open_statements(where) as access:
        for name in partners_named(access, partner, every=every):
            if every and period is None and _is_over(access, name):
                continue
            try:
                refused += not _finalize(access, name, period, at, private=private, consent=consent)
            except (StatementError, RatingError) as error:
                if not every:
                    raise
                failed += 1
                click.echo(f"{name} is not finalized: {error.diagnostics()}", err=True)
    return ExitCode.INCOMPLETE if failed or (refused and not every) else ExitCode.OK


def _is_over(access: StatementAccess, partner: str) -> bool:
    """Whether no statement is left to finalize; warns of records that no statement will bill."""
    from partnergate.cli.statement.access import warn_left_over
    from partnergate.statements.account import next_period

    account = access.account(partner)
    if next_period(account) is not None:
        return False
    warn_left_over(access, account)
    return True


def _finalize(
    access: StatementAccess,
    partner: str,
    period: str | None,
    at: datetime,
    *,
    private: bytes,
    consent: IncompleteConsent | None,
) -> bool:
    from partnergate.cli.audit.identity import current_actor
    from partnergate.cli.statement.access import chosen_period, warn_touched
    from partnergate.statements.document import seal_statement
    from partnergate.statements.draft import draft
    from partnergate.statements.finalize import with_place
    from partnergate.statements.lifecycle import Finalize, decide_finalize, describe_incomplete

    account = access.account(partner)
    if warn_touched(account):
        click.echo(f"no statement of {partner} is finalized", err=True)
        return False
    drafted = draft(access.facts, account, chosen_period(account, period, at), now=at)
    statement = drafted.statement
    decision = decide_finalize(drafted.standing, earlier_final=drafted.earlier_final, consent=consent)
    if not isinstance(decision, Finalize):
        click.echo(f"{statement.number} is not finalized: {decision.words()}", err=True)
        for reason in decision.incomplete:
            click.echo(f"  {describe_incomplete(reason)}", err=True)
        return False
    document = seal_statement(
        with_place(statement, account.chain, at=at, override=decision.override), private
    )
    access.statements.append(document, by=current_actor())
    total = f"{statement.total} {statement.currency}"
    click.echo(f"{statement.number} is finalized: {total}, SHA-256 {document.seal.sha256}")
    return True
