"""Command groups whose commands are imported only when they are asked for, so that ``--help`` stays fast."""

from __future__ import annotations

import importlib
from typing import Any, NamedTuple

import click


class Lazy(NamedTuple):
    """A command that was not imported yet."""

    module: str
    """Dotted name below ``partnergate.cli``; the module holds the command as ``command``."""
    help: str
    """Its line in the help of the group."""


class LazyGroup(click.Group):
    """A group over a table of ``Lazy`` commands, listed in the order of the table."""

    def __init__(self, *args: Any, lazy: dict[str, Lazy], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(self.lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.lazy:
            return None
        if ctx.resilient_parsing:
            return click.Command(cmd_name, short_help=self.lazy[cmd_name].help)
        module = importlib.import_module(f"partnergate.cli.{self.lazy[cmd_name].module}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.help) for name, command in self.lazy.items()])
