"""Turns the examples of the code pages into workspaces.

A block of a page names its file in its first line. Its top-level keys replace those of the file in
the fixture workspace; ``# ...`` inside a key keeps the lines of the fixture that the block does
not write itself. ``without KEY`` drops a key, ``like FILE`` begins with another file.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from partnergate.language.folder import Folder, read_folder
from partnergate.language.validate import validated

REPOSITORY = Path(__file__).parents[3]
PAGES = REPOSITORY / "src/partnergate/language/codes/pages"
WORKSPACE = REPOSITORY / "tests/fixtures/diagnostics/workspace"
TODAY = date(2026, 11, 24)

if TYPE_CHECKING:
    from partnergate.diagnostics import Diagnostic

_HOSTILE = {
    "PG001": ("partners/acme.yaml", b"name: \xc1cme\n"),
    "PG002": ("partners/acme.yaml", "name: Acme\u200bAutomations\n".encode()),
    "PG003": ("partners/acme.yaml", b"#" * 300_000),
    "PG005": ("partners/acme.yaml", b"name: " + b"[" * 60 + b"]" * 60),
    "PG036": ("partners/umbrella.yml", b"partnergate: 1\n"),
    "PG201": ("partners/acme-copy.yaml", (WORKSPACE / "partners/acme.yaml").read_bytes()),
}
"""File and content for each code whose page cannot contain its example."""
BILLED = {"PG211": frozenset({"wayne"})}
"""Partners with finalized statements, which only a store contains."""
REQUESTED_ENVIRONMENT = {"PG409": "prod"}
LINKS = {"PG038": (PurePosixPath("partners/umbrella.yaml"),)}
"""Links, which only a file system contains."""
SECRET_FILES = {"PG166": "does not exist"}
"""What the secrets directory, which no workspace contains, reports about each secret file."""


def blocks(text: str) -> dict[str, str]:
    """Top-level key -> its lines, without the comments above it."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in text.splitlines():
        if line[:1] not in (" ", "#", "", "?", "-", ":"):
            name = line.split(":")[0]
            found[name] = []
        elif line.startswith(("---", "#")) and name:
            name = f"{line}{len(found)}"
            found[name] = []
        if name:
            found[name].append(line)
    return {key: "\n".join(lines).rstrip() for key, lines in found.items()}


def _inner(block: str) -> dict[str, str]:
    """Second-level key -> its lines."""
    body = "\n".join(line[2:] for line in block.splitlines()[1:] if line.strip() != "# ...")
    return blocks(body)


def _joined(base: str, own: str) -> str:
    if "  # ..." not in own.splitlines():
        return own
    merged = _inner(base) | _inner(own)
    lines = [f"  {line}" for block in merged.values() for line in block.splitlines()]
    return "\n".join([own.splitlines()[0], *lines])


def _applied(base: str, own: str, *, dropped: str) -> str:
    under, over = blocks(base), blocks(own)
    under.pop(dropped, None)
    merged = under | {name: _joined(under.get(name, ""), block) for name, block in over.items()}
    return "\n".join(merged.values()) + "\n"


def examples(code: str, title: str) -> list[tuple[str, str]]:
    """(first line without ``# ``, rest) of each YAML block under a heading of the page."""
    page = (PAGES / f"{code}.md").read_text(encoding="utf-8")
    section = page.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]
    found = re.findall(r"```yaml\n# (.*?)\n(.*?)\n```", section, re.DOTALL)
    return [(head, body) for head, body in found]


def folder_of(code: str, title: str) -> Folder:
    """The fixture workspace with the example merged over it."""
    base = read_folder(WORKSPACE)
    files = {f"partners/{name}": content for name, content in base.partners.items()}
    files |= {f"realm_templates/{name}": content for name, content in base.templates.items()}
    for head, body in examples(code, title):
        words = head.split()
        start = words[2] if words[1:2] == ["like"] else words[0]
        dropped = words[2] if words[1:2] == ["without"] else ""
        text = files.get(start, b"").decode()
        files[words[0]] = _applied(text, body, dropped=dropped).encode()
    if title == "Wrong" and code in _HOSTILE:
        name, content = _HOSTILE[code]
        files[name] = content
    by_place = {
        place: {PurePosixPath(n).name: c for n, c in sorted(files.items()) if n.startswith(place)}
        for place in ("partners", "realm_templates")
    }
    links = LINKS.get(code, ()) if title == "Wrong" else ()
    return Folder(partners=by_place["partners"], templates=by_place["realm_templates"], links=links)


def problems(code: str, title: str) -> tuple[Diagnostic, ...]:
    """The diagnostics of the example."""
    environment = REQUESTED_ENVIRONMENT.get(code) if title == "Wrong" else None
    billed = BILLED.get(code, frozenset()) if title == "Wrong" else frozenset({"acme"})
    folder = folder_of(code, title)
    secret_file = SECRET_FILES.get(code)
    return validated(
        folder,
        today=TODAY,
        environment=environment,
        variables={},
        billed=billed,
        secret_file_problem=None if secret_file is None else lambda _: secret_file,
    )
