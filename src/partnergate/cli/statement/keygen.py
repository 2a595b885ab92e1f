"""``partnergate statement keygen``: creates the key pair that seals statements, or replaces it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from partnergate.cli.command import Command

if TYPE_CHECKING:
    from partnergate.statements.key_set import KeySet


@click.command(name="keygen", cls=Command)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--replace",
    "replacing",
    is_flag=True,
    help="Replace the existing key; the key set shows until when it was valid.",
)
def command(file: Path, *, replacing: bool) -> None:
    """Write a new private key to FILE, with mode 0600, and its public key to FILE.pub.

    FILE.jwks.json is the key set to publish: all keys with the times in which they seal. With
    --replace, the old key stays in the set, and the old private key is stored as FILE.KEY_ID.retired.
    Anyone with the private key can seal statements.
    """
    if replacing:
        _replace(file)
    else:
        _create(file)


def _create(file: Path) -> None:
    from partnergate.cli.clock import now
    from partnergate.cli.statement.key_files import key_set_file
    from partnergate.errors import UsageError
    from partnergate.private_files import new_private_file
    from partnergate.statements.key_set import KeySet, PublishedKey, key_set_json
    from partnergate.statements.seal import new_key_pair, public_key

    public, published = file.with_name(f"{file.name}.pub"), key_set_file(file)
    for existing in (public, published):
        if existing.exists():
            raise UsageError(
                f"{existing} exists already; a key is never overwritten", advice="pass --replace"
            )
    pair = new_key_pair()
    try:
        new_private_file(file, pair.private)
    except FileExistsError as error:
        raise UsageError(
            f"{file} exists already; a key is never overwritten", advice="pass --replace"
        ) from error
    public.write_bytes(pair.public)
    keys = KeySet(keys=(PublishedKey(key=public_key(pair.public), valid_from=now()),))
    published.write_bytes(key_set_json(keys))
    click.echo(
        f"private key {file}\npublic key  {public}\nkey set     {published}\nkey ID      {pair.key_id}"
    )


def _replace(file: Path) -> None:
    """Replace the key. A run that was interrupted at any step is completed by the next one.

    The new key is written first, and becomes ``file`` only after the set that publishes it.
    """
    from partnergate.cli.clock import now
    from partnergate.cli.statement.key_files import key_set_file, read_key
    from partnergate.errors import UsageError
    from partnergate.private_files import new_private_file
    from partnergate.statements.key_set import key_set_json, with_new_key
    from partnergate.statements.seal import key_id, new_key_pair, public_key, public_pem

    if not file.exists():
        raise UsageError("there is no key to replace", target=str(file), advice="run without --replace")
    old, waiting = read_key(file), file.with_name(f"{file.name}.next")
    if not waiting.exists():
        new_private_file(waiting, new_key_pair().private)
    new = read_key(waiting)
    old_id, new_id = (key_id(public_key(public_pem(private))) for private in (old, new))
    published = key_set_file(file)
    keys = with_new_key(_known_keys(published), public_pem(old), public_pem(new), at=now())
    _write_public(published, key_set_json(keys))
    retired = file.with_name(f"{file.name}.{old_id}.retired")
    if not retired.exists():
        new_private_file(retired, old)
    waiting.replace(file)
    _write_public(file.with_name(f"{file.name}.pub"), public_pem(new))
    click.echo(
        f"private key {file}\nkey ID      {new_id}, replaces {old_id}\nkey set     {published}: publish it\n"
        f"old key     {retired}: delete it when no process uses it"
    )


def _known_keys(published: Path) -> KeySet:
    from partnergate.statements.key_set import KeySet, read_key_set

    return read_key_set(published.read_bytes()) if published.exists() else KeySet(keys=())


def _write_public(file: Path, content: bytes) -> None:
    partial = file.with_name(f"{file.name}.partial")
    partial.write_bytes(content)
    partial.replace(file)
