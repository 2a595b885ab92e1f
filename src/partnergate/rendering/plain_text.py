"""Untrusted text in tables and lines of a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.safe_text import plain

if TYPE_CHECKING:
    from rich.text import Text


def cell(text: str, style: str = "") -> Text:
    """The text for a table or a line; square brackets are not read as markup."""
    from rich.text import Text  # noqa: PLC0415 - keeps a plan without changes fast

    return Text(plain(text), style=style)
