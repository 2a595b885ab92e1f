"""``partnergate statement``: the table of its commands."""

from __future__ import annotations

import click

from partnergate.cli.lazy import Lazy, LazyGroup

COMMANDS: dict[str, Lazy] = {
    "draft": Lazy("statement.draft", "Show the draft of a statement."),
    "show": Lazy("statement.show", "Show a finalized statement."),
    "list": Lazy("statement.list", "List the statements of one partner, or of all."),
    "finalize": Lazy("statement.finalize", "Finalize and seal a statement."),
    "void": Lazy("statement.void", "Void a finalized statement with a credit note."),
    "verify": Lazy("statement.verify", "Verify a statement file with the published key."),
    "export": Lazy("statement.export", "Export statements as CSV or JSON."),
    "keygen": Lazy("statement.keygen", "Create or replace the key pair that seals statements."),
    "keys": Lazy("statement.keys", "Show or export the published keys."),
    "revoke": Lazy("statement.revoke", "Revoke a published key."),
    "rerate": Lazy("statement.rerate", "Rate finalized statements again and compare."),
    "diff": Lazy("statement.diff", "Compare the last statements with the terms in the files."),
    "dispute": Lazy("statement.dispute.group", "Open, answer and decide disputes about lines."),
    "alerts": Lazy("statement.alerts", "Send webhooks for thresholds that partners passed."),
}


@click.group(name="statement", cls=LazyGroup, lazy=COMMANDS)
def command() -> None:
    """Draft, finalize, verify and dispute statements: what a partner owes, and is owed, for a period."""
