"""``partnergate schema``: prints a published JSON Schema, or writes those that editors use."""

from __future__ import annotations

from pathlib import Path

import click

from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import output_option
from partnergate.cli.schemas import SCHEMAS, WORKSPACE_SCHEMAS, schema_file, schema_text


@click.command(name="schema", cls=Command)
@click.argument("name", type=click.Choice(tuple(SCHEMAS)), default="partner")
@output_option(
    description="Output directory for the schemas of partner files and realm templates.",
    file=False,
    directory=True,
)
@click.option(
    "--check",
    "checked",
    is_flag=False,
    flag_value=Path("schema"),
    type=click.Path(path_type=Path, file_okay=False),
    help="Directory to compare with the current schemas (default: schema/).",
)
def command(*, name: str, output: Path | None, checked: Path | None) -> ExitCode:
    """Print the JSON Schema (draft-07) of a file format.

    The first line of a partner file or realm template names its schema for editors:

    \b
    # yaml-language-server: $schema=../schema/partner.schema.json

    Exits with 3 when --check finds an outdated schema.
    """  # noqa: D301 - click reads the character \b
    if output is None and checked is None:
        click.echo(schema_text(name), nl=False)
        return ExitCode.OK
    stale = []
    for known in WORKSPACE_SCHEMAS:
        text = schema_text(known)
        if output is not None:
            output.mkdir(parents=True, exist_ok=True)
            (output / schema_file(known)).write_text(text, encoding="utf-8")
            click.echo(f"wrote {output / schema_file(known)}", err=True)
        if checked is not None:
            file = checked / schema_file(known)
            if not file.is_file() or file.read_text(encoding="utf-8") != text:
                stale.append(str(file))
    for file_name in stale:
        click.echo(f"{file_name} is missing or outdated; run partnergate schema --output {checked}", err=True)
    return ExitCode.INVALID_INPUT if stale else ExitCode.OK
