"""``partnergate statement revoke``: marks a key of the published set as revoked."""

from __future__ import annotations

from pathlib import Path

import click

from partnergate.cli.command import Command


@click.command(name="revoke", cls=Command)
@click.argument("key_id")
@click.option(
    "--keys",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Key set file from statement keygen.",
)
@click.option(
    "--reason",
    type=click.Choice(["compromised", "superseded", "unspecified"]),
    required=True,
    help="Reason, published with the key.",
)
def command(key_id: str, *, keys: Path, reason: str) -> None:
    """Revoke the key KEY_ID: no statement that it sealed is verified any more.

    Whoever has a stolen key can seal with any date, so a revocation also affects earlier seals.
    Publish the changed key set afterwards.
    """
    from partnergate.cli.clock import now
    from partnergate.statements.key_set import (
        Revocation,
        RevocationReason,
        key_set_json,
        read_key_set,
        with_revoked,
    )
    from partnergate.strict_json import read_limited

    revocation = Revocation(at=now(), reason=RevocationReason(reason))
    changed = with_revoked(read_key_set(read_limited(keys)), key_id, revocation)
    partial = keys.with_name(f"{keys.name}.partial")
    partial.write_bytes(key_set_json(changed))
    partial.replace(keys)
    click.echo(f"key {key_id} is revoked ({reason}): publish {keys}")
