"""A test login in the user's own browser, for sign-in pages that cannot be automated.

The browser returns to a loopback redirect URI of a host client, so the realm template must have
one. The requests in between cannot be observed; details come from the realm's events only.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from partnergate.errors import UsageError
from partnergate.login.browser import LoginRefusedError
from partnergate.login.http_login import HostApplication, authorization_request, redeem
from partnergate.signin.diagnosis import reasons_of
from partnergate.signin.failure_reasons import Reason
from partnergate.signin.handoff import endpoint_url, realm_url
from partnergate.signin.login_test import LoginTest, expected_of
from partnergate.signin.observations import Observations

if TYPE_CHECKING:
    from collections.abc import Callable

    from partnergate.doctor.login_test import LoginTester
    from partnergate.model.environment import RealmSpec
    from partnergate.model.partner import PartnerSpec, ProviderSpec

_NOT_INSPECTED = (
    "the received claims were not inspected, because your own browser cannot be observed; "
    "use --open to run the login in an observed Chromium window (requires partnergate[guided])"
)
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_DONE_PAGE = b"<!doctype html><title>Test login</title><p>The test is complete. You can close this page.</p>"


def loopback_application(realm: RealmSpec) -> HostApplication:
    """Return a public client with a loopback redirect URI. Raises ``UsageError`` if none exists."""
    for client in realm.clients:
        for uri in client.redirect_uris:
            split = urlsplit(uri)
            if client.public and not client.session_check and split.hostname in _LOOPBACK and split.port:
                return HostApplication(
                    base_url=realm.server_url,
                    realm=realm.realm,
                    client_id=client.client_id,
                    redirect_uri=uri,
                )
    raise UsageError(
        f"no public client of {realm.environment} has a loopback redirect URI",
        advice="omit --guided, or add a client with a loopback redirect URI to the realm template",
    )


def guided_login_test(
    tester: LoginTester,
    partner: PartnerSpec,
    provider: ProviderSpec,
    *,
    show: Callable[[str], None],
    wait_seconds: float,
) -> LoginTest:
    """Show the URL to open, wait for the browser to return, and report the result."""
    application = loopback_application(tester.realm)
    request = authorization_request(application, alias=provider.alias, prompt="login")
    started = tester.now()
    known_events = tester.error_event_ids(started)
    query = _wait_for_redirect(application.redirect_uri, lambda: show(request.url), wait_seconds)
    expected = expected_of(
        provider, realm_url=realm_url(tester.realm), endpoint=endpoint_url(tester.realm, provider.alias)
    )
    observed, login = Observations(at=started, expected=expected), None
    if query is None:
        observed = replace(observed, host_page=f"the browser did not return within {wait_seconds:.0f} s")
    elif query.get("state") != request.state or "code" not in query:
        observed = replace(observed, host_page=query.get("error", "the browser returned without a code"))
    else:
        try:
            login = redeem(application, request, code=query["code"])
        except LoginRefusedError as refused:
            observed = replace(observed, host_page=str(refused))
    if login is None:
        observed = tester.with_error_event(observed, provider, known_events)
        observed = tester.with_client_check(observed, provider)
    reason = None if login else next(reasons_of(observed), Reason.UNKNOWN)
    details = tuple(line for line in (observed.host_page, observed.host_error, _NOT_INSPECTED) if line)
    return LoginTest(
        partner=partner.partner,
        alias=provider.alias,
        environment=tester.realm.environment,
        protocol=expected.protocol,
        at=started,
        passed=login is not None,
        hops=(),
        arrived=None,
        mapped=tester.mapped(provider, login, None) if login else (),
        reason=reason,
        details=details,
    )


def _wait_for_redirect(redirect_uri: str, ready: Callable[[], None], seconds: float) -> dict[str, str] | None:
    """Return the query of the first request to ``redirect_uri``; None when none arrives in time."""
    split = urlsplit(redirect_uri)
    arrived: list[dict[str, str]] = []
    done = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            here = urlsplit(self.path)
            if here.path == split.path and not done.is_set():
                arrived.append({k: v[0] for k, v in parse_qs(here.query).items()})
                done.set()
            self.send_response(200 if here.path == split.path else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(_DONE_PAGE)))
            self.end_headers()
            self.wfile.write(_DONE_PAGE)

        def log_message(self, *_: object) -> None:
            """Log nothing, because the URL contains the authorization code."""

    try:
        server = HTTPServer(("127.0.0.1", split.port or 80), Handler)
    except OSError as error:
        raise UsageError(
            f"{redirect_uri} is in use on this machine",
            advice="stop the process that listens there while the test runs",
        ) from error
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        ready()
        done.wait(seconds)
    finally:
        server.shutdown()
        server.server_close()
    return arrived[0] if arrived else None
