"""What the statement commands share: files, store, accounts, and how ``--period`` selects a period."""

from __future__ import annotations

import os
import re
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, Final

import click

from partnergate.cli.options import environment_option, root_option, store_option
from partnergate.cli.partners import partner_named
from partnergate.errors import InvalidInputError, StatementError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path, PurePosixPath

    from partnergate.model.workspace import Workspace
    from partnergate.pricing.timeline import BillingPeriod
    from partnergate.statements.account import Account
    from partnergate.statements.document import SealedStatement
    from partnergate.statements.lifecycle import StatementStatus
    from partnergate.store.database.engine import Store
    from partnergate.store.statements.facts import StoredFacts
    from partnergate.store.statements.finalized import StoredStatements

_MONTH = re.compile(r"(\d{4})-(\d{2})")


def store_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every command on stored statements, as the argument ``where``."""

    @store_option()
    @environment_option()
    @root_option
    @wraps(function)
    def wrapped(*args: Any, store: str, environment: str, root: Path, **kwargs: Any) -> Any:
        return function(*args, where=Where(store=store, environment=environment, root=root), **kwargs)

    return wrapped


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """The store, environment and workspace of a command."""

    store: str
    environment: str
    root: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementAccess:
    """An open store and the files of one environment."""

    environment: str
    workspace: Workspace
    store: Store
    facts: StoredFacts
    statements: StoredStatements

    def account(self, partner: str) -> Account:
        """One partner with its finalized documents; raises ``UsageError`` for an unknown partner."""
        from partnergate.statements.account import Account

        return Account(
            partner=partner_named(self.workspace, partner),
            chain=self.statements.chain(partner),
            credits=self.statements.pending_credits(partner),
        )

    def recorded_account(self, account: Account) -> Account:
        """The account with the terms that the service recorded last, or the file's if it never ran."""
        from dataclasses import replace

        from partnergate.store.usage.ledger import StoredUsage

        known = StoredUsage(self.store).partners(self.workspace.realm.realm).get(account.partner.partner)
        return account if known is None else replace(account, partner=known)

    def billed_partners(self) -> tuple[str, ...]:
        """Every partner with an agreement."""
        return tuple(p.partner for p in self.workspace.partners if p.agreements)


@contextmanager
def open_statements(where: Where) -> Iterator[StatementAccess]:
    """Load the files and open the store; a context manager."""
    from partnergate.store.database.opening import open_existing_store
    from partnergate.store.statements.facts import StoredFacts
    from partnergate.store.statements.finalized import StoredStatements

    workspace = load_files(where)
    with open_existing_store(where.store) as store:
        yield StatementAccess(
            environment=where.environment,
            workspace=workspace,
            store=store,
            facts=StoredFacts(store, workspace.realm.realm),
            statements=StoredStatements(store, where.environment),
        )


def partners_named(access: StatementAccess, partner: str | None, *, every: bool) -> tuple[str, ...]:
    """The partner of a command, or with ``--all`` every partner with an agreement."""
    if (partner is None) == (not every):
        raise UsageError("pass one PARTNER, or --all")
    return access.billed_partners() if every else (str(partner),)


def load_files(where: Where) -> Workspace:
    """The files of one environment, each with the commit that last changed it.

    Raises ``UsageError`` outside a workspace, and ``InvalidInputError`` for files with errors.
    """
    from partnergate.cli.workspace import require_workspace
    from partnergate.diagnostics import has_errors
    from partnergate.language.load import load_workspace

    workspace, found = load_workspace(
        where.root, where.environment, variables=os.environ, commit_of=commits_of(where.root)
    )
    if workspace is None:
        require_workspace(where.root)
    if workspace is None or has_errors(found):
        raise InvalidInputError(found)
    return workspace


_GIT: Final = ("git", "-c", "safe.bareRepository=explicit", "-c", "core.fsmonitor=false")
"""Git without the settings of a repository that files of a pull request form, which can run commands."""


def commits_of(root: Path) -> Callable[[PurePosixPath], str]:
    """The commit that last changed a file; empty for a modified file or without a Git history."""
    ask = partial(subprocess.run, cwd=root, capture_output=True, text=True, check=False)
    try:
        changed = ask([*_GIT, "status", "--porcelain", "--", "partners", "realm_templates"])
        log = ask(
            [
                *_GIT,
                "log",
                "--relative",
                "--format=commit %H",
                "--name-only",
                "--",
                "partners",
                "realm_templates",
            ]
        )
    except OSError:
        return lambda _path: ""
    if changed.returncode or log.returncode:
        return lambda _path: ""
    dirty = {line[3:].strip('"').rpartition(" -> ")[2] for line in changed.stdout.splitlines()}
    found: dict[str, str] = {}
    commit = ""
    for line in log.stdout.splitlines():
        if line.startswith("commit "):
            commit = line.removeprefix("commit ")
        elif line:
            found.setdefault(line, commit)
    return lambda path: "" if any(d.endswith(str(path)) for d in dirty) else found.get(str(path), "")


def chosen_period(account: Account, period: str | None, now: datetime) -> BillingPeriod:
    """The period for ``--period``: a month (2026-10), a day in it (2026-10-15), or the next one for none."""
    from partnergate.model.days import first_instant
    from partnergate.statements.account import next_period, period_at

    if not account.partner.agreements:
        raise StatementError("the partner has no agreement", target=account.partner.partner)
    if period is None:
        found = next_period(account)
        if found is None:
            raise StatementError(
                "every period is finalized and the agreement has ended",
                target=account.partner.partner,
                advice="pass --period; statement rerate shows what late records change",
            )
        return period_at(account, now) if found.start > now else found
    from partnergate.model.days import FIRST_DAY, LAST_DAY

    zone = account.partner.agreements[0].time_zone
    match = _MONTH.fullmatch(period)
    day = date(int(match[1]), int(match[2]), 1) if match and 1 <= int(match[2]) <= 12 else _day(period)  # noqa: PLR2004
    if not FIRST_DAY <= day <= LAST_DAY:
        raise UsageError(f'"{period}" is not between {FIRST_DAY} and {LAST_DAY}')
    return period_at(account, first_instant(day, zone))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f'"{text}" is not a period', advice="pass a month such as 2026-10, or a day in it"
        ) from error


def terminal_width() -> int:
    """Columns for output: at least 60, and 80 without a terminal."""
    import shutil

    return max(60, shutil.get_terminal_size((80, 24)).columns)


def warn_touched(account: Account) -> bool:
    """Whether the file changes a finalized period; prints each place as a warning."""
    from partnergate.statements.finalized_terms import touched

    found = touched(account)
    for one in found:
        click.echo(f"{one.place}: {one.words()}", err=True)
    if found:
        click.echo(
            "  try: restore that version, and add one that begins after the finalized periods", err=True
        )
    return bool(found)


def warn_left_over(access: StatementAccess, account: Account) -> bool:
    """Whether billable records have no statement to appear on; prints what to do as a warning."""
    from partnergate.statements.leftovers import left_over

    found = [words for one in left_over(access.facts, account) for words in one.words()]
    for words in found:
        click.echo(f"{account.partner.partner}: {words}", err=True)
    return bool(found)


def standing_of(account: Account, document: SealedStatement) -> StatementStatus:
    """The state of a finalized document: final, or void."""
    from partnergate.statements.lifecycle import State, StatementStatus
    from partnergate.statements.statement import DocumentKind

    statement = document.statement
    live = {s.number for s in account.live}
    void = statement.kind is DocumentKind.STATEMENT and statement.number not in live
    return StatementStatus(
        state=State.VOID if void else State.FINALIZED,
        final_from=statement.final.at if statement.final else statement.period.end,
        grace_over=True,
        incomplete=statement.incomplete,
    )
