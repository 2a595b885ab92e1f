"""Makes untrusted text safe for a terminal, an email and a review."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.text import Text


def plain(text: str) -> str:
    """The text on one line, with control characters and text direction marks as escapes.

    So a value cannot move the cursor or hide the text next to it.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def cell(text: str, style: str = "") -> Text:
    """The text for a table or a line; square brackets are not read as markup."""
    from rich.text import Text  # noqa: PLC0415 - keeps a plan without changes fast

    return Text(plain(text), style=style)
