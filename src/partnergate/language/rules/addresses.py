"""Checks the URLs of partners, because Keycloak opens any URL that it is configured with."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from partnergate.language.rules.domains import have_one_owner
from partnergate.language.rules.public_issuers import many_tenants
from partnergate.language.shape.finding import Finding
from partnergate.model.public_hosts import address_of, is_loopback_host, is_private_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from partnergate.language.rules.rule_inputs import ProviderAt

_HTTPS_PORT = 443
_FOREIGN = re.compile(r'[\s\\<>"{}|^`]')
_HOST = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?\Z")
_IN_BRACES = re.compile(r"\{[^{}/]*\}")
_COMMON = re.compile(r"(https)://([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?:/[A-Za-z0-9._~/-]*)?\Z")
_PLAIN = re.compile(
    r"(https?)://([a-z0-9-]+(?:\.[a-z0-9-]+)*)(?::([1-9][0-9]{0,3}))?(?:/[A-Za-z0-9._~/-]*)?\Z"
)
"""The form of most URLs. This regular expression gives the same result five times faster."""


class Address(NamedTuple):
    """The parts of a URL. ``flaw`` describes why it has none."""

    url: str
    scheme: str = ""
    host: str = ""
    port: int | None = None
    user: bool = False
    query: bool = False
    flaw: str = ""


def is_common(url: str) -> bool:
    """Whether the URL is https with a lower-case host and no port, user, query, or special parts."""
    return _COMMON.match(url) is not None


@lru_cache(maxsize=32768)
def address(url: str) -> Address:
    """Return the parts of a URL on which every parser agrees."""
    if (plain := _PLAIN.match(url)) is not None:
        return Address(url, plain[1], plain[2], int(plain[3]) if plain[3] else None)
    if not url.isascii() or _FOREIGN.search(url):
        return Address(url, flaw="it contains a character that is not allowed in URLs")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return Address(url, flaw="its host or port cannot be parsed")
    if not parts.scheme or not host:
        return Address(url, flaw="it has no scheme or no host")
    if address_of(host) is None and ("[" in parts.netloc or not _HOST.match(host)):
        return Address(url, flaw="its host has a character that is not allowed in host names")
    if "#" in url:
        return Address(url, flaw="it has a fragment (#), which is never sent")
    if parts.scheme not in ("http", "https"):
        return Address(url, flaw=f"its scheme is {parts.scheme}")
    return Address(
        url,
        parts.scheme,
        host.rstrip("."),
        port,
        parts.username is not None or "@" in parts.netloc,
        bool(parts.query),
    )


def _looks_numeric(host: str) -> bool:
    """Decimal, octal, and hexadecimal spellings of IPv4 that resolvers accept."""
    return all(part.isdigit() or part.startswith("0x") for part in host.split("."))


def _is_number(host: str) -> bool:
    """Whether the host is an IP address in any spelling. Each starts with a digit or contains a colon."""
    return (host[:1].isdigit() or ":" in host) and (address_of(host) is not None or _looks_numeric(host))


def _usable(at: Address) -> str | None:
    if at.flaw and (placeholder := _IN_BRACES.search(at.url)):
        return f"invalid URL: {placeholder[0]} is a placeholder"
    return f"invalid URL: {at.flaw}" if at.flaw else None


def _better_hint(at: Address, hint: str) -> str:
    """Return the hint for an invalid URL; a placeholder needs a value, not another spelling."""
    if not at.flaw or not (placeholder := _IN_BRACES.search(at.url)):
        return hint
    value = "the tenant ID of the partner" if many_tenants(at.url) else "the partner's own value"
    return f"replace {placeholder[0]} with {value}, and record the configuration of that issuer"


def _https(at: Address) -> str | None:
    return "the URL of a partner must use https" if at.scheme == "http" else None


def _named(at: Address) -> str | None:
    if _is_number(at.host):
        return f"{at.host} is an IP address; no certificate can prove its owner"
    return None


def _public(at: Address) -> str | None:
    host = at.host.lower()
    if host and not _is_number(host) and is_private_name(host):
        return f"{host} is a private host name; Keycloak would resolve it inside the host's network"
    return None


def _usual_port(at: Address) -> str | None:
    if at.port is None or at.port == _HTTPS_PORT or at.scheme != "https":
        return None
    return f"port {at.port} is unusual; the URL of a partner uses port 443"


def _no_user(at: Address) -> str | None:
    return "the URL contains a user name" if at.user else None


ADDRESS_RULES: tuple[tuple[str, Callable[[Address], str | None], str], ...] = (
    ("PG123", _usable, "write the complete URL, like https://login.acme.example/authorize"),
    ("PG118", _https, "ask the partner for the https URL"),
    ("PG119", _named, "ask the partner for a host name with a certificate"),
    ("PG120", _public, "ask the partner for a public host name"),
    ("PG121", _usual_port, "ask the partner for a URL on port 443"),
    ("PG122", _no_user, "delete everything between // and @; credentials must not be in a URL"),
)
"""Code, rule, hint."""
_FOR_A_TRIAL = (
    "ask the partner for its public URL; for a local trial, set network: {allow_loopback_http: true}"
)


@lru_cache(maxsize=65536)
def address_problems(url: str, *, loopback_http: bool) -> tuple[tuple[str, str, str], ...]:
    """Return (code, message, hint) of every problem of one URL."""
    at = address(url)
    if loopback_http and not at.flaw and is_loopback_host(at.host) and not at.user:
        return ()
    found = ((code, rule(at), hint) for code, rule, hint in ADDRESS_RULES)
    local = _FOR_A_TRIAL if not at.flaw and is_loopback_host(at.host) else ""
    return tuple((code, message, local or _better_hint(at, hint)) for code, message, hint in found if message)


def same_owner(provider: ProviderAt) -> Iterator[Finding]:
    """PG124: endpoints are on the domain of the issuer."""
    issuer = getattr(provider.sign_in, "issuer", None)
    if not issuer or address(issuer).flaw:
        return
    home = address(issuer).host
    for path, url in provider.urls:
        at = address(url)
        if (
            path[-1] in ("token_url", "jwks_url", "authorization_url")
            and not (at.flaw or _named(at) or _public(at))
            and not have_one_owner(at.host, home)
        ):
            yield Finding(
                path,
                f"{at.host} is on a different domain from the issuer {home}",
                "ask the partner to confirm the URL; the owner of the endpoint controls the login",
            )
