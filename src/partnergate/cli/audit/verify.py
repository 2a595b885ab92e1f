"""``partnergate audit verify``: checks the chain of the store, of an exported file, or of both."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import format_option, store_option
from partnergate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.audit.chain import AuditHead
    from partnergate.statements.key_set import KeySet

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(name="verify", cls=Command)
@click.argument("file", required=False, type=_FILE)
@store_option(required=False, description="Store URL; without it, only FILE is checked.")
@click.option("--keys", type=_FILE, help="Published key set, or public key file, of the head's signature.")
@format_option("text", "json")
def command(file: Path | None, *, store: str | None, keys: Path | None, kind: str) -> int:
    """Check that no entry of the audit log was changed, removed or added.

    With FILE, an earlier export, check the file too, and that the store still contains all of its
    entries. Without FILE, entries that were removed at the end are not detected. Exits with 1 when a
    check fails.
    """
    from partnergate.cli.statement.key_files import keys_of
    from partnergate.safe_text import json_text, plain

    if file is None and store is None:
        raise UsageError("nothing to check: pass FILE, or --store or PARTNERGATE_STORE")
    checks: list[tuple[str, list[str]]] = []
    head = None
    if file is not None:
        head, problems = _file_problems(file, None if keys is None else keys_of(keys))
        checks.append((str(file), problems))
    if store is not None:
        checks.append(("store", list(_store_problems(store, head))))
    good = not any(problems for _, problems in checks)
    if kind == "json":
        click.echo(json_text({"ok": good, "checks": [{"name": n, "problems": p} for n, p in checks]}))
    else:
        for name, problems in checks:
            click.echo(
                plain(f"{name}: {'the chain is complete' if not problems else 'NOT as it was written'}")
            )
            for problem in problems:
                click.echo(f"  {plain(problem)}")
    return ExitCode.OK if good else ExitCode.FAILED


def _file_problems(file: Path, keys: KeySet | None) -> tuple[AuditHead, list[str]]:
    from partnergate.audit.chain import ChainCheck
    from partnergate.audit.file import head_problem, split_lines

    with file.open("rb") as lines:
        contents, signed = split_lines(lines)
    check = ChainCheck(expected=signed.head)
    problems = list(check.problems(contents))
    if check.count > signed.head.count:
        problems.append(f"the file has {check.count} entries, and its head states {signed.head.count}")
    if keys is not None and (problem := head_problem(signed, keys)):
        problems.append(problem)
    return signed.head, problems


def _store_problems(store: str, head: AuditHead | None) -> Iterator[str]:
    from partnergate.audit.chain import ChainCheck
    from partnergate.store.audit.log import StoredAudit
    from partnergate.store.database.opening import open_existing_store

    with open_existing_store(store) as opened:
        log = StoredAudit(opened)
        found = list(ChainCheck(expected=head).problems(log.contents()))
        yield from found
        if not found:
            yield from log.column_problems()
