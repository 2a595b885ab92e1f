"""What the statement commands share: the files, the store, the accounts, and how a person names a period."""

from __future__ import annotations

import os
import re
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial, wraps
from typing import TYPE_CHECKING, Any

import click

from partnergate.cli.options import root_option
from partnergate.errors import InvalidInputError, StatementError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path, PurePosixPath

    from partnergate.model.workspace import Workspace
    from partnergate.pricing import BillingPeriod
    from partnergate.statements.account import Account
    from partnergate.statements.document import SealedStatement
    from partnergate.statements.lifecycle import Standing
    from partnergate.store.database.engine import Store
    from partnergate.store.statements.facts import StoredFacts
    from partnergate.store.statements.finalized import StoredStatements

STORE = "PARTNERGATE_STORE"
_MONTH = re.compile(r"(\d{4})-(\d{2})")


def store_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options that every command on stored statements has."""

    @click.option("--store", envvar=STORE, required=True, metavar="URL", help=f"The store; or {STORE}.")
    @click.option("--environment", "-e", required=True, help="The environment.")
    @root_option
    @wraps(function)
    def wrapped(*args: Any, store: str, environment: str, root: Path, **kwargs: Any) -> Any:
        return function(*args, where=Where(store=store, environment=environment, root=root), **kwargs)

    return wrapped


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Which store, environment and workspace."""

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
        """One partner, with its final documents."""
        from partnergate.statements.account import Account

        spec = next((p for p in self.workspace.partners if p.partner == partner), None)
        if spec is None:
            known = ", ".join(p.partner for p in self.workspace.partners)
            raise UsageError(f"no partner is called {partner}", advice=f"partners: {known}")
        return Account(
            partner=spec,
            chain=self.statements.chain(partner),
            credits=self.statements.pending_credits(partner),
        )

    def recorded_account(self, account: Account) -> Account:
        """The account by the terms that the service recorded last; by the file's where it never ran."""
        from dataclasses import replace

        from partnergate.store.usage.ledger import StoredUsage

        known = StoredUsage(self.store).partners(self.workspace.realm.realm).get(account.partner.partner)
        return account if known is None else replace(account, partner=known)

    def billed_partners(self) -> tuple[str, ...]:
        """Every partner with an agreement."""
        return tuple(p.partner for p in self.workspace.partners if p.agreements)


@contextmanager
def open_statements(where: Where) -> Iterator[StatementAccess]:
    """Load the files and open the store."""
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


def load_files(where: Where) -> Workspace:
    """The files of one environment, each with the commit that last changed it."""
    from partnergate.diagnostics import has_errors
    from partnergate.language.load import load_workspace

    workspace, found = load_workspace(
        where.root, where.environment, variables=os.environ, commit_of=commits_of(where.root)
    )
    if workspace is None or has_errors(found):
        raise InvalidInputError(found)
    return workspace


def commits_of(root: Path) -> Callable[[PurePosixPath], str]:
    """Which commit last changed a file; empty where it differs from that, or where there is no history."""
    ask = partial(subprocess.run, cwd=root, capture_output=True, text=True, check=False)
    try:
        changed = ask(["git", "status", "--porcelain", "--", "partners", "realm_templates"])
        log = ask(
            [
                "git",
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
    """The period a person named: a month (2026-10), a day in it (2026-10-15), or none for the next one."""
    from partnergate.model.days import first_instant
    from partnergate.statements.account import next_period, period_at

    if not account.partner.agreements:
        raise StatementError("the partner has no agreement", target=account.partner.partner)
    if period is None:
        found = next_period(account)
        if found is None:
            raise StatementError(
                "every period is final and the agreement has ended",
                target=account.partner.partner,
                advice="name a period with --period; statement rerate shows what late facts change",
            )
        return period_at(account, now) if found.start > now else found
    zone = account.partner.agreements[0].time_zone
    match = _MONTH.fullmatch(period)
    day = date(int(match[1]), int(match[2]), 1) if match and 1 <= int(match[2]) <= 12 else _day(period)  # noqa: PLR2004
    return period_at(account, first_instant(day, zone))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f'"{text}" is not a period', advice="give a month, 2026-10, or a day in it"
        ) from error


def now() -> datetime:
    """The instant at which the command runs, asked once."""
    return datetime.now(UTC)


def terminal_width() -> int:
    """How wide output may be; 80 where nobody looks."""
    import shutil

    return max(60, shutil.get_terminal_size((80, 24)).columns)


def tell_touched(account: Account) -> bool:
    """Whether the file touches a final period; then it is said where."""
    from partnergate.statements.finalized_terms import touched

    found = touched(account)
    for one in found:
        click.echo(f"{one.place}: {one.words()}", err=True)
    if found:
        click.echo(
            "  try: leave that version as it was, and add one that begins after the final periods", err=True
        )
    return bool(found)


def tell_left_over(access: StatementAccess, account: Account) -> bool:
    """Whether something waits for a statement that will not come; then it is said what to do."""
    from partnergate.statements.leftovers import left_over

    found = [words for one in left_over(access.facts, account) for words in one.words()]
    for words in found:
        click.echo(f"{account.partner.partner}: {words}", err=True)
    return bool(found)


def standing_of(account: Account, document: SealedStatement) -> Standing:
    """Where a final document is in its life: final, or taken back."""
    from partnergate.statements.lifecycle import Standing, State
    from partnergate.statements.statement import DocumentKind

    statement = document.statement
    live = {s.number for s in account.live}
    void = statement.kind is DocumentKind.STATEMENT and statement.number not in live
    return Standing(
        state=State.VOID if void else State.FINAL,
        final_from=statement.final.at if statement.final else statement.period.end,
        grace_over=True,
        incomplete=statement.incomplete,
    )
