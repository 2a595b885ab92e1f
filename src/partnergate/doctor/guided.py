"""A test login in a person's own browser, for partners whose sign-in page no program can fill.

The browser comes back to a loopback address that the host's client has, so this works only where the
realm template allows loopback. Nothing between can be read; the realm's own record says what it can.
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
from partnergate.signin.handoff import endpoint_url, realm_url
from partnergate.signin.observations import Observations
from partnergate.signin.reasons import Reason
from partnergate.signin.trial import Trial, expected_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from partnergate.doctor.trial_run import TrialRun
    from partnergate.model.environment import RealmSpec
    from partnergate.model.partner import PartnerSpec, ProviderSpec

_UNSEEN = (
    "what arrived was not looked at, because nothing between can be read in a browser of your own; "
    "--open watches a window of Chromium (partnergate[guided])"
)
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_THANKS = b"<!doctype html><title>Test login</title><p>The test is over. You may close this page.</p>"


def loopback_application(realm: RealmSpec) -> HostApplication:
    """A public client of the host that may come back to this machine; ``UsageError`` where none may."""
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
        f"no client of {realm.environment} may come back to this machine",
        advice="leave out --guided, or add a client with a loopback redirect URI to the realm template",
    )


def guided_trial(
    run: TrialRun,
    partner: PartnerSpec,
    provider: ProviderSpec,
    *,
    show: Callable[[str], None],
    wait_seconds: float,
) -> Trial:
    """Show an address to open, wait for the browser to come back, and say what happened."""
    application = loopback_application(run.realm)
    request = authorization_request(application, alias=provider.alias, prompt="login")
    started = run.now()
    recorded = run.recorded(started)
    query = _waited(application.redirect_uri, lambda: show(request.url), wait_seconds)
    expected = expected_of(
        provider, realm_url=realm_url(run.realm), endpoint=endpoint_url(run.realm, provider.alias)
    )
    seen, login = Observations(at=started, expected=expected), None
    if query is None:
        seen = replace(seen, host_page=f"no browser came back within {wait_seconds:.0f} s")
    elif query.get("state") != request.state or "code" not in query:
        seen = replace(seen, host_page=query.get("error", "the browser came back without a code"))
    else:
        try:
            login = redeem(application, request, code=query["code"])
        except LoginRefusedError as refused:
            seen = replace(seen, host_page=str(refused))
    if login is None:
        seen = run.with_record(seen, provider, recorded)
    reason = None if login else next(reasons_of(seen), Reason.UNKNOWN)
    said = tuple(line for line in (seen.host_page, seen.host_error, _UNSEEN) if line)
    return Trial(
        partner=partner.partner,
        alias=provider.alias,
        environment=run.realm.environment,
        protocol=expected.protocol,
        at=started,
        passed=login is not None,
        hops=(),
        arrived=None,
        mapped=run.mapped(provider, login, None) if login else (),
        reason=reason,
        details=said,
    )


def _waited(redirect_uri: str, ready: Callable[[], None], seconds: float) -> dict[str, str] | None:
    """The query of the first request to ``redirect_uri``, or none in time."""
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
            self.send_header("Content-Length", str(len(_THANKS)))
            self.end_headers()
            self.wfile.write(_THANKS)

        def log_message(self, *_: object) -> None:
            """The address holds the code."""

    try:
        server = HTTPServer(("127.0.0.1", split.port or 80), Handler)
    except OSError as error:
        raise UsageError(
            f"{redirect_uri} is in use on this machine",
            advice="stop what listens there while the test runs",
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
