"""Every file of the repository that is derived from the program, and the program that writes them.

``scripts/generate`` runs this module. To add a generated file, add its path and the function that
returns its text to ``GENERATED_FILES``.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import layers
from partnergate.cli.reference import (
    GENERATED,
    code_index,
    command_reference,
    exit_code_table,
    language_reference,
    login_reasons,
)
from partnergate.cli.schemas import SCHEMAS, schema_file, schema_text
from partnergate.pricing.models.page import pricing_page
from partnergate.realm.mappers.page import mappers_page

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]

GENERATED_FILES: tuple[tuple[str, Callable[[], str]], ...] = (
    *((f"schema/{schema_file(name)}", partial(schema_text, name)) for name in SCHEMAS),
    ("docs/cli.md", command_reference),
    ("docs/exit-codes.md", exit_code_table),
    ("docs/language-reference.md", language_reference),
    ("docs/codes/README.md", code_index),
    ("docs/reasons.md", login_reasons),
    ("docs/mappers.md", partial(mappers_page, GENERATED)),
    ("docs/pricing.md", lambda: pricing_page(_page("docs/pricing.md"))),
    ("docs/architecture.md", layers.current_page),
)
"""Path from the root of the repository, and the function that returns the text of the file.

A function whose page is only partly generated reads the page and replaces its generated part.
"""


def _page(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def stale_files(root: Path) -> tuple[str, ...]:
    """Return the paths of the generated files that are missing or out of date."""
    return tuple(path for path, make in GENERATED_FILES if _text(root / path) != make())


def write_files(root: Path) -> tuple[str, ...]:
    """Write every generated file that is missing or out of date, and return their paths."""
    written = []
    for path, make in GENERATED_FILES:
        text, file = make(), root / path
        if _text(file) == text:
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        written.append(path)
    return tuple(written)


def main(arguments: list[str], root: Path) -> int:
    """Write the files, or with ``--check`` report the stale ones; return the exit code."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: scripts/generate [--check | --golden [PATH...]]\n")
        return 64
    if arguments:
        stale = stale_files(root)
        sys.stderr.writelines(f"out of date: {path}; run scripts/generate\n" for path in stale)
        return 1 if stale else 0
    sys.stdout.writelines(f"written {path}\n" for path in write_files(root))
    return 0


def _text(file: Path) -> str | None:
    return file.read_text(encoding="utf-8") if file.is_file() else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], ROOT))
