"""``partnergate price``: rate a definition alone, without realm or store."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath

import click

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(name="price")
@click.option("--definition", type=_FILE, help="Agreement terms, as JSON or YAML.")
@click.option("--usage", type=_FILE, help="Period and quantities, as JSON or YAML.")
@click.option("--compact", is_flag=True, help="One line: the same bytes for the same inputs.")
@click.option("--explain", is_flag=True, help="Print how each amount came about, in words, instead of JSON.")
def command(definition: Path | None, usage: Path | None, *, compact: bool, explain: bool) -> None:
    """Rate quantities by a price definition and print the bill as JSON.

    Neither a realm nor a store is needed, so a worked example is checked in one call.
    """
    if definition is None or usage is None:
        raise click.UsageError("--definition and --usage are both needed")
    from partnergate.canonical_json import canonical_json
    from partnergate.diagnostics import has_errors
    from partnergate.errors import InvalidInputError
    from partnergate.language.text.source_lines import with_source_lines
    from partnergate.pricing import rate
    from partnergate.pricing.canonical import plain_values
    from partnergate.pricing.price_file.definition import read_definition
    from partnergate.pricing.price_file.usage import read_usage
    from partnergate.rendering.diagnostics.text import diagnostic_text

    texts = {_name(definition): _text(definition), _name(usage): _text(usage)}
    versions, found = read_definition(texts[_name(definition)], _name(definition))
    given = None
    if versions:
        given, more = read_usage(texts[_name(usage)], _name(usage), versions)
        found = (*found, *more)
    found = with_source_lines(found, {name: text.encode() for name, text in texts.items()})
    if has_errors(found) or given is None:
        raise InvalidInputError(found)
    for one in found:
        click.echo(diagnostic_text(one), err=True)
    bill = rate(versions, given.quantities, given.period, until=given.until)
    if explain:
        click.echo("\n".join(bill.explanation))
    elif compact:
        click.echo(canonical_json(plain_values(bill)))
    else:
        click.echo(json.dumps(plain_values(bill), indent=2, sort_keys=True, ensure_ascii=False))


def _text(file: Path) -> str:
    from partnergate.errors import UsageError

    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read as text") from error


def _name(file: Path) -> PurePosixPath:
    return PurePosixPath(file.as_posix())
