"""The page that asks whether the session of another partner may end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from partnergate.service.portal.pages import page

if TYPE_CHECKING:
    from starlette.responses import Response


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmView:
    """The view of ``launch_confirm.html``."""

    action: str
    state: str


def confirm_page(*, action: str, state: str, secure: bool) -> Response:
    """Return the page that asks before the session of another partner ends. It names no partner.

    Chromium applies ``form-action`` to the redirects after a form as well, and they lead to the realm, the
    product, and the partner.
    """
    response = page("launch_confirm.html", ConfirmView(action=action, state=state))
    schemes = "https:" if secure else "http: https:"
    response.headers["Content-Security-Policy"] = response.headers["Content-Security-Policy"].replace(
        "form-action 'self'", f"form-action 'self' {schemes}"
    )
    # Without a referrer, browsers send "Origin: null" with the form, which looks like another site.
    response.headers["Referrer-Policy"] = "same-origin"
    return response
