"""Tests whether Keycloak can reach a private address: the egress rule that its own requests need.

Keycloak requests token, key and metadata URLs of partners itself. It resolves their names again at each
request, so the rules for partner files cannot pin the address; only a network rule can (``docs/egress.md``).
The test opens a listener on a private address of this machine and asks Keycloak to read a discovery document
from it, which stores nothing. What arrives at the listener is the proof that Keycloak could connect.
"""

from __future__ import annotations

import secrets
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv6Address, ip_address
from socket import AF_INET, AF_INET6
from typing import TYPE_CHECKING, Final

from partnergate.doctor.check_results import CheckResult, Verdict
from partnergate.errors import (
    KeycloakAnswerLostError,
    KeycloakAuthError,
    KeycloakError,
    KeycloakForbiddenError,
    KeycloakUnreachableError,
    UsageError,
)
from partnergate.model.public_hosts import is_public_address

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Address

    from partnergate.keycloak.connection import KeycloakConnection

CHECK: Final = "host.egress"
SECONDS: Final = 15.0
"""How long Keycloak may take; a firewall that drops packets leaves it waiting."""
_IMPORT: Final = "identity-provider/import-config"


def private_address(text: str) -> IPv4Address | IPv6Address:
    """Return the address at which the listener opens. Raises ``UsageError`` unless it is a private one."""
    try:
        address = ip_address(text)
    except ValueError as error:
        advice = "pass a private address of this machine, such as 10.0.0.5"
        raise UsageError(f"{text} is not an IP address", advice=advice) from error
    if is_public_address(address) or address.is_unspecified:
        raise UsageError(
            f"{text} is not a private address",
            advice="Keycloak may reach public addresses; pass a private one",
        )
    return address


def egress_finding(
    connection: KeycloakConnection, address: IPv4Address | IPv6Address, *, seconds: float = SECONDS
) -> CheckResult:
    """Ask Keycloak to connect to ``address``; it fails if Keycloak could.

    Raises ``UsageError`` if ``address`` is not one of this machine.
    """
    with _listener(address) as (url, reached):
        try:
            connection.post_for_json(_IMPORT, {"fromUrl": url, "providerId": "oidc"}, read_seconds=seconds)
        except (KeycloakForbiddenError, KeycloakAuthError) as error:
            advice = "use an account with the role manage-identity-providers of the client realm-management"
            return _finding(Verdict.SKIPPED, f"the egress rule cannot be tested: {error}", advice)
        except KeycloakAnswerLostError:
            pass  # Keycloak still tries to connect
        except KeycloakUnreachableError as error:
            return _finding(Verdict.SKIPPED, f"the egress rule cannot be tested: {error}", error.advice)
        except KeycloakError:
            pass  # Keycloak reports the connection that it could not open
        if reached.is_set():
            return _finding(
                Verdict.FAIL,
                f"Keycloak can connect to the private address {address}",
                "allow the server's outgoing connections to public addresses only; see docs/egress.md",
            )
    return _finding(Verdict.OK, f"Keycloak did not connect to the private address {address}")


def _finding(verdict: Verdict, detail: str, advice: str = "") -> CheckResult:
    return CheckResult(check=CHECK, subject="realm", verdict=verdict, detail=detail, advice=advice)


@contextmanager
def _listener(address: IPv4Address | IPv6Address) -> Iterator[tuple[str, threading.Event]]:
    """Listen on a free port; yield the URL, and the event that is set when a request for it arrives."""
    reached = threading.Event()
    path = f"/partnergate-egress-{secrets.token_urlsafe(16)}"

    class Handler(BaseHTTPRequestHandler):
        timeout = 5

        def do_GET(self) -> None:
            if self.path == path:
                reached.set()
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    class Server(ThreadingHTTPServer):
        address_family = AF_INET6 if isinstance(address, IPv6Address) else AF_INET
        daemon_threads = True

    try:
        server = Server((str(address), 0), Handler)
    except OSError as error:
        raise UsageError(
            f"cannot listen on {address}: {error.strerror}", advice="pass an address of this machine"
        ) from error
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    host = f"[{address}]" if isinstance(address, IPv6Address) else str(address)
    try:
        yield f"http://{host}:{server.server_port}{path}", reached
    finally:
        server.shutdown()
        server.server_close()
