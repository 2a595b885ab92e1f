"""``partnergate price``: rate a definition alone, without realm or store."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from partnergate.diagnostics import Diagnostic

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(name="price")
@click.option("--definition", required=True, type=_FILE, help="Agreement terms, as JSON or YAML.")
@click.option("--usage", required=True, type=_FILE, help="Period and quantities, as JSON or YAML.")
@click.option("--compact", is_flag=True, help="One line: the same bytes for the same inputs.")
@click.option("--explain", is_flag=True, help="Print how each amount came about, in words, instead of JSON.")
def command(definition: Path, usage: Path, *, compact: bool, explain: bool) -> None:
    """Rate quantities by a price definition and print the bill as JSON.

    Neither a realm nor a store is needed, so a worked example is checked in one call.
    """
    from partnergate.diagnostics import has_errors
    from partnergate.errors import InvalidInputError
    from partnergate.rating import rate
    from partnergate.rating.canonical import canonical_json, plain_values
    from partnergate.rating.definition import read_definition
    from partnergate.rating.usage_file import read_usage

    versions, found = read_definition(_text(definition), PurePosixPath(definition.as_posix()))
    given = None
    if versions:
        given, more = read_usage(_text(usage), PurePosixPath(usage.as_posix()), versions)
        found = (*found, *more)
    _show(found)
    if has_errors(found) or given is None:
        raise InvalidInputError(found)
    bill = rate(versions, given.quantities, given.period, until=given.until)
    if explain:
        click.echo("\n".join(bill.explanation))
    elif compact:
        click.echo(canonical_json(bill))
    else:
        click.echo(json.dumps(plain_values(bill), indent=2, sort_keys=True, ensure_ascii=False))


def _text(file: Path) -> str:
    from partnergate.errors import UsageError

    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read as text") from error


def _show(found: tuple[Diagnostic, ...]) -> None:
    for one in found:
        at = f"{one.span.file}:{one.span.line}:{one.span.column}"
        hint = f" ({one.hint})" if one.hint else ""
        click.echo(f"{at}: {one.severity}[{one.code}]: {one.message}{hint}", err=True)
