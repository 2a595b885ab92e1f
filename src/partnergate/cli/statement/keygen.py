"""``partnergate statement keygen``: creates the key pair that seals statements."""

from __future__ import annotations

from pathlib import Path

import click

from partnergate.cli.command import Command


@click.command(name="keygen", cls=Command)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def command(file: Path) -> None:
    """Write a new private key to FILE, with mode 0600, and its public key to FILE.pub.

    Publish the public key for partners. Anyone with the private key can seal statements.
    """
    from partnergate.errors import UsageError
    from partnergate.private_files import new_private_file
    from partnergate.statements.seal import new_key_pair

    public = file.with_name(f"{file.name}.pub")
    if public.exists():
        raise UsageError(f"{public} exists already; a key is never overwritten")
    pair = new_key_pair()
    try:
        new_private_file(file, pair.private)
    except FileExistsError as error:
        raise UsageError(f"{file} exists already; a key is never overwritten") from error
    public.write_bytes(pair.public)
    click.echo(f"private key {file}\npublic key  {public}\nkey ID      {pair.key_id}")
