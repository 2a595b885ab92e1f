"""The class of every command: it reports all missing options and arguments at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from partnergate.cli.unknown import unknown_option

if TYPE_CHECKING:
    from collections.abc import Iterator


class Command(click.Command):
    """A command that names every missing value, and where each can be set, in one error."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Raise ``click.UsageError`` for an unknown option, or for all missing values."""
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            raise unknown_option(error, ctx) from error
        except click.MissingParameter as error:
            missing = list(self._missing(ctx, given))
            if not missing:
                raise
            raise click.UsageError("\n       ".join(missing), ctx=ctx) from error

    def _missing(self, ctx: click.Context, given: list[str]) -> Iterator[str]:
        values, _, _ = self.make_parser(ctx).parse_args(args=given)
        for parameter in self.get_params(ctx):
            if parameter.required and parameter.value_is_missing(parameter.consume_value(ctx, values)[0]):
                yield missing_value(parameter)


def missing_value(parameter: click.Parameter) -> str:
    """What is missing, and how to set it."""
    if not isinstance(parameter, click.Option):
        return f"missing argument: pass {parameter.human_readable_name}"
    name = max(parameter.opts, key=len)
    variable = f" or set {parameter.envvar}" if parameter.envvar else ""
    return f"missing option: pass {name}{variable}"
