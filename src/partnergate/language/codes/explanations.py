"""The page of a code, as it lies in the package."""

from __future__ import annotations

from importlib import resources

from partnergate.language.codes.catalog import CODES


def explanation(code: str) -> str | None:
    """The Markdown of the page; none when there is no such code."""
    if code not in CODES:
        return None
    page = resources.files("partnergate.language.codes").joinpath("pages", f"{code}.md")
    return page.read_text(encoding="utf-8")
