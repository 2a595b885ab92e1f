"""The host's product, as small as it can be: it signs people in through Keycloak and shows who they are.

It does what a host's product has to do to work with the launch: a login address that takes the
parameters of OpenID Connect Core 1.0 section 4, and passes the provider's alias on.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, PackageLoader, select_autoescape

from partnergate.devstack.ports import free_ports
from partnergate.login.browser import LoginRefusedError
from partnergate.login.http_login import (
    AuthorizationRequest,
    HostApplication,
    authorization_request,
    redeem,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from partnergate.login.http_login import Login

COOKIE = "product"
_PAGES = Environment(
    loader=PackageLoader("partnergate.playground", "templates"), autoescape=select_autoescape(default=True)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _User:
    name: str
    partner: str
    username: str
    session: str


@dataclass(slots=True)
class _Visit:
    """What one browser is doing."""

    asked: dict[str, tuple[AuthorizationRequest, str]] = field(default_factory=dict)
    """State -> the request under way and where to go afterwards; one for each tab."""
    login: Login | None = None
    target: str = ""


def product_app(application: Callable[[], HostApplication], *, base_url: str) -> FastAPI:
    """The application. ``application`` tells the realm when it is asked, since a demo makes it later."""
    app = FastAPI(title="The host's product", openapi_url=None)
    visits: dict[str, _Visit] = {}

    def visit(request: Request) -> tuple[str, _Visit]:
        key = request.cookies.get(COOKIE) or secrets.token_urlsafe(16)
        return key, visits.setdefault(key, _Visit())

    def kept(response: Response, key: str) -> Response:
        response.set_cookie(COOKIE, key, httponly=True, samesite="lax")
        response.headers["Cache-Control"] = "no-store"
        return response

    @app.get("/login")
    def login(request: Request, kc_idp_hint: str = "", target_link_uri: str = "") -> Response:
        key, held = visit(request)
        asked = authorization_request(application(), alias=kc_idp_hint or None)
        held.asked[asked.state] = (asked, target_link_uri)
        return kept(RedirectResponse(asked.url, status_code=303), key)

    @app.get("/callback")
    def callback(request: Request, state: str = "", code: str = "", error: str = "") -> Response:
        key, held = visit(request)
        asked, target = held.asked.pop(state, (None, ""))
        if asked is None or not code:
            return kept(
                _page(status=400, message=f"The sign-in did not work: {error or 'unknown state'}."), key
            )
        try:
            held.login, held.target = redeem(application(), asked, code=code), target
        except LoginRefusedError as refused:
            return kept(_page(status=400, message=f"The sign-in did not work: {refused}"), key)
        return kept(RedirectResponse("/", status_code=303), key)

    @app.get("/sign-out")
    def sign_out(request: Request) -> Response:
        key, held = visit(request)
        done, held.login = held.login, None
        if done is None:
            return kept(RedirectResponse("/", status_code=303), key)
        query = urlencode(
            {"id_token_hint": done.id_token, "post_logout_redirect_uri": f"{base_url}/signed-out"}
        )
        return kept(RedirectResponse(f"{application().endpoint('logout')}?{query}", status_code=303), key)

    @app.get("/")
    @app.get("/signed-out")
    @app.get("/workspaces/{rest:path}")
    def home(request: Request) -> Response:
        key, held = visit(request)
        return kept(_page(login=held.login, target=held.target), key)

    return app


def _page(
    *, login: Login | None = None, target: str = "", message: str = "", status: int = 200
) -> HTMLResponse:
    user = login and _User(
        name=str(login.claims.get("name") or login.claims.get("preferred_username", "")),
        partner=login.partner_id or "none",
        username=str(login.claims.get("preferred_username", "")),
        session=login.session_id,
    )
    text = _PAGES.get_template("host_product.html").render(
        title="Host workspaces", user=user, target=target, message=message
    )
    return HTMLResponse(text, status_code=status)


@dataclass(slots=True)
class HostProduct:
    """The product, running on loopback until the ``with`` ends."""

    application: Callable[[], HostApplication]
    port: int = field(default_factory=lambda: free_ports(1)[0])
    _server: uvicorn.Server = field(init=False)
    _thread: threading.Thread = field(init=False)

    @property
    def url(self) -> str:
        """Where browsers find it."""
        return f"http://localhost:{self.port}"

    def __enter__(self) -> Self:
        app: Any = product_app(self.application, base_url=self.url)
        self._server = uvicorn.Server(
            uvicorn.Config(app, host="127.0.0.1", port=self.port, log_level="error", access_log=False)
        )
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            self._thread.join(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)
