"""``partnergate audit``: the table of its commands."""

from __future__ import annotations

import click

from partnergate.cli.lazy import Lazy, LazyGroup

COMMANDS: dict[str, Lazy] = {
    "list": Lazy("audit.list", "List the newest entries."),
    "export": Lazy("audit.export", "Write the log with its head to a file."),
    "verify": Lazy("audit.verify", "Check the chain of the store, of a file, or of both."),
}


@click.group(name="audit", cls=LazyGroup, lazy=COMMANDS)
def command() -> None:
    """List, export and verify the audit log: who did what, and when."""
