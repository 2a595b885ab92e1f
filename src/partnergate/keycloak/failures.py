"""Translates failures of the transport and responses of the server into partnergate errors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

import requests

from partnergate.errors import (
    KeycloakAnswerLostError,
    KeycloakAuthError,
    KeycloakConflictError,
    KeycloakError,
    KeycloakForbiddenError,
    KeycloakNotFoundError,
    KeycloakRefusedError,
    KeycloakServerError,
    KeycloakUnreachableError,
)
from partnergate.keycloak.proxies import proxy_failure

if TYPE_CHECKING:
    from collections.abc import Iterator

ROLES: tuple[tuple[str, str, str], ...] = (
    ("partial-export", "manage-realm", "manage-realm"),
    ("identity-provider", "view-identity-providers", "manage-identity-providers"),
    ("admin-events", "view-events", "manage-events"),
    ("events/config", "view-events", "manage-events"),
    ("events", "view-events", "manage-events"),
    ("organizations", "view-organizations", "manage-organizations"),
    ("client-scopes", "view-clients", "manage-clients"),
    ("default-default-client-scopes", "view-clients", "manage-clients"),
    ("clients", "view-clients", "manage-clients"),
    ("users/profile", "view-realm", "manage-realm"),
    ("users", "view-users", "manage-users"),
    ("sessions", "view-users", "manage-users"),
    ("groups", "view-users", "manage-users"),
    ("group-by-path", "view-users", "manage-users"),
    ("roles", "view-realm", "manage-realm"),
    ("authentication", "view-realm", "manage-realm"),
    ("", "view-realm", "manage-realm"),
)
"""Path below the realm -> role of ``realm-management`` to read it and to write it. First match wins."""

_BAD_REQUEST = 400
_SERVER = 500
_WORDS = 300
_NOT_READY = (
    "check that the server has started and that the proxy in front of it reaches it; "
    "then run the command again"
)
_NOISE = re.compile(r"^HTTPS?Connection\([^)]*\): |\[(SSL: \w+|Errno -?\d+)\] | \(_ssl\.c:\d+\)")
"""The text that libraries add around a reason."""


def role_for(method: str, path: str) -> str:
    """The ``realm-management`` role that permits ``method`` on ``path`` (below the realm)."""
    read, write = next((r, w) for prefix, r, w in ROLES if path.startswith(prefix))
    return read if method == "GET" else write


def failure_of_answer(response: requests.Response, *, method: str, path: str, server: str) -> KeycloakError:
    """The error for a response whose status is not a success."""
    message = _server_message(response) or response.headers.get("Location", "")[:_WORDS]
    return failure_of_status(response.status_code, message, method=method, path=path, server=server)


def failure_of_status(
    status: int, message: str = "", *, method: str, path: str, server: str
) -> KeycloakError:
    """The error for a status of 300 or more, with the message of the server."""
    what = f"Keycloak responded {status} to {_call(method, path)}"
    what = f"{what}: {message}" if message and not message.startswith(f"HTTP {status}") else what
    match status:
        case _ if status < _BAD_REQUEST:
            return KeycloakServerError(
                what,
                target=server,
                advice="a proxy in front of the server redirects; "
                "set server_url in the realm template to the address that responds without a redirect",
            )
        case 401:
            return KeycloakAuthError(
                what,
                target=server,
                advice="check the client secret or password; the session may have ended",
            )
        case 403:
            role = role_for(method, path)
            return KeycloakForbiddenError(
                what, target=server, advice=f"assign the realm-management role {role} to the account"
            )
        case 404:
            return KeycloakNotFoundError(
                what,
                target=server,
                advice="check the server URL and the name of the realm; it may have been deleted",
            )
        case 409:
            return KeycloakConflictError(
                what, target=server, advice="a resource of that name already exists; plan again"
            )
        case 502 | 503 | 504:
            return KeycloakServerError(what, target=server, advice=_NOT_READY)
        case _ if status >= _SERVER:
            return KeycloakServerError(
                what,
                target=server,
                advice="check the server log at this time; then run the command again",
            )
        case _:
            return KeycloakRefusedError(
                what,
                target=server,
                advice="the server does not accept these values; fix the file that they come from",
            )


def not_keycloak(response: requests.Response, *, method: str, path: str, server: str) -> KeycloakServerError:
    """The error for a response that is not JSON: a page of a proxy, or another program."""
    kind = response.headers.get("Content-Type", "no content type")
    return KeycloakServerError(
        f"the response to {_call(method, path)} is not from Keycloak ({kind})",
        target=server,
        advice="check the server URL: it ends before /realms, and has /auth only if the server uses it",
    )


def raise_transport_failure(error: Exception, *, method: str, path: str, server: str) -> NoReturn:
    """Raise the partnergate error for a call without a response, ``from`` the innermost reason."""
    cause = error
    where = _call(method, path)
    if (failed := proxy_failure(error, _reasons(error), server=server)) is not None:
        raise failed from _brief(cause)
    match cause:
        case requests.exceptions.SSLError():
            what, advice = _tls_failure(str(cause).lower())
            raise KeycloakUnreachableError(what, target=server, advice=advice) from _brief(cause)
        case requests.exceptions.ConnectTimeout():
            raise KeycloakUnreachableError(
                "Keycloak does not respond in time",
                target=server,
                advice="check the server URL, the network and firewalls",
            ) from _brief(cause)
        case requests.exceptions.RequestException() if _timed_out(cause):
            raise KeycloakAnswerLostError(
                f"Keycloak received {where} and did not respond in time",
                target=server,
                advice="run the command again; it reads the present state first",
                timed_out=True,
            ) from _brief(cause)
        case (
            requests.exceptions.InvalidURL()
            | requests.exceptions.MissingSchema()
            | requests.exceptions.InvalidSchema()
        ):
            raise KeycloakUnreachableError(
                "the server URL is not a URL",
                target=server,
                advice="set server_url in the realm template to https://host or https://host/path",
            ) from _brief(cause)
        case requests.exceptions.ConnectionError() if not _never_sent(cause):
            raise KeycloakAnswerLostError(
                f"the connection was closed during {where}",
                target=server,
                advice="run the command again; it reads the present state first",
            ) from _brief(cause)
        case requests.exceptions.ChunkedEncodingError():
            raise KeycloakAnswerLostError(
                f"the response to {where} was truncated",
                target=server,
                advice="run the command again; it reads the present state first",
            ) from _brief(cause)
        case _:
            raise KeycloakUnreachableError(
                "cannot connect to Keycloak",
                target=server,
                advice="check that the server runs and that server_url in the realm template is correct",
            ) from _brief(cause)


def failure_of_sign_in(
    response: requests.Response, *, who: str, realm: str, server: str, advice: str
) -> KeycloakError:
    """The error for a rejected token request; ``advice`` is for rejected credentials."""
    message = _server_message(response)
    match response.status_code:
        case 404 if realm == "master":
            return KeycloakNotFoundError(
                "no Keycloak server at this address",
                target=server,
                advice="check the server URL; it ends before /realms",
            )
        case 404:
            return KeycloakNotFoundError(
                f"realm {realm} does not exist",
                target=server,
                advice="check the server URL and the realm; the first apply of a new realm needs "
                "an administrator of the realm master",
            )
        case 400 | 401 | 403:
            return KeycloakAuthError(
                f"Keycloak refuses {who}: {message or 'invalid credentials'}",
                target=f"{server}, realm {realm}",
                advice=advice,
            )
        case 502 | 503 | 504 as status:
            return KeycloakServerError(
                f"Keycloak does not issue a token ({status})", target=server, advice=_NOT_READY
            )
        case status:
            return KeycloakServerError(
                f"Keycloak does not issue a token ({status}){f': {message}' if message else ''}",
                target=server,
                advice="check the server URL and the server log",
            )


def _server_message(response: requests.Response) -> str:
    """The message of the server, truncated, without markup; responses never repeat what was sent."""
    try:
        body = response.json()
    except ValueError:
        return ""
    if not isinstance(body, dict):
        return ""
    words = body.get("errorMessage") or body.get("error_description") or body.get("error") or ""
    return re.sub(r"\s+", " ", str(words))[:_WORDS]


def _call(method: str, path: str) -> str:
    return f"{method} {path or 'the realm'}".strip()


def _tls_failure(message: str) -> tuple[str, str]:
    """The failure and the advice for the lower-case message of the library."""
    if "certificate" not in message:
        return (
            "the TLS handshake failed",
            "check that this port serves https; a development server serves http",
        )
    if "expired" in message:
        return "the TLS certificate of Keycloak has expired", "renew the certificate"
    if "mismatch" in message or "not valid for" in message:
        return (
            "the TLS certificate of Keycloak is for another host name",
            "use the name in the certificate in server_url of the realm template, or replace the certificate",
        )
    return (
        "the TLS certificate of Keycloak is not trusted",
        "set PARTNERGATE_CA_BUNDLE to the certificate file of the issuer, or replace the certificate",
    )


def _never_sent(error: BaseException) -> bool:
    """Whether the request was never sent: unknown host, connection refused, no route."""
    return any(
        type(link).__name__ in {"NewConnectionError", "NameResolutionError"} for link in _reasons(error)
    )


def _timed_out(error: BaseException) -> bool:
    """Whether the request was sent and the response did not arrive in time."""
    return any(type(link).__name__ == "ReadTimeoutError" for link in _reasons(error))


def _reasons(error: BaseException) -> Iterator[BaseException]:
    """The error, its causes and the errors it wraps, the innermost last."""
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        link = waiting.pop(0)
        if not isinstance(link, BaseException) or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        waiting += [link.__cause__ or link.__context__, *link.args, getattr(link, "reason", None)]


def _brief(error: BaseException) -> BaseException:
    """The innermost reason without noise, because urllib3 repeats the URL three times."""
    *_, innermost = _reasons(error)
    words = _NOISE.sub("", str(innermost))
    if words == str(innermost):
        return innermost
    brief = OSError(words)
    brief.__cause__ = innermost
    return brief
