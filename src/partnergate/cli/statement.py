"""``partnergate statement``: what a partner owes, from draft to sealed, and how to check it."""

from __future__ import annotations

import importlib

import click

_VERBS: dict[str, str] = {
    "draft": "What a statement says now.",
    "show": "A final statement, as it was sealed.",
    "list": "The statements of a partner, or of all.",
    "final": "Seal a statement; it never changes after.",
    "void": "Take a final statement back by a credit note.",
    "verify": "Check a statement file with the published key alone.",
    "export": "Write statements as CSV, JSON, HTML or PDF.",
    "keygen": "Make the key that seals statements.",
    "rerate": "Rate final statements again and compare.",
    "diff": "What the agreement in the files would do to the last statements.",
    "dispute": "Objections to lines: open, answer, credit, reject.",
    "alerts": "Thresholds that partners have passed.",
}


class _Verbs(click.Group):
    """Imports a verb only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _VERBS:
            return None
        verb: click.Command = importlib.import_module(f"partnergate.cli.statement_{cmd_name}").command
        return verb

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(_VERBS.items()))


@click.group(name="statement", cls=_Verbs)
def command() -> None:
    """Statements: what a partner owes, and is owed, for a period."""
