"""``partnergate store``: the table of its commands."""

from __future__ import annotations

import click

from partnergate.cli.lazy import Lazy, LazyGroup

COMMANDS: dict[str, Lazy] = {
    "backup": Lazy("store.backup", "Write the whole store to a file."),
    "restore": Lazy("store.restore", "Fill an empty store from a backup."),
    "verify": Lazy("store.verify", "Check a backup, or compare the store with its raw events."),
    "rebuild": Lazy("store.rebuild", "Derive sessions and logins again from the raw events."),
    "migrate": Lazy("store.migrate", "Update the store to this version's schema."),
    "export": Lazy("store.export", "Write sessions, logins or usage as CSV or Parquet."),
    "erase": Lazy("store.erase", "Anonymize one user irreversibly."),
}


@click.group(name="store", cls=LazyGroup, lazy=COMMANDS)
def command() -> None:
    """Back up, check, migrate and export the sidecar's database.

    Set the store with --store or PARTNERGATE_STORE: sqlite:///path/to/file.db or
    postgresql+psycopg://user@host/database.
    """
