"""``partnergate statement keys``: shows the published keys, or exports them as a JSON Web Key Set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from partnergate.cli.command import Command
from partnergate.cli.options import format_option, output_option

if TYPE_CHECKING:
    from datetime import datetime

    from partnergate.statements.key_set import PublishedKey


@click.command(name="keys", cls=Command)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@format_option("text", "json", more="; json is the JSON Web Key Set to publish")
@output_option()
def command(file: Path, *, kind: str, output: Path | None) -> None:
    """Show the keys of FILE, a key set or a public key file, with the times in which they seal."""
    from partnergate.cli.statement.key_files import keys_of
    from partnergate.statements.key_set import key_set_json

    keys = keys_of(file)
    content = (
        key_set_json(keys) if kind == "json" else "".join(f"{_words(key)}\n" for key in keys.keys).encode()
    )
    if output is None:
        click.echo(content, nl=False)
    else:
        output.write_bytes(content)
        click.echo(f"wrote {output}", err=True)


def _words(key: PublishedKey) -> str:
    span = f"from {_day(key.valid_from)}" if key.valid_from else "from the beginning"
    span += f" until {_day(key.valid_until)}" if key.valid_until else ""
    if key.revoked is None:
        return f"{key.key_id}  {span}"
    return f"{key.key_id}  REVOKED {_day(key.revoked.at)} ({key.revoked.reason}), was valid {span}"


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
