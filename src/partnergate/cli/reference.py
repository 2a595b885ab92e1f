"""The command reference and the table of exit codes, made from the commands and the codes themselves.

``python -m partnergate.cli.reference`` writes both below ``docs``; a test fails when they are stale.
"""

from __future__ import annotations

import ast
import inspect
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import click

from partnergate.cli import exit_codes
from partnergate.cli.main import COMMANDS, cli

if TYPE_CHECKING:
    from collections.abc import Iterator

GENERATED = "<!-- Made by scripts/docs from the program itself; edit the program. -->"
CLI_FILE = "cli.md"
EXIT_CODES_FILE = "exit-codes.md"


def command_reference() -> str:
    """``docs/cli.md``: the help of every command and subcommand, as it is printed."""
    lines = ["# Commands", "", GENERATED, "", *_help_block(cli, "partnergate")]
    for name, command, path in _commands(cli, "partnergate"):
        lines += ["", f"{'#' * (path.count(' ') + 1)} {path}", "", *_help_block(command, path)]
        if not (command.help or "").strip():
            raise ValueError(f"the command {name} has no help")
    return "\n".join(lines) + "\n"


def _commands(group: click.Group, path: str) -> Iterator[tuple[str, click.Command, str]]:
    context = click.Context(group, info_name=path)
    names = list(COMMANDS) if group is cli else group.list_commands(context)
    for name in names:
        command = group.get_command(context, name)
        if command is None:
            raise ValueError(f"the command {name} is listed and cannot be loaded")
        yield name, command, f"{path} {name}"
        if isinstance(command, click.Group):
            yield from _commands(command, f"{path} {name}")


def _help_block(command: click.Command, path: str) -> list[str]:
    settings = cli.context_settings  # a subcommand inherits them when it runs
    context = click.Context(command, info_name=path, max_content_width=100, terminal_width=100, **settings)
    text = command.get_help(context)
    return ["```text", *(line.rstrip() for line in text.splitlines()), "```"]


def exit_code_table() -> str:
    """``docs/exit-codes.md``: every code, its name and what it means."""
    rows = [f"| {code} | `{name}` | {meaning} |" for code, name, meaning in exit_code_rows()]
    intro = "What a process of `partnergate` ends with, for scripts and CI."
    return "\n".join(
        [
            "# Exit codes",
            "",
            GENERATED,
            "",
            intro,
            "",
            "| code | name | means |",
            "| --- | --- | --- |",
            *rows,
            "",
        ]
    )


def exit_code_rows() -> tuple[tuple[int, str, str], ...]:
    """(code, name, the docstring under it) of each member, in the order of the file."""
    module = ast.parse(inspect.getsource(exit_codes))
    body = next(node for node in module.body if isinstance(node, ast.ClassDef)).body
    rows = []
    for node, following in pairwise(body):
        match node, following:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=int(code))),
                ast.Expr(value=ast.Constant(value=str(meaning))),
            ):
                rows.append((code, name, " ".join(meaning.split())))
    return tuple(rows)


def write_reference(docs: Path) -> None:
    """Write both files."""
    (docs / CLI_FILE).write_text(command_reference(), encoding="utf-8")
    (docs / EXIT_CODES_FILE).write_text(exit_code_table(), encoding="utf-8")


if __name__ == "__main__":
    write_reference(Path("docs"))
