"""``partnergate statement``: what a partner owes, from draft to sealed, and how to check it."""

from __future__ import annotations

import click

from partnergate.cli.lazy import Lazy, LazyGroup

COMMANDS: dict[str, Lazy] = {
    "draft": Lazy("statement.draft", "What a statement says now."),
    "show": Lazy("statement.show", "A final statement, as it was sealed."),
    "list": Lazy("statement.list", "The statements of a partner, or of all."),
    "finalize": Lazy("statement.finalize", "Seal a statement; it never changes after."),
    "void": Lazy("statement.void", "Take a final statement back by a credit note."),
    "verify": Lazy("statement.verify", "Check a statement file with the published key alone."),
    "export": Lazy("statement.export", "Write statements as CSV, JSON, HTML or PDF."),
    "keygen": Lazy("statement.keygen", "Make the key that seals statements."),
    "rerate": Lazy("statement.rerate", "Rate final statements again and compare."),
    "diff": Lazy("statement.diff", "What the agreement in the files would do to the last statements."),
    "dispute": Lazy("statement.dispute", "Objections to lines: open, answer, credit, reject."),
    "alerts": Lazy("statement.alerts", "Thresholds that partners have passed."),
}


@click.group(name="statement", cls=LazyGroup, lazy=COMMANDS)
def command() -> None:
    """Statements: what a partner owes, and is owed, for a period."""
