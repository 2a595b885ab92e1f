"""Renders pages: one frozen view and one template per page, with autoescape and without scripts.

``base.html`` has the blocks ``title``, ``head``, ``top`` and ``main``. ``page`` renders a template
that extends it. Characters that a reader cannot see are shown as codes.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from partnergate.model.written_text import visible

if TYPE_CHECKING:
    from starlette.responses import Response

HERE = Path(__file__).parents[1]
STATIC = HERE / "static"


def printed(value: Any) -> Any:
    """Return what a template prints for a value: other parties' text with hidden characters as codes."""
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


_ENVIRONMENT = Environment(
    finalize=printed,
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters["number"] = lambda value: f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
}
"""The headers of pages, which may load style sheets. ``SafeHeaders`` adds the other security headers."""


def page(template: str, view: Any, *, status: int = 200) -> Response:
    """Render the template with the fields of the view, a frozen dataclass."""
    if not is_dataclass(view):
        raise TypeError("a view must be a dataclass instance")
    content = {f.name: getattr(view, f.name) for f in fields(view)}
    html = _ENVIRONMENT.get_template(template).render(content)
    return HTMLResponse(html, status, HEADERS)
