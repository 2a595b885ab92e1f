"""A failure of the proxy is reported as one, because the server may be perfectly well."""

from __future__ import annotations

import pytest
import requests
from urllib3.exceptions import MaxRetryError, ProxyError

from partnergate.errors import KeycloakUnreachableError
from partnergate.keycloak.failures import raise_transport_failure
from partnergate.keycloak.proxies import proxy_of

SERVER = "https://keycloak.acme.example"


@pytest.fixture(autouse=True)
def proxy(monkeypatch):
    for name in ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://user:hunter2@proxy.host.example:3128")


def failure(error: Exception) -> KeycloakUnreachableError:
    with pytest.raises(KeycloakUnreachableError) as caught:
        raise_transport_failure(error, method="GET", path="clients", server=SERVER)
    return caught.value


def through_proxy(reason: str) -> Exception:
    """What requests raises when the proxy refuses the tunnel or cannot be reached."""
    inner = ProxyError("Unable to connect to proxy", OSError(reason))
    return requests.exceptions.ProxyError(MaxRetryError(None, "/", inner))  # type: ignore[arg-type]


class GeneralProxyError(OSError):
    """Like the error of PySocks, which requests wraps as an error of the connection."""


@pytest.mark.parametrize(
    "error",
    [
        through_proxy("Tunnel connection failed: 407 Proxy Authentication Required"),
        through_proxy("[Errno 111] Connection refused"),
        requests.exceptions.InvalidSchema("Missing dependencies for SOCKS support."),
        requests.exceptions.InvalidProxyURL("Please check proxy URL."),
        requests.exceptions.ConnectionError(MaxRetryError(None, "/", GeneralProxyError("Socket error"))),  # type: ignore[arg-type]
    ],
    ids=["refused tunnel", "unreachable", "no SOCKS package", "malformed", "SOCKS failure"],
)
def test_a_failed_proxy_is_named_and_the_server_is_not_blamed(error):
    found = failure(error)
    assert "http://proxy.host.example:3128" in str(found)
    assert "NO_PROXY" in found.advice
    assert "server_url" not in found.advice
    assert "hunter2" not in f"{found} {found.advice}"


def test_the_status_of_a_refused_tunnel_is_shown():
    assert "407 Proxy" in str(
        failure(through_proxy("Tunnel connection failed: 407 Proxy Authentication Required"))
    )


def test_a_failure_without_a_proxy_still_names_the_server():
    found = failure(requests.exceptions.InvalidSchema("No connection adapters were found"))
    assert "server_url" in found.advice


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("socks5h://me:pw@proxy:1080", "socks5h://proxy:1080"),
        ("proxy:1", "http://proxy:1"),
        ("http://proxy:x", ""),
    ],
)
def test_credentials_of_a_proxy_are_never_shown(monkeypatch, value, shown):
    monkeypatch.setenv("HTTPS_PROXY", value)
    assert "pw" not in proxy_of(SERVER)
    assert proxy_of(SERVER) in {shown, shown.removeprefix("http://")}
