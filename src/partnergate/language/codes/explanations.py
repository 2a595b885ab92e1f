"""The page of a code, for ``partnergate explain``."""

from __future__ import annotations

from partnergate.language.codes.catalog import page


def explanation(code: str) -> str | None:
    """Return the Markdown page of a code; None if the code does not exist."""
    try:
        return page(code)
    except KeyError:
        return None
