"""Text of other people made safe for a terminal, a mail and a review."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.text import Text


def plain(text: str) -> str:
    """The text on one line, whatever a partner or a server put into it.

    Control characters and the marks that turn the direction of text become escapes, so that a
    value can neither move the cursor nor hide what stands beside it.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def cell(text: str, style: str = "") -> Text:
    """The text for a table or a line: square brackets are no markup of ours."""
    from rich.text import Text  # noqa: PLC0415 - a plan without changes does not wait for it

    return Text(plain(text), style=style)
