"""A stand-in for the host's product: one page that sends people in by each partner and shows their token."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from jinja2 import Environment, PackageLoader

from partnergate.devstack.ports import LOOPBACK
from partnergate.errors import PartnergateError
from partnergate.login.http_login import authorization_request, redeem
from partnergate.playground.cast import PEOPLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from partnergate.login.http_login import AuthorizationRequest
    from partnergate.playground.line import Line

_PAGES = Environment(loader=PackageLoader("partnergate.playground"), autoescape=True)
_SHOWN = ("partner_id", "identity_provider", "preferred_username", "email", "name", "sid", "iss", "azp")


class HostProduct:
    """What the page knows: who may try, and which logins are on their way."""

    def __init__(self, line: Line, links: tuple[tuple[str, str], ...], statements: tuple[Path, ...]) -> None:
        self._line = line
        self._statements = {path.stem: path for path in statements}
        named = tuple((f"Draft statement of {name}", f"/statements/{name}") for name in self._statements)
        self._links = links + named
        self._pending: dict[str, AuthorizationRequest] = {}

    def page(self, path: str) -> tuple[int, str, str]:
        """(status, body, address to redirect to) of one GET."""
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        match parts.path:
            case "/":
                return HTTPStatus.OK, self._index(), ""
            case "/login":
                return self._enter(query.get("kc_idp_hint", ""))
            case "/callback":
                return self._callback(query)
            case path if (name := path.removeprefix("/statements/")) in self._statements:
                return HTTPStatus.OK, self._statements[name].read_text(encoding="utf-8"), ""
            case "/signed-out":
                return HTTPStatus.OK, self._message("Signed out", "The session has ended."), ""
            case _:
                return HTTPStatus.NOT_FOUND, self._message("Not found", "There is no such page."), ""

    def _index(self) -> str:
        people = [{"who": who, "password": self._line.cast.credentials(who).password} for who in PEOPLE]
        return _PAGES.get_template("host_app.html").render(
            people=people, links=self._links, launch=f"{self._line.launch_url}/launch/"
        )

    def _enter(self, alias: str) -> tuple[int, str, str]:
        request = authorization_request(self._line.application(), alias=alias or None)
        self._pending[request.state] = request
        return HTTPStatus.FOUND, "", request.url

    def _callback(self, query: dict[str, str]) -> tuple[int, str, str]:
        request = self._pending.pop(query.get("state", ""), None)
        if request is None or "code" not in query:
            why = query.get("error_description") or query.get("error") or "This login was not started here."
            return HTTPStatus.BAD_REQUEST, self._message("No entry", why), ""
        try:
            login = redeem(self._line.application(), request, code=query["code"])
        except PartnergateError as error:
            return HTTPStatus.BAD_REQUEST, self._message("No entry", error.what), ""
        claims: dict[str, Any] = {name: login.claims[name] for name in _SHOWN if name in login.claims}
        body = _PAGES.get_template("host_app_inside.html").render(
            partner=login.partner_id, claims=json.dumps(claims, indent=2)
        )
        return HTTPStatus.OK, body, ""

    def _message(self, title: str, text: str) -> str:
        return _PAGES.get_template("host_app_message.html").render(title=title, text=text)


@contextmanager
def host_product(
    line: Line, *, port: int, links: tuple[tuple[str, str], ...], statements: tuple[Path, ...]
) -> Iterator[None]:
    """Serve the page on loopback until the end."""
    product = HostProduct(line, links, statements)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body, location = product.page(self.path)
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Cache-Control", "no-store")
            self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer((LOOPBACK, port), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
