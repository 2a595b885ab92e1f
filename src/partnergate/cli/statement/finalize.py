"""``partnergate statement finalize``: seals a statement, which never changes afterwards."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import click

from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.statement.access import store_options

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from partnergate.cli.statement.access import StatementAccess, Where
    from partnergate.statements.lifecycle import IncompleteConsent

KEY = "PARTNERGATE_STATEMENT_KEY"
key_option = click.option(
    "--key",
    envvar=KEY,
    required=True,
    type=click.Path(exists=True, dir_okay=False),
    help=f"The private key made by keygen; or {KEY}.",
)


@click.command(name="finalize")
@click.argument("partner", required=False)
@click.option("--all", "everybody", is_flag=True, help="Every partner whose next statement can be finalized.")
@click.option("--period", metavar="MONTH|DAY", help="The period; it must be the next one.")
@click.option("--incomplete-by", metavar="NAME", help="Who finalizes an incomplete statement.")
@click.option("--incomplete-reason", metavar="REASON", help="Reason for it; the statement shows both.")
@key_option
@store_options
def command(
    partner: str | None,
    *,
    everybody: bool,
    period: str | None,
    incomplete_by: str | None,
    incomplete_reason: str | None,
    key: str,
    where: Where,
) -> int:
    """Seal the next statement of PARTNER.

    The period and its grace period must be over, the reader must have passed the end of the period
    without a gap, and the previous statement must be finalized. To finalize a statement that may miss
    records, pass --incomplete-by and --incomplete-reason.
    """
    from partnergate.cli.statement.access import now, open_statements
    from partnergate.errors import RatingError, StatementError, UsageError
    from partnergate.statements.lifecycle import IncompleteConsent

    if (partner is None) == (not everybody):
        raise UsageError("name one partner, or give --all")
    if (incomplete_by is None) != (incomplete_reason is None):
        raise UsageError("--incomplete-by and --incomplete-reason go together")
    consent = IncompleteConsent(name=incomplete_by, reason=incomplete_reason or "") if incomplete_by else None
    private = read_key(key)
    at, refused, failed = now(), 0, 0
    with open_statements(where) as access:
        for name in access.billed_partners() if everybody else (str(partner),):
            if everybody and period is None and _is_over(access, name):
                continue
            try:
                refused += not _finalize(access, name, period, at, private=private, consent=consent)
            except (StatementError, RatingError) as error:
                if not everybody:
                    raise
                failed += 1
                click.echo(f"{name} is not finalized: {error.diagnostics()}", err=True)
    return ExitCode.INCOMPLETE if failed or (refused and not everybody) else ExitCode.OK


def _is_over(access: StatementAccess, partner: str) -> bool:
    """Whether no period is left to finalize; also reports amounts that no statement will bill."""
    from partnergate.cli.statement.access import tell_left_over
    from partnergate.statements.account import next_period

    account = access.account(partner)
    if next_period(account) is not None:
        return False
    tell_left_over(access, account)
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
    from partnergate.cli.statement.access import chosen_period, tell_touched
    from partnergate.statements.document import seal_statement
    from partnergate.statements.draft import draft
    from partnergate.statements.finalize import with_place
    from partnergate.statements.lifecycle import Finalize, decide_finalize, describe_incomplete

    account = access.account(partner)
    if tell_touched(account):
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
    access.statements.append(document)
    click.echo(
        f"{statement.number} is finalized: {statement.total} {statement.currency}, "
        f"SHA-256 {document.seal.sha256}"
    )
    return True


def read_key(path: str | Path) -> bytes:
    """The private key; refused when others may read it."""
    from partnergate.errors import SecretError

    mode = stat.S_IMODE(os.stat(path).st_mode)  # noqa: PTH116
    if mode & 0o077:
        raise SecretError(
            "others may read the private key", target=str(path), advice=f"chmod 600 {path}, or make a new one"
        )
    with open(path, "rb") as opened:  # noqa: PTH123
        return opened.read()
