"""A plan as one pull request comment, within the size limit; it lists everything that it leaves out."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from partnergate.rendering.plan.outline import plan_outline
from partnergate.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from partnergate.planning.plan import Plan
    from partnergate.rendering.plan.outline import ChangeEntry, Note, Section

LIMIT: Final = 65_536
"""Length limit of a GitHub comment in characters; the limit of GitLab is higher."""
_RESERVED: Final = 9_000
"""Characters reserved for the list of what is left out."""
_DESTRUCTIVE: Final = "destructive change"
_LONGEST_DESTRUCTIVE: Final = 12_000
_LONGEST_NOTES: Final = 6_000
_LONGEST_NAMES: Final = 20_000
_LONGEST_LEFT_OUT: Final = 8_000
_MANY: Final = 5
"""Number of partners with the same changes from which they are shown as one block."""
_ITS_NAME: Final = "\0"
"""Placeholder of the partner name; no line contains it, because control characters are escaped."""
_DIFF_SIGNS: Final = {"create": "+", "update": "!", "replace": "-", "delete": "-", "adopt": "!"}


class _Block(NamedTuple):
    """A section, or the sections of many partners with the same changes."""

    names: tuple[str, ...]
    changes: int
    text: str


def plan_as_markdown(plan: Plan, *, limit: int = LIMIT) -> str:
    """The comment, at most ``limit`` characters long.

    Its first line is a marker with which the next run finds and replaces the comment.
    """
    outline = plan_outline(plan)
    head = "\n".join((marker(plan.target.environment), f"### Plan for {_text(outline.title)}", ""))
    head += f"\n**{_text(outline.summary)}**\n" + _notes(outline.notes)
    blocks = list(_blocks(outline.sections))
    whole = head + "".join(block.text for block in blocks)
    if len(whole) <= limit:
        return whole
    shown: list[str] = []
    room = limit - len(head) - _RESERVED
    for block in blocks:
        if len(block.text) > room:
            break
        shown.append(block.text)
        room -= len(block.text)
    return head + "".join(shown) + _left_out(blocks[len(shown) :])


def marker(environment: str) -> str:
    """The first line of the comment for an environment."""
    return f"<!-- partnergate:plan:{re.sub(r'[^A-Za-z0-9_.]+', '-', environment)} -->"


def _blocks(sections: Iterable[Section]) -> Iterator[_Block]:
    """Each section; equal sections of many partners are one block at the place of the first."""
    alike: dict[tuple[str, str, str], list[Section]] = {}
    for section in sections:
        body = _body(section)
        if section.partner:
            body = re.sub(rf"\b{re.escape(section.partner)}\b", _ITS_NAME, body)
        # Stages of the realm are never merged: each has its own title.
        alike.setdefault(("" if section.partner else section.title, section.counts(), body), []).append(
            section
        )
    for (_, counts, body), found in alike.items():
        if len(found) < _MANY:
            yield from (_of_one(section) for section in found)
        else:
            yield _of_many(found, counts, body.replace(_ITS_NAME, "PARTNER"))


def _of_one(section: Section) -> _Block:
    return _Block(
        names=(section.partner or section.title,),
        changes=len(section.entries),
        text=_details(section.title, section.counts(), _body(section)),
    )


def _of_many(sections: list[Section], counts: str, body: str) -> _Block:
    names = tuple(section.partner for section in sections)
    return _Block(
        names=names,
        changes=sum(len(section.entries) for section in sections),
        text=_details(
            f"{len(names)} partners",
            f"{counts} in each, all identical",
            body,
            below=f"{_names(names, _LONGEST_NAMES)}\n\n",
        ),
    )


def _body(section: Section) -> str:
    return "\n".join(line for entry in section.entries for line in _entry(entry))


def _details(title: str, counts: str, body: str, *, below: str = "") -> str:
    """A collapsible block, with its lines colored as a diff."""
    fence = _fence(body)
    summary = f"<summary><b>{html.escape(title)}</b>: {counts}</summary>"
    return f"\n<details>{summary}\n\n{fence}diff\n{body}\n{fence}\n\n{below}</details>\n"


def _entry(entry: ChangeEntry) -> list[str]:
    sign = _DIFF_SIGNS[entry.action]
    return [f"{sign} {entry.action} {entry.title}", *(f"      {line}" for line in entry.lines)]


def _notes(notes: tuple[Note, ...]) -> str:
    """The destructive changes, waivers and warnings as a list; many destructive changes hide no warning."""
    destructive = [note for note in notes if note.kind == _DESTRUCTIVE]
    others = [note for note in notes if note.kind != _DESTRUCTIVE]
    listed = _listed(destructive, _LONGEST_DESTRUCTIVE, _DESTRUCTIVE) + _listed(
        others, _LONGEST_NOTES, "note"
    )
    return f"\n{listed}" if listed else ""


def _listed(notes: list[Note], longest: int, noun: str) -> str:
    lines = [f"- **{note.kind}**: {_text(note.text)}\n" for note in notes]
    size = 0
    for index, line in enumerate(lines):
        size += len(line)
        if size > longest:
            rest = f"- **{counted(len(lines) - index, f'more {noun}')}** in the plan file.\n"
            return "".join(lines[:index]) + rest
    return "".join(lines)


def _left_out(blocks: list[_Block]) -> str:
    if not blocks:
        return ""
    names = [name for block in blocks for name in block.names]
    changes = sum(block.changes for block in blocks)
    named = _names(names, _LONGEST_LEFT_OUT)
    return (
        f"\n**Not shown: {counted(changes, 'change')} in {counted(len(names), 'section')}.** "
        "The comment has a length limit; the plan file has every change.\n"
        f"\n<details><summary>Not shown</summary>\n\n{named}\n\n</details>\n"
    )


def _names(names: Sequence[str], longest: int) -> str:
    """As many names as fit, and the number of the others."""
    size = 0
    for index, name in enumerate(names):
        size += len(_text(name)) + 2
        if size > longest:
            return f"{', '.join(map(_text, names[:index]))} and {len(names) - index} more"
    return ", ".join(map(_text, names))


def _fence(body: str) -> str:
    """A code fence that no line of the body can close."""
    runs = [len(run) for run in re.findall(r"`+", body)]
    return "`" * max(3, *(run + 1 for run in runs), 3)


def _text(words: str) -> str:
    """Text without active markup, links or mentions."""
    escaped = re.sub(r"([\\`*_{}\[\]()#+!|~])", r"\\\1", html.escape(words, quote=False))
    return escaped.replace("@", "@&#8203;").replace("://", ":&#8203;//")
