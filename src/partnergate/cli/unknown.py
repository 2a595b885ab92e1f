"""The error for an unknown command or option: one form for both, with the names that were probably meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable


def unknown_command(name: str, known: Iterable[str], ctx: click.Context) -> click.UsageError:
    """The error for a command that does not exist; without a similar name, it lists all commands."""
    import difflib

    names = list(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.6)
    rest = _did_you_mean(near) if near else f" (commands: {', '.join(names)})"
    return click.UsageError(f'no such command "{name}"{rest}', ctx=ctx)


def unknown_option(error: click.NoSuchOption, ctx: click.Context) -> click.UsageError:
    """The error for an option that does not exist, in place of the one that click raised."""
    return click.UsageError(
        f'no such option "{error.option_name}"{_did_you_mean(error.possibilities or ())}', ctx=ctx
    )


def _did_you_mean(names: Iterable[str]) -> str:
    quoted = " or ".join(f'"{name}"' for name in names)
    return f"; did you mean {quoted}?" if quoted else ""
