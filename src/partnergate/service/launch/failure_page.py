"""The page that a user sees when a launch fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from partnergate.service.portal.pages import page

if TYPE_CHECKING:
    from starlette.responses import Response


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchMessage:
    """The view of ``launch_message.html``."""

    title: str
    message: str
    again: str


def launch_page(*, title: str, message: str, status: int, again: str) -> Response:
    """Return a page with a message and, unless ``again`` is empty, a link to try again."""
    return page(
        "launch_message.html", LaunchMessage(title=title, message=message, again=again), status=status
    )
