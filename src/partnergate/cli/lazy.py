"""Command groups that import a command only when it runs, so that ``--help`` stays fast."""

from __future__ import annotations

import importlib
from typing import Any, NamedTuple

import click

from partnergate.cli.unknown import unknown_command, unknown_option


class Lazy(NamedTuple):
    """A command that is not imported yet."""

    module: str
    """Dotted name below ``partnergate.cli``; the module defines the command as ``command``."""
    help: str
    """The command's line in the help of the group."""


class LazyGroup(click.Group):
    """A group over a table of ``Lazy`` commands, listed in the order of the table."""

    def __init__(self, *args: Any, lazy: dict[str, Lazy], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(self.lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in self.lazy:
            return None
        module = importlib.import_module(f"partnergate.cli.{self.lazy[cmd_name].module}")
        command: click.Command = module.command
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does, with the error of ``unknown_option`` for an unknown option."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            raise unknown_option(error, ctx) from error

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with the nearest command names in the error for an unknown one."""
        name = args[0]
        if name not in self.lazy and not name.startswith("-") and not ctx.resilient_parsing:
            raise unknown_command(name, self.lazy, ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.help) for name, command in self.lazy.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[Any]:
        """The matching commands from the table, without importing any of them."""
        from click.shell_completion import CompletionItem

        found = [
            CompletionItem(name, help=command.help)
            for name, command in self.lazy.items()
            if name.startswith(incomplete)
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]
