"""The full form of a plan for the terminal: a tree with every field, the notes, and a summary line."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from partnergate.rendering.plan.outline import plan_outline

if TYPE_CHECKING:
    from partnergate.planning.plan import Plan

_UNBROKEN: Final = 4096
"""Wider than any line: a value that is truncated at the width of a window cannot be reviewed."""
STYLES: Final = {
    "create": "green",
    "update": "yellow",
    "replace": "bold red",
    "delete": "red",
    "adopt": "magenta",
    "destructive change": "bold red",
    "warning": "yellow",
    "waiver": "cyan",
}


def plan_as_text(plan: Plan, *, color: bool) -> str:
    """The tree, with or without color; only the summary line if there are no changes and no notes."""
    if plan.is_empty and not color:
        outline = plan_outline(plan)
        return "".join(f"{note.kind}: {note.text}\n" for note in outline.notes) + outline.summary + "\n"
    from rich.console import Console  # noqa: PLC0415 - keeps a plan without changes fast
    from rich.text import Text  # noqa: PLC0415
    from rich.tree import Tree  # noqa: PLC0415

    outline = plan_outline(plan)
    written = io.StringIO()
    console = Console(
        file=written, force_terminal=color, no_color=not color, highlight=False, width=_UNBROKEN
    )
    tree = Tree(Text(outline.title, style="bold"), guide_style="dim")
    for section in outline.sections:
        branch = tree.add(Text(f"{section.title} ({section.counts()})", style="bold"))
        for entry in section.entries:
            label = Text(f"{entry.symbol} {entry.action} ", style=STYLES[entry.action]).append(
                entry.title, style="default"
            )
            leaf = branch.add(label)
            for line in entry.lines:
                leaf.add(Text(line))
    if outline.sections:
        console.print(tree, soft_wrap=True)
    for note in outline.notes:
        console.print(Text(f"{note.kind}: ", style=STYLES[note.kind]).append(note.text), soft_wrap=True)
    console.print(Text(outline.summary, style="bold"), soft_wrap=True)
    return written.getvalue()
