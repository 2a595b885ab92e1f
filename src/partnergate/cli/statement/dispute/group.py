"""``partnergate statement dispute``: the table of its commands."""

from __future__ import annotations

import click

from partnergate.cli.lazy import Lazy, LazyGroup

COMMANDS: dict[str, Lazy] = {
    "open": Lazy("statement.dispute.opening", "Open a dispute about a line of a finalized statement."),
    "answer": Lazy("statement.dispute.answer", "Answer a dispute without ending it."),
    "credit": Lazy("statement.dispute.credit", "End a dispute with a credit on the next statement."),
    "reject": Lazy("statement.dispute.reject", "End a dispute without a credit."),
    "list": Lazy("statement.dispute.list", "List the disputes of a partner."),
}


@click.group(name="dispute", cls=LazyGroup, lazy=COMMANDS)
def command() -> None:
    """Open, answer and decide disputes about lines of finalized statements."""
