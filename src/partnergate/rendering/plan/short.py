"""The short form of a plan: one line per object with its changed fields, the notes, and a summary."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from partnergate.rendering.plan.outline import plan_outline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.planning.plan import Plan
    from partnergate.rendering.plan.outline import ChangeEntry

_HINT: Final = "To show every field with its values, pass --full."
_SYMBOL_COLUMNS: Final = 3
_COLORS: Final = {
    "create": "32",
    "update": "33",
    "replace": "1;31",
    "delete": "31",
    "adopt": "35",
    "destructive change": "1;31",
    "warning": "33",
    "waiver": "36",
}
"""SGR codes per action and kind of note; written here, because rich takes longer to import than to print."""


def plan_as_short_text(plan: Plan, *, color: bool, width: int = 80) -> str:
    """The short form for ``width`` columns, with or without color.

    Values never appear; of a certificate, the beginning of its fingerprint does.
    """
    outline = plan_outline(plan)
    lines: list[str] = []
    if outline.sections:
        lines.append(_painted(outline.title, "1", color=color))
    for section in outline.sections:
        lines += [line for entry in section.entries for line in _entry(entry, color=color, width=width)]
    for note in outline.notes:
        first, *rest = _wrapped(f"{note.kind}: {note.text}", width)
        word, colon, text = first.partition(":")
        lines += [f"{_painted(word, _COLORS[note.kind], color=color)}{colon}{text}", *rest]
    lines += [_painted(line, "1", color=color) for line in _wrapped(outline.summary, width)]
    if outline.sections:
        lines.append(_HINT)
    return "\n".join(lines) + "\n"


def _entry(entry: ChangeEntry, *, color: bool, width: int) -> Iterator[str]:
    """One line, as many field names as fit, and the number of the others."""
    symbol = f"{entry.symbol:<{_SYMBOL_COLUMNS}}"
    head = f"{symbol} {entry.action} {entry.title}"
    text = head
    for index, name in enumerate(entry.fields):
        separator = ", " if index else ": "
        left = len(entry.fields) - index - 1
        more = f" and {left} more" if left else ""
        if len(text) + len(separator) + len(name) + len(more) > width:
            rest = left + 1
            text += f": {rest} fields" if not index else f" and {rest} more"
            break
        text += separator + name
    yield _painted(symbol, _COLORS[entry.action], color=color) + text[len(symbol) :]


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(
        text, width, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
    )


def _painted(text: str, code: str, *, color: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if color else text
