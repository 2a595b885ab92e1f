"""``partnergate price``: rates quantities by a price definition, without a realm or a store."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import click

from partnergate.cli.command import Command
from partnergate.cli.options import format_option

_LARGEST = 16 * 2**20
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(name="price", cls=Command)
@click.option("--definition", type=_FILE, help="File with the agreement terms, JSON or YAML.")
@click.option("--usage", type=_FILE, help="File with the period and the quantities, JSON or YAML.")
@click.option(
    "--compact",
    is_flag=True,
    help="Write JSON on one line with sorted keys, so that equal input gives equal bytes.",
)
@format_option("json", "text", more="; text explains each amount")
def command(definition: Path | None, usage: Path | None, *, compact: bool, kind: str) -> None:
    """Rate quantities by a price definition and print the bill.

    The command needs neither a realm nor a store.
    """
    from partnergate.canonical_json import canonical_json
    from partnergate.diagnostics import has_errors
    from partnergate.errors import InvalidInputError, UsageError

    if definition is None or usage is None:
        raise UsageError(_missing_files(definition, usage))
    from partnergate.language.text.source_lines import with_source_lines
    from partnergate.pricing.plain_values import plain_values
    from partnergate.pricing.price_file.definition import read_definition
    from partnergate.pricing.price_file.usage_file import read_usage
    from partnergate.pricing.rate import rate
    from partnergate.rendering.diagnostics.text import diagnostic_text
    from partnergate.safe_text import json_text, plain

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
    if kind == "text":
        click.echo("\n".join(map(plain, bill.explanation)))
    elif compact:
        click.echo(canonical_json(plain_values(bill)))
    else:
        click.echo(json_text(plain_values(bill), sort_keys=True))


def _missing_files(definition: Path | None, usage: Path | None) -> str:
    """The message for missing input files."""
    missing = [name for name, file in (("--definition", definition), ("--usage", usage)) if file is None]
    return f"missing input file: pass {' and '.join(missing)}"


def _text(file: Path) -> str:
    from partnergate.errors import UsageError

    try:
        with file.open(encoding="utf-8") as opened:
            text = opened.read(_LARGEST + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} is not readable as UTF-8 text") from error
    if len(text) > _LARGEST:
        raise UsageError(f"{file} has more than {_LARGEST:,} characters", advice="split the usage")
    return text


def _name(file: Path) -> PurePosixPath:
    return PurePosixPath(file.as_posix())
