"""``partnergate audit list``: shows the newest entries of the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from partnergate.cli.command import Command
from partnergate.cli.options import environment_option, format_option, store_option

if TYPE_CHECKING:
    from partnergate.audit.entry import AuditEntry


@click.command(name="list", cls=Command)
@store_option()
@environment_option(required=False, description="Only this environment (default: all).")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="Entries.")
@click.option("--before", type=click.IntRange(1), help="Only entries with a smaller number.")
@format_option("text", "json")
def command(store: str, *, environment: str | None, limit: int, before: int | None, kind: str) -> None:
    """List the newest entries of the audit log, newest first."""
    from partnergate.safe_text import json_text
    from partnergate.statements.typed_json import to_json
    from partnergate.store.audit.log import StoredAudit
    from partnergate.store.database.opening import open_existing_store

    with open_existing_store(store) as opened:
        found = StoredAudit(opened).latest(limit=limit, before=before, environment=environment)
    if kind == "json":
        click.echo(json_text([to_json(entry) for entry in found]))
        return
    for entry in found:
        click.echo(entry_line(entry))
    if not found:
        click.echo("no entries")


def entry_line(entry: AuditEntry) -> str:
    """One entry on one line: number, time, deed, target, actor, details."""
    from partnergate.audit.entry import Phase
    from partnergate.safe_text import plain

    deed = entry.deed.value.replace("_", " ")
    phase = "" if entry.phase is Phase.DONE else f" ({entry.phase.value})"
    place = f" in {entry.environment}" if entry.environment else ""
    details = "".join(f"; {d.name} {d.value}" for d in entry.details)
    return plain(
        f"{entry.sequence} {entry.at:%Y-%m-%dT%H:%M:%SZ} {deed}{phase} {entry.target}{place} "
        f"by {entry.actor.words()}{details}"
    )
