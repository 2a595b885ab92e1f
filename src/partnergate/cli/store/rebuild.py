"""``partnergate store rebuild``: derives sessions and logins again."""

from __future__ import annotations

import click

from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import store_option
from partnergate.errors import UsageError
from partnergate.wording import counted


@click.command(name="rebuild", cls=Command)
@store_option()
@click.option("--realm", help="Rebuild only this realm.")
def command(store: str, realm: str | None) -> int:
    """Empty the derived tables and fill them again from the raw events and the registry."""
    from partnergate.store.database.opening import open_existing_store
    from partnergate.store.rebuild import realms_of, rebuild

    with open_existing_store(store) as opened:
        with opened.read() as connection:
            known = realms_of(connection)
        if realm and realm not in known:
            advice = f"realms: {', '.join(known)}" if known else ""
            raise UsageError(f"the store has no events of realm {realm}", target="--realm", advice=advice)
        realms = (realm,) if realm else known
        for name in realms:
            click.echo(f"{name}: {counted(rebuild(opened, name), 'event')}")
    return ExitCode.OK
