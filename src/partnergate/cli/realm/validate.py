"""``partnergate validate``: reports every problem of every file, without a server."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING

import click

from partnergate.cli.clock import now
from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import format_option, output_option, root_option, secrets_dir_option
from partnergate.process_tuning import keep_everything_until_exit, skip_collection_at_exit

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from partnergate.diagnostics import Diagnostic
    from partnergate.language.folder import Folder

FORMATS = ("text", "json", "sarif", "junit", "github", "gitlab")


def rendered(kind: str, found: tuple[Diagnostic, ...], folder: Folder, *, color: bool) -> str:
    """The report in one of ``FORMATS``."""
    from partnergate.language.load import partner_files

    files = partner_files(folder)
    if kind == "text":
        from partnergate.rendering.diagnostics.text import diagnostics_text

        return diagnostics_text(found, files=len(files), color=color)
    from partnergate import __version__
    from partnergate.language.codes.catalog import CODES
    from partnergate.rendering.diagnostics import machine

    titles = {code.code: code.title for code in CODES.values()}
    if kind == "json":
        return machine.diagnostics_json(found, titles, files=len(files))
    if kind == "sarif":
        return machine.diagnostics_sarif(found, titles, version=__version__)
    if kind == "junit":
        return machine.diagnostics_junit(found, tuple(str(path) for path, _ in files))
    if kind == "github":
        return machine.diagnostics_github(found)
    return machine.diagnostics_gitlab(found)


def _wants_color(output: Path | None) -> bool:
    return output is None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _billed(store: str | None) -> frozenset[str]:
    if store is None:
        return frozenset()
    from partnergate.store.partners.billed import billed_partners

    return billed_partners(store)


@click.command(name="validate", cls=Command)
@root_option
@secrets_dir_option
@click.option(
    "--environment",
    "-e",
    help="Environment to validate (default: all); PARTNERGATE_ENVIRONMENT is not read.",
)
@format_option(*FORMATS)
@output_option()
@click.option("--strict", is_flag=True, help="Treat warnings as errors.")
@click.option(
    "--today",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day for checking expiry dates and waivers (default: today).",
)
@click.option(
    "--store",
    metavar="URL",
    help="Store in which to look for billed partners without a file; PARTNERGATE_STORE is not read.",
)
def command(
    *,
    root: Path,
    environment: str | None,
    kind: str,
    output: Path | None,
    strict: bool,
    today: datetime | None,
    store: str | None,
    secrets_dir: Path | None,
) -> ExitCode:
    """Check every file of the workspace: keys, values, security rules, agreements, and conflicts.

    The command contacts nothing except the store of --store, which it only reads. With --secrets-dir,
    it also checks that secret files exist, without reading them. Exits with 3 when a file has an error.
    """
    keep_everything_until_exit()
    from partnergate.cli.realm.side_by_side import examined_side_by_side
    from partnergate.cli.workspace import require_workspace
    from partnergate.confined_files import confined_problem
    from partnergate.errors import UsageError
    from partnergate.language.folder import read_folder
    from partnergate.language.shape.scalars import FIRST_DAY, LAST_DAY
    from partnergate.language.validate import validated

    day: date = (today or now()).date()
    if not FIRST_DAY <= day <= LAST_DAY:
        raise UsageError(f"--today must be between {FIRST_DAY} and {LAST_DAY}: {day}")
    require_workspace(root)
    folder = read_folder(root)
    found = validated(
        folder,
        today=day,
        environment=environment,
        variables=os.environ,
        examine=examined_side_by_side,
        billed=_billed(store),
        secret_file_problem=None if secrets_dir is None else partial(confined_problem, secrets_dir),
    )
    text = rendered(kind, found, folder, color=_wants_color(output))
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
        click.echo(f"wrote {output}", err=True)
    from partnergate.diagnostics import has_errors

    skip_collection_at_exit()
    failed = has_errors(found) or (strict and any(d.severity == "warning" for d in found))
    return ExitCode.INVALID_INPUT if failed else ExitCode.OK
