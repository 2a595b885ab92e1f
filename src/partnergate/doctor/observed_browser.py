"""A Chromium window in which the user logs in manually while the requests are recorded.

It implements the same interface as the headless browser, so a manual test login reports the same
details. Requires Playwright (``partnergate[guided]``) and a Chromium-based browser.
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

    from partnergate.doctor.login_recorder import LoginRecorder
    from partnergate.login.browser import Credentials, Walker

_FLAGS: Final = ["--no-first-run", "--disable-background-networking", "--disable-sync"]
_SUPERSEDED: Final = ("interrupted by another", "ERR_ABORTED", "has been closed")
_POLL_MS: Final = 50
_DONE_PAGE: Final = (
    "<!doctype html><title>Test login</title><p>The test is complete. This window closes automatically.</p>"
)


@dataclass(kw_only=True)
class ObservedBrowser:
    """One window. ``walk`` waits until the user has finished, closed the window, or timed out.

    No slots, because Playwright sets an attribute on the owner of an event handler.
    """

    page: Any
    recorder: LoginRecorder
    wait_seconds: float
    hops: list[Hop] = field(default_factory=list)
    _until: str = ""
    _arrived: str = ""
    _refused: tuple[str, int] | None = None
    """URL and status of an error page."""
    _cdp: Any = None

    def __post_init__(self) -> None:
        self._cdp = self.page.context.new_cdp_session(self.page)
        self._cdp.on("Fetch.requestPaused", self._on_paused)
        self.page.on("request", self._on_request)
        self.page.on("response", self._on_response)

    def walk(self, url: str, *, until: str, credentials: Credentials | None = None) -> str:  # noqa: ARG002 - the user types them
        """Start at ``url`` and return the first URL that matches ``until``, without requesting it."""
        start, self._until, self._arrived, self._refused = len(self.hops), until, "", None
        try:
            # Playwright routes do not intercept redirects; the DevTools protocol does.
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
                raise self._end(f"the login was not completed within {self.wait_seconds:.0f} s", start)
            self._wait()
        return self._arrived

    def close(self) -> None:
        """Do nothing: the window closes together with its browser.

        Closing a page directly after a failed navigation occasionally hangs.
        """

    def _open(self, url: str) -> None:
        try:
            self.page.goto(url, wait_until="commit", timeout=self.wait_seconds * 1000)
        except Error as error:
            # A navigation that is superseded, or aborted because the window closes, is not a failure.
            if not self._arrived and not any(mark in str(error) for mark in _SUPERSEDED):
                raise requests.ConnectionError("the browser could not open the URL") from error

    def _wait(self) -> None:
        """Process pending events. The next poll detects a closed window."""
        try:
            self.page.wait_for_timeout(_POLL_MS)
        except Error:
            return

    def _end_on_page(self, start: int) -> None:
        """Raise for an error page, unless the partner shows a password form again."""
        if self._refused is None:
            return
        url, status = self._refused
        self._refused = None
        self._wait()
        shown = read_page(url, status, self.page.content())
        if url.startswith(self.recorder.host_url) or not any(f.asks_password for f in shown.forms):
            reason = shown.message or shown.text[:300] or shown.title or f"a page with status {status}"
            raise LoginRefusedError(reason, page=shown, hops=tuple(self.hops[start:]))

    def _end(self, reason: str, start: int) -> LoginRefusedError:
        return LoginRefusedError(reason, page=None, hops=tuple(self.hops[start:]))

    def _on_paused(self, event: Any) -> None:
        url = event["request"]["url"]
        if not is_at(url, self._until):
            self._cdp.send("Fetch.continueRequest", {"requestId": event["requestId"]})
            return
        self._arrived = url
        self.recorder.record_url(url)
        body = base64.b64encode(_DONE_PAGE.encode()).decode()
        html = [{"name": "Content-Type", "value": "text/html; charset=utf-8"}]
        self._cdp.send(
            "Fetch.fulfillRequest",
            {"requestId": event["requestId"], "responseCode": 200, "responseHeaders": html, "body": body},
        )

    def _on_request(self, request: Any) -> None:
        if request.is_navigation_request():
            self.recorder.record_url(request.url)
            if request.method == "POST":
                self.recorder.record_form(request.url, _saml_of(request))

    def _on_response(self, response: Any) -> None:
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
    """Return the SAML response in a submitted form; empty when there is none."""
    sent = str(request.post_data or "")
    return parse_qs(sent).get("SAMLResponse", [""])[0]


@contextmanager
def observed_chromium(
    executable: Path, *, wait_seconds: float, headless: bool = False
) -> Iterator[Callable[[LoginRecorder], Walker]]:
    """Open windows of a separate browser with an empty profile; it closes at the end of the block."""
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=str(executable),
                headless=headless,
                args=[*_FLAGS, *(["--no-sandbox", "--disable-gpu"] if headless else [])],
            )
        except Error as error:
            raise UsageError(
                "cannot open a browser window",
                target=str(executable),
                advice="omit --open, and open the URL in a browser on this machine",
            ) from error
        try:
            yield lambda recorder: ObservedBrowser(
                page=browser.new_context().new_page(), recorder=recorder, wait_seconds=wait_seconds
            )
        finally:
            browser.close()
