"""The documentation of commands and exit codes is complete and current."""

from __future__ import annotations

import re
from pathlib import Path

from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.main import COMMANDS, cli
from partnergate.cli.reference import exit_code_rows

DOCS = Path(__file__).parents[2] / "docs"


def test_every_command_has_a_section() -> None:
    text = (DOCS / "cli.md").read_text()
    assert [name for name in COMMANDS if f"\n## partnergate {name}\n" not in text] == []


def test_every_option_has_a_help_text() -> None:
    import click

    def walk(command: click.Command, path: str) -> list[str]:
        bare = [
            f"{path} {parameter.opts[0]}"
            for parameter in command.params
            if isinstance(parameter, click.Option) and not parameter.help and not parameter.hidden
        ]
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                inner = command.get_command(context, name)
                assert inner is not None
                bare += walk(inner, f"{path} {name}")
        return bare

    assert walk(cli, "partnergate") == []


def test_every_exit_code_has_a_row_in_the_generated_table() -> None:
    assert {(code, name) for code, name, _ in exit_code_rows()} == {(c.value, c.name) for c in ExitCode}


def test_links_between_documents_have_a_target() -> None:
    root = DOCS.parent
    broken = []
    for document in [*root.glob("*.md"), *DOCS.rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", document.read_text()):
            if "://" in target or target.startswith("mailto:"):
                continue
            if not (document.parent / target).exists():
                broken.append(f"{document.relative_to(root)}: {target}")
    assert broken == []
