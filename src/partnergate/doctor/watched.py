"""A Chromium window in which a person logs in by hand, and that tells what passed through it.

It goes the same walks as the browser without a window, so a test login by hand shows all that a
headless one does. Needs Playwright (``partnergate[guided]``) and a browser of the Chromium family.
"""

from __future__ import annotations

import base64
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

import requests
from playwright.sync_api import Error, sync_playwright

from partnergate.errors import UsageError
from partnergate.login.browser import Hop, LoginRefusedError, is_at
from partnergate.login.pages import read_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from partnergate.doctor.witness import Witness
    from partnergate.login.browser import Credentials, Walker

_FLAGS: Final = ["--no-first-run", "--disable-background-networking", "--disable-sync"]
_GAVE_WAY: Final = ("interrupted by another", "ERR_ABORTED", "has been closed")
_LOOK_MS: Final = 50
_THANKS: Final = (
    "<!doctype html><title>Test login</title><p>The test is over. This window closes by itself.</p>"
)


@dataclass(kw_only=True)
class WatchedBrowser:
    """One window. ``walk`` waits until the person has arrived, given up, or run out of time.

    Without slots, because Playwright writes an attribute onto the owner of a handler.
    """

    page: Any
    witness: Witness
    wait_seconds: float
    hops: list[Hop] = field(default_factory=list)
    _until: str = ""
    _arrived: str = ""
    _refused: tuple[str, int] | None = None
    """Address and status of an error page."""
    _cdp: Any = None

    def __post_init__(self) -> None:
        self._cdp = self.page.context.new_cdp_session(self.page)
        self._cdp.on("Fetch.requestPaused", self._paused)
        self.page.on("request", self._asked)
        self.page.on("response", self._answered)

    def walk(self, url: str, *, until: str, credentials: Credentials | None = None) -> str:  # noqa: ARG002 - the person types
        """Go from ``url`` until an address is ``until``, and return that address unvisited."""
        start, self._until, self._arrived, self._refused = len(self.hops), until, "", None
        try:
            # Playwright's own routes do not see redirects; the protocol of the browser does.
            self._cdp.send("Fetch.enable", {"patterns": [{"urlPattern": until.partition("?")[0] + "*"}]})
        except Error:
            if not self.page.is_closed():
                raise
            raise self._end("the window was closed", start) from None
        deadline = time.monotonic() + self.wait_seconds
        self._open(url)
        while not self._arrived:
            if self.page.is_closed():
                raise self._end("the window was closed", start)
            if self._refused is not None:
                self._end_on_page(start)
            if time.monotonic() > deadline:
                raise self._end(f"nobody came back within {self.wait_seconds:.0f} s", start)
            self._wait()
        return self._arrived

    def close(self) -> None:
        """Leave the window to its browser, which ends at the end of the block.

        To close a page right after its navigation failed waits for ever, now and then.
        """

    def _open(self, url: str) -> None:
        try:
            self.page.goto(url, wait_until="commit", timeout=self.wait_seconds * 1000)
        except Error as error:
            # A page that gives way to another, or to nothing because the window goes, is no failure.
            if not self._arrived and not any(mark in str(error) for mark in _GAVE_WAY):
                raise requests.ConnectionError("the browser could not open the address") from error

    def _wait(self) -> None:
        """Lets events in; a window that is closed meanwhile is seen by the next look."""
        try:
            self.page.wait_for_timeout(_LOOK_MS)
        except Error:
            return

    def _end_on_page(self, start: int) -> None:
        """Raises for a page that ends the login; a form to type into again does not."""
        if self._refused is None:
            return
        url, status = self._refused
        self._refused = None
        self._wait()
        shown = read_page(url, status, self.page.content())
        if url.startswith(self.witness.host_url) or not any(f.asks_password for f in shown.forms):
            why = shown.message or shown.text[:300] or shown.title or f"a page with status {status}"
            raise LoginRefusedError(why, page=shown, hops=tuple(self.hops[start:]))

    def _end(self, why: str, start: int) -> LoginRefusedError:
        return LoginRefusedError(why, page=None, hops=tuple(self.hops[start:]))

    def _paused(self, event: Any) -> None:
        url = event["request"]["url"]
        if not is_at(url, self._until):
            self._cdp.send("Fetch.continueRequest", {"requestId": event["requestId"]})
            return
        self._arrived = url
        self.witness.saw_address(url)
        body = base64.b64encode(_THANKS.encode()).decode()
        html = [{"name": "Content-Type", "value": "text/html; charset=utf-8"}]
        self._cdp.send(
            "Fetch.fulfillRequest",
            {"requestId": event["requestId"], "responseCode": 200, "responseHeaders": html, "body": body},
        )

    def _asked(self, request: Any) -> None:
        if request.is_navigation_request():
            self.witness.saw_address(request.url)
            if request.method == "POST":
                self.witness.saw_form(request.url, _saml_of(request))

    def _answered(self, response: Any) -> None:
        request, url = response.request, response.url
        if not request.is_navigation_request() or is_at(url, self._until):
            return
        if request.method == "POST":
            what = "SAML post" if _saml_of(request) else "login form"
        else:
            what = "redirect" if response.status in range(300, 400) else "page"
        self.hops.append(
            Hop(method=request.method, url=url.partition("?")[0], status=response.status, what=what)
        )
        if response.status >= requests.codes.bad_request:
            self._refused = (url, response.status)


def _saml_of(request: Any) -> str:
    """The SAML answer that a form passes on, if it is one."""
    sent = str(request.post_data or "")
    return parse_qs(sent).get("SAMLResponse", [""])[0]


@contextmanager
def watched_chromium(
    executable: Path, *, wait_seconds: float, headless: bool = False
) -> Iterator[Callable[[Witness], Walker]]:
    """Opens windows of a browser that knows nothing of the person's own; gone at the end."""
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=str(executable),
                headless=headless,
                args=[*_FLAGS, *(["--no-sandbox", "--disable-gpu"] if headless else [])],
            )
        except Error as error:
            raise UsageError(
                "no window can be opened here",
                target=str(executable),
                advice="leave out --open, and open the address in a browser of this machine",
            ) from error
        try:
            yield lambda witness: WatchedBrowser(
                page=browser.new_context().new_page(), witness=witness, wait_seconds=wait_seconds
            )
        finally:
            browser.close()
