"""A statement as one page that needs nothing else, and as a part of the service's pages."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from partnergate.model.written_text import visible
from partnergate.rendering.stylesheets import page_style

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partnergate.rendering.statement.view import StatementView


def statement_page(view: StatementView) -> str:
    """The whole page, with its style."""
    return rendered(
        "statement_page.html",
        view=view,
        css=Markup(page_style()),  # noqa: S704 - our own files
        language=view.locale.partition("_")[0],
        trace_links=None,
    )


def statement_fragment(view: StatementView, *, trace_links: Mapping[int, str] | None = None) -> Markup:
    """The statement without a page around it; each line may lead to its trace."""
    page = rendered("statement_body.html", view=view, trace_links=trace_links)
    return Markup(page)  # noqa: S704 - made by an escaping template


def rendered(template: str, **values: Any) -> str:
    """A template of this package, with everything escaped."""
    return _environment().get_template(template).render(**values)


def _printed(value: Any) -> Any:
    """Other parties' text with the characters that a reader cannot see as codes."""
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        finalize=_printed,
        loader=PackageLoader("partnergate.rendering", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
