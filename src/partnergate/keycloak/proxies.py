"""Failures of the proxy between this machine and Keycloak, which say nothing about the server."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests
from requests.utils import get_environ_proxies, select_proxy

from partnergate.errors import KeycloakUnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterable

_BYPASS = "or list the host of Keycloak in NO_PROXY"
_SOCKS_ERRORS = frozenset(
    {"ProxyConnectionError", "GeneralProxyError", "SOCKS4Error", "SOCKS5Error", "SOCKS5AuthError"}
)
"""Errors of the SOCKS library, which requests wraps like errors of the server."""


def proxy_failure(
    error: Exception, reasons: Iterable[BaseException], *, server: str
) -> KeycloakUnreachableError | None:
    """Return the error for a call that failed at the proxy; none if the proxy has no part in it."""
    proxy = proxy_of(server)
    found = list(reasons)
    if isinstance(error, requests.exceptions.InvalidSchema) and "SOCKS" in str(error):
        return KeycloakUnreachableError(
            f"the proxy {proxy or 'for this server'} uses SOCKS, which needs the package PySocks",
            target=server,
            advice=f"set HTTPS_PROXY to an http:// proxy, install PySocks, {_BYPASS}",
        )
    if isinstance(error, requests.exceptions.InvalidProxyURL):
        return KeycloakUnreachableError(
            f"the proxy {proxy or 'for this server'} has no usable URL",
            target=server,
            advice=f"set HTTPS_PROXY to http://host:port, {_BYPASS}",
        )
    if isinstance(error, requests.exceptions.ProxyError) or any(
        type(one).__name__ in _SOCKS_ERRORS for one in found
    ):
        refused = next((str(one) for one in reversed(found) if "Tunnel connection failed" in str(one)), "")
        status = f" ({refused.partition('Tunnel connection failed: ')[2][:60]})" if refused else ""
        return KeycloakUnreachableError(
            f"the proxy {proxy or 'for this server'} does not connect to Keycloak{status}",
            target=server,
            advice=f"check HTTPS_PROXY and that the proxy allows this host, {_BYPASS}",
        )
    return None


def proxy_of(server: str) -> str:
    """Return the proxy for the server from the environment, without user name and password."""
    chosen = select_proxy(server, get_environ_proxies(server))
    if not chosen:
        return ""
    try:
        parts = urlsplit(chosen if "//" in chosen else f"//{chosen}")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    scheme = f"{parts.scheme}://" if parts.scheme else ""
    return f"{scheme}{parts.hostname or ''}{port}"
