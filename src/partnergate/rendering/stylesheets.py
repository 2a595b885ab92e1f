"""The style sheets of statements, and the one palette that pages and PDF share."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources

_LIGHT = re.compile(r":root\s*{([^}]*)}")
_COLOR = re.compile(r"--([a-z-]+):\s*(#[0-9a-f]{6})\s*;")


def stylesheet(name: str) -> str:
    """A style sheet of this package."""
    return resources.files("partnergate.rendering").joinpath("static", name).read_text("utf-8")


def page_style() -> str:
    """Everything that a page without the service around it needs."""
    return stylesheet("palette.css") + stylesheet("statement.css")


@lru_cache(maxsize=1)
def paper_colors() -> dict[str, str]:
    """Return the colors of the light mode by variable name; paper has no dark mode."""
    light = _LIGHT.search(stylesheet("palette.css"))
    return dict(_COLOR.findall(light[1])) if light else {}
