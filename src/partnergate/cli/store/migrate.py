"""``partnergate store migrate``: updates the schema."""

from __future__ import annotations

import click

from partnergate.cli.clock import now
from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import store_option
from partnergate.model.instants import to_ms


@click.command(name="migrate", cls=Command)
@store_option()
def command(store: str) -> int:
    """Update the store to this version's schema.

    Every other command also does this when it opens the store.
    """
    from partnergate.store.database.engine import Store, connect_engine
    from partnergate.store.database.migrations import migrate

    engine, dialect = connect_engine(store)
    with Store(engine, dialect) as opened:
        done = migrate(opened, to_ms(now()))
    click.echo("migrations applied: " + ", ".join(map(str, done)) if done else "up to date")
    return ExitCode.OK
