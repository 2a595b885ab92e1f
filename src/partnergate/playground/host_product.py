"""The host's product at its smallest: it signs people in through Keycloak and shows who they are.

It does what a host's product must do to work with the launch: offer a login address that takes the
parameters of OpenID Connect Core 1.0 section 4, and pass the provider's alias on to Keycloak. The demo
adds a guide with the launch links of the partners, and the draft statements.
"""

from __future__ import annotations

import json
import secrets
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, PackageLoader, select_autoescape

from partnergate.devstack.free_ports import LOOPBACK, free_ports
from partnergate.login.browser import LoginRefusedError
from partnergate.login.http_login import (
    AuthorizationRequest,
    HostApplication,
    authorization_request,
    redeem,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from partnergate.login.http_login import Login

COOKIE = "product"
_SHOWN_CLAIMS = (
    "partner_id",
    "identity_provider",
    "preferred_username",
    "email",
    "name",
    "sid",
    "iss",
    "azp",
)
_PAGES = Environment(
    loader=PackageLoader("partnergate.playground", "templates"), autoescape=select_autoescape(default=True)
)
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidedPerson:
    """A user of a partner whom the visitor of the demo can play."""

    partner: str
    username: str
    password: str = field(repr=False)
    launch_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """What the demo shows on the first page besides the product itself."""

    people: tuple[GuidedPerson, ...]
    links: tuple[tuple[str, str], ...]
    """(label, URL)."""
    statements: Mapping[str, Path]
    """Partner -> its draft statement as an HTML file, served at ``/statements/<partner>``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _User:
    name: str
    partner: str
    username: str
    session: str


@dataclass(slots=True)
class _Visit:
    """The state of one browser."""

    pending: dict[str, tuple[AuthorizationRequest, str]] = field(default_factory=dict)
    """State parameter -> the authorization request and the page to show afterwards; one for each tab."""
    login: Login | None = None
    target: str = ""


def product_app(
    application: Callable[[], HostApplication], *, base_url: str, guide: Guide | None = None
) -> FastAPI:
    """The web application. ``application`` is called per request, because the realm may be created later."""
    app = FastAPI(title="The host's product", openapi_url=None)
    visits: dict[str, _Visit] = {}

    def visit(request: Request) -> tuple[str, _Visit]:
        key = request.cookies.get(COOKIE) or secrets.token_urlsafe(16)
        return key, visits.setdefault(key, _Visit())

    def with_cookie(response: Response, key: str) -> Response:
        response.set_cookie(COOKIE, key, httponly=True, samesite="lax")
        response.headers.update(_HEADERS)
        return response

    def page(key: str, held: _Visit, *, message: str = "", status: int = 200) -> Response:
        return with_cookie(_page(held, guide=guide, message=message, status=status), key)

    def failed(key: str, reason: str) -> Response:
        return page(key, _Visit(), message=f"The sign-in failed: {reason}.", status=400)

    @app.get("/login")
    def login(request: Request, kc_idp_hint: str = "", target_link_uri: str = "") -> Response:
        key, held = visit(request)
        started = authorization_request(application(), alias=kc_idp_hint or None)
        held.pending[started.state] = (started, target_link_uri)
        return with_cookie(RedirectResponse(started.url, status_code=303), key)

    @app.get("/callback")
    def callback(
        request: Request, state: str = "", code: str = "", error: str = "", error_description: str = ""
    ) -> Response:
        key, held = visit(request)
        started, target = held.pending.pop(state, (None, ""))
        if started is None or not code:
            return failed(key, error_description or error or "unknown state")
        try:
            held.login, held.target = redeem(application(), started, code=code), target
        except LoginRefusedError as refused:
            return failed(key, refused.what)
        return with_cookie(RedirectResponse("/", status_code=303), key)

    @app.get("/sign-out")
    def sign_out(request: Request) -> Response:
        key, held = visit(request)
        done, held.login = held.login, None
        if done is None:
            return with_cookie(RedirectResponse("/", status_code=303), key)
        query = urlencode(
            {"id_token_hint": done.id_token, "post_logout_redirect_uri": f"{base_url}/signed-out"}
        )
        end = f"{application().endpoint('logout')}?{query}"
        return with_cookie(RedirectResponse(end, status_code=303), key)

    @app.get("/")
    @app.get("/signed-out")
    @app.get("/workspaces/{rest:path}")
    def home(request: Request) -> Response:
        key, held = visit(request)
        return page(key, held)

    @app.get("/statements/{partner}")
    def statement(partner: str) -> Response:
        file = guide.statements.get(partner) if guide else None
        if file is None:
            return HTMLResponse("There is no such statement.", status_code=404, headers=_HEADERS)
        return HTMLResponse(file.read_text(encoding="utf-8"), headers=_HEADERS)

    return app


def _page(held: _Visit, *, guide: Guide | None, message: str, status: int) -> HTMLResponse:
    login = held.login
    user = login and _User(
        name=str(login.claims.get("name") or login.claims.get("preferred_username", "")),
        partner=login.partner_id or "none",
        username=str(login.claims.get("preferred_username", "")),
        session=login.session_id,
    )
    claims = {name: login.claims[name] for name in _SHOWN_CLAIMS if name in login.claims} if login else {}
    text = _PAGES.get_template("host_product.html").render(
        user=user,
        target=held.target,
        message=message,
        claims=json.dumps(claims, indent=2) if claims else "",
        guide=guide,
    )
    return HTMLResponse(text, status_code=status)


@dataclass(slots=True)
class HostProduct:
    """The product, served on loopback until the ``with`` statement ends."""

    application: Callable[[], HostApplication]
    port: int = field(default_factory=lambda: free_ports(1)[0])
    guide: Guide | None = None
    _server: uvicorn.Server = field(init=False)
    _thread: threading.Thread = field(init=False)

    @property
    def url(self) -> str:
        """The address for browsers."""
        return f"http://localhost:{self.port}"

    def __enter__(self) -> Self:
        app: Any = product_app(self.application, base_url=self.url, guide=self.guide)
        self._server = uvicorn.Server(
            uvicorn.Config(app, host=LOOPBACK, port=self.port, log_level="error", access_log=False)
        )
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            self._thread.join(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)
