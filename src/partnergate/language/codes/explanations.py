"""Reads the page of a code from the package."""

from __future__ import annotations

from importlib import resources

from partnergate.language.codes.catalog import CODES


def explanation(code: str) -> str | None:
    """Return the Markdown page of a code; none if the code does not exist."""
    if code not in CODES:
        return None
    page = resources.files("partnergate.language.codes").joinpath("pages", f"{code}.md")
    return page.read_text(encoding="utf-8")
