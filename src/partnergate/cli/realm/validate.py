"""``partnergate validate``: every problem of every file, before Keycloak sees any."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from partnergate.cli.clock import now
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import format_option
from partnergate.process_tuning import keep_everything_until_exit, skip_collection_at_exit

if TYPE_CHECKING:
    from datetime import date, datetime

    from partnergate.diagnostics import Diagnostic
    from partnergate.language.folder import Folder

FORMATS = ("text", "json", "sarif", "junit", "github", "gitlab")


def rendered(kind: str, found: tuple[Diagnostic, ...], folder: Folder, *, colour: bool) -> str:
    """The report in one of ``FORMATS``."""
    from partnergate.language.load import partner_files

    files = partner_files(folder)
    if kind == "text":
        from partnergate.rendering.diagnostics.text import diagnostics_text

        return diagnostics_text(found, files=len(files), colour=colour)
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


def _wants_colour(output: Path | None) -> bool:
    return output is None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _checked_folder(root: Path) -> Folder:
    from partnergate.errors import UsageError
    from partnergate.language.folder import read_folder

    folder = read_folder(root)
    if not folder.templates:
        raise UsageError(
            f"{root} is no workspace: it has no realm_templates/",
            advice="name the directory that holds realm_templates/, or begin with: partnergate init",
        )
    return folder


def _billed(store: str | None) -> frozenset[str]:
    if store is None:
        return frozenset()
    from partnergate.store.partners.billed import billed_partners

    return billed_partners(store)


@click.command(short_help="Check every file, in every environment.")
@click.argument("root", type=click.Path(path_type=Path, file_okay=False, exists=True), default=Path())
@click.option("--environment", "-e", help="Only this environment; all of them by default.")
@format_option(*FORMATS)
@click.option("--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.")
@click.option("--strict", is_flag=True, help="Let warnings fail as well.")
@click.option(
    "--today",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day that expiry and waivers are checked against; today by default.",
)
@click.option(
    "--store",
    metavar="URL",
    help="Also report partners that have final statements in this store and no file; it is only read.",
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
) -> ExitCode:
    """Check every file of the workspace ROOT: keys, values, security, agreements, partners together.

    Nothing is contacted but a store that is named. Exits with 0 when there is no error, with 3 when
    there is one.
    """
    keep_everything_until_exit()
    from partnergate.cli.realm.side_by_side import examined_side_by_side
    from partnergate.language.validate import validated

    day: date = (today or now()).date()
    folder = _checked_folder(root)
    found = validated(
        folder,
        today=day,
        environment=environment,
        variables=os.environ,
        examine=examined_side_by_side,
        billed=_billed(store),
    )
    text = rendered(kind, found, folder, colour=_wants_colour(output))
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
        click.echo(f"written to {output}", err=True)
    from partnergate.diagnostics import has_errors

    skip_collection_at_exit()
    failed = has_errors(found) or (strict and any(d.severity == "warning" for d in found))
    return ExitCode.INVALID_INPUT if failed else ExitCode.OK
