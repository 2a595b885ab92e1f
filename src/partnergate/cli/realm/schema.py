"""``partnergate schema``: prints or writes the JSON Schemas for editors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode

KINDS = ("partner", "realm_template")


def schema_text(schema: dict[str, Any]) -> str:
    """The text of the schema file in ``schema/``."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


@click.command(name="schema", cls=Command)
@click.argument("kind", type=click.Choice(KINDS), default="partner")
@click.option(
    "--output",
    "-o",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    help="Output directory for all schemas.",
)
@click.option(
    "--check",
    "checked",
    is_flag=False,
    flag_value=Path("schema"),
    type=click.Path(path_type=Path, file_okay=False),
    help="Directory to compare with the current schemas (default: schema/).",
)
def command(*, kind: str, directory: Path | None, checked: Path | None) -> ExitCode:
    """Print the JSON Schema (draft-07) of partner files or realm templates.

    The first line of a file names its schema for editors:

    \b
    # yaml-language-server: $schema=../schema/partner.schema.json

    Exits with 3 when --check finds an outdated schema.
    """  # noqa: D301 - click reads the character \b
    from partnergate.language.schemas import SCHEMAS

    if directory is None and checked is None:
        click.echo(schema_text(SCHEMAS[kind]()), nl=False)
        return ExitCode.OK
    stale = []
    for name, make in SCHEMAS.items():
        text = schema_text(make())
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
            (directory / f"{name}.schema.json").write_text(text, encoding="utf-8")
            click.echo(f"wrote {directory / f'{name}.schema.json'}", err=True)
        if checked is not None:
            file = checked / f"{name}.schema.json"
            if not file.is_file() or file.read_text(encoding="utf-8") != text:
                stale.append(str(file))
    for file_name in stale:
        click.echo(f"{file_name} is missing or outdated; run partnergate schema --output", err=True)
    return ExitCode.INVALID_INPUT if stale else ExitCode.OK
