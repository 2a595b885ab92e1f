"""``partnergate partner``: the table of its commands."""

from __future__ import annotations

import click

from partnergate.cli.lazy import Lazy, LazyGroup

COMMANDS: dict[str, Lazy] = {
    "add": Lazy("realm.partner.add", "Write a partner file from the partner's metadata."),
}


@click.group(name="partner", cls=LazyGroup, lazy=COMMANDS)
def command() -> None:
    """Create partner files."""
