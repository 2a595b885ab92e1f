"""``partnergate schema``: the published JSON Schemas."""

from __future__ import annotations

from pathlib import Path

import click

from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.schemas import SCHEMAS, WORKSPACE_SCHEMAS, schema_file, schema_text


@click.command(short_help="Print a JSON Schema, or write those that editors use.")
@click.argument("name", type=click.Choice(tuple(SCHEMAS)), default="partner")
@click.option(
    "--write",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the schemas of partner files and realm templates to this directory.",
)
@click.option(
    "--check",
    "checked",
    is_flag=False,
    flag_value=Path("schema"),
    type=click.Path(path_type=Path, file_okay=False),
    help="Fail if the schemas in this directory (default: schema/) are out of date.",
)
def command(*, name: str, directory: Path | None, checked: Path | None) -> ExitCode:
    """Print the JSON Schema (draft-07) of a file format.

    The first line of a partner file or realm template names its schema for editors:
    # yaml-language-server: $schema=../schema/partner.schema.json
    """
    if directory is None and checked is None:
        click.echo(schema_text(name), nl=False)
        return ExitCode.OK
    stale = []
    for known in WORKSPACE_SCHEMAS:
        text = schema_text(known)
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
            (directory / schema_file(known)).write_text(text, encoding="utf-8")
            click.echo(f"written {directory / schema_file(known)}", err=True)
        if checked is not None:
            file = checked / schema_file(known)
            if not file.is_file() or file.read_text(encoding="utf-8") != text:
                stale.append(str(file))
    for file_name in stale:
        click.echo(f"out of date: {file_name}; run partnergate schema --write {checked}", err=True)
    return ExitCode.INVALID_INPUT if stale else ExitCode.OK
