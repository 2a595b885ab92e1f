"""``partnergate statement keygen``: the key that seals statements."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="keygen")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def command(file: Path) -> None:
    """Write a new private key to FILE (only its owner may read it) and its public key to FILE.pub.

    Publish the public key where partners find it; whoever has the private one can seal statements.
    """
    from partnergate.errors import UsageError
    from partnergate.private_files import new_private_file
    from partnergate.statements.seal import new_key_pair

    public = file.with_name(f"{file.name}.pub")
    if public.exists():
        raise UsageError(f"{public} is there already; a key is never overwritten")
    pair = new_key_pair()
    try:
        new_private_file(file, pair.private)
    except FileExistsError as error:
        raise UsageError(f"{file} is there already; a key is never overwritten") from error
    public.write_bytes(pair.public)
    click.echo(f"private key {file}\npublic key  {public}\nkey id      {pair.key_id}")
