"""``partnergate usage``: the table of its commands."""

from __future__ import annotations

import click

from partnergate.cli.lazy import Lazy, LazyGroup

COMMANDS: dict[str, Lazy] = {
    "report": Lazy("usage.report", "Show a partner's usage in a period."),
    "send": Lazy("usage.send", "Send one usage event."),
    "backfill": Lazy("usage.backfill", "Send a CSV or NDJSON file of usage events."),
}


@click.group(name="usage", cls=LazyGroup, lazy=COMMANDS)
def command() -> None:
    """Report partners' usage, and send usage events to the sidecar."""
