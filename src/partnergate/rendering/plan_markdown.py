"""A plan as one comment of a pull request: under the size limit, and honest about what it leaves out."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Final

from partnergate.rendering.plan_outline import plan_outline

if TYPE_CHECKING:
    from partnergate.planning.plan import Plan
    from partnergate.rendering.plan_outline import Entry, Note, Section

LIMIT: Final = 65_536
"""Characters of a comment that GitHub accepts; GitLab accepts more."""
_RESERVED: Final = 600
"""Kept free for the words on what is left out."""
_LONGEST_NOTES: Final = 16_000
_DIFF_SIGNS: Final = {"create": "+", "update": "!", "replace": "-", "delete": "-", "adopt": "!"}


def plan_as_markdown(plan: Plan, *, limit: int = LIMIT) -> str:
    """The comment. Its first line is a marker, by which the next run finds and replaces it."""
    outline = plan_outline(plan)
    head = "\n".join((marker(plan.target.environment), f"### Plan for {_text(outline.title)}", ""))
    head += f"\n**{_text(outline.summary)}**\n" + _notes(outline.notes)
    shown: list[str] = []
    room = limit - len(head) - _RESERVED
    for section in outline.sections:
        block = _section(section)
        if len(block) > room:
            break
        shown.append(block)
        room -= len(block)
    return head + "".join(shown) + _left_out(outline.sections[len(shown) :])


def marker(environment: str) -> str:
    """The first line of the comment of an environment."""
    return f"<!-- partnergate:plan:{re.sub(r'[^A-Za-z0-9_.]+', '-', environment)} -->"


def _section(section: Section) -> str:
    """A section that opens on a click; its lines coloured as a diff."""
    body = "\n".join(line for entry in section.entries for line in _entry(entry))
    fence = _fence(body)
    title = f"<summary><b>{html.escape(section.title)}</b>: {section.counts()}</summary>"
    return f"\n<details>{title}\n\n{fence}diff\n{body}\n{fence}\n\n</details>\n"


def _entry(entry: Entry) -> list[str]:
    sign = _DIFF_SIGNS[entry.action]
    return [f"{sign} {entry.action} {entry.title}", *(f"      {line}" for line in entry.lines)]


def _notes(notes: tuple[Note, ...]) -> str:
    """The dangers, waivers and warnings as a list; dangers stand first and are never left out."""
    lines = [f"- **{note.kind}**: {_text(note.text)}\n" for note in notes]
    size = 0
    for index, line in enumerate(lines):
        size += len(line)
        if size > _LONGEST_NOTES:
            rest = len(lines) - index
            return "\n" + "".join(lines[:index]) + f"- **{rest} more notes** stand in the plan file.\n"
    return "\n" + "".join(lines) if lines else ""


def _left_out(sections: tuple[Section, ...]) -> str:
    if not sections:
        return ""
    changes = sum(len(section.entries) for section in sections)
    first = _text(sections[0].title)
    return (
        f"\n**Not shown: {changes} changes in {len(sections)} sections, from {first} on.** "
        "This comment would be longer than the limit; the plan file has every change.\n"
    )


def _fence(body: str) -> str:
    """A fence that nothing inside can close."""
    runs = [len(run) for run in re.findall(r"`+", body)]
    return "`" * max(3, *(run + 1 for run in runs), 3)


def _text(words: str) -> str:
    """Words that are no markup, no link and call nobody."""
    escaped = re.sub(r"([\\`*_{}\[\]()#+!|~])", r"\\\1", html.escape(words, quote=False))
    return escaped.replace("@", "@&#8203;").replace("://", ":&#8203;//")
