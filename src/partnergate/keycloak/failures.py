"""The one place where what the transport or the server reports becomes an error of ours."""

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
    "check that the server runs and has started: it is not ready, or what stands in front of it "
    "does not reach it; then run the command again"
)
_NOISE = re.compile(r"^HTTPS?Connection\([^)]*\): |\[(SSL: \w+|Errno -?\d+)\] | \(_ssl\.c:\d+\)")
"""What libraries put around a reason."""


def role_for(method: str, path: str) -> str:
    """The ``realm-management`` role that lets ``method`` act on ``path`` (below the realm)."""
    read, write = next((r, w) for prefix, r, w in ROLES if path.startswith(prefix))
    return read if method == "GET" else write


def failure_of_answer(response: requests.Response, *, method: str, path: str, server: str) -> KeycloakError:
    """The error that an answer stands for that does not say done."""
    said = _said(response) or response.headers.get("Location", "")[:_WORDS]
    return failure_of_status(response.status_code, said, method=method, path=path, server=server)


def failure_of_status(status: int, said: str = "", *, method: str, path: str, server: str) -> KeycloakError:
    """The error that a status of 300 or more stands for, with the words of the server."""
    what = f"Keycloak answers {status} to {_call(method, path)}"
    what = f"{what}: {said}" if said and not said.startswith(f"HTTP {status}") else what
    match status:
        case _ if status < _BAD_REQUEST:
            return KeycloakServerError(
                what,
                target=server,
                advice="something in front of the server redirects; "
                "write the address into the realm template that answers by itself",
            )
        case 401:
            return KeycloakAuthError(
                what,
                target=server,
                advice="check the client secret or password; the session may have been ended",
            )
        case 403:
            role = role_for(method, path)
            return KeycloakForbiddenError(
                what, target=server, advice=f"give the account the realm-management role {role}"
            )
        case 404:
            return KeycloakNotFoundError(
                what,
                target=server,
                advice="check the server URL and the name of the realm; it may have been deleted",
            )
        case 409:
            return KeycloakConflictError(
                what, target=server, advice="something of that name is there already; plan again"
            )
        case 502 | 503 | 504:
            return KeycloakServerError(what, target=server, advice=_NOT_READY)
        case _ if status >= _SERVER:
            return KeycloakServerError(
                what,
                target=server,
                advice="look into the server's log at this time; then run the command again",
            )
        case _:
            return KeycloakRefusedError(
                what,
                target=server,
                advice="the server does not accept these values; mend the file it comes from",
            )


def not_keycloak(response: requests.Response, *, method: str, path: str, server: str) -> KeycloakServerError:
    """The error for an answer that is no JSON: a proxy's page, or another program."""
    kind = response.headers.get("Content-Type", "no content type")
    return KeycloakServerError(
        f"the answer to {_call(method, path)} is not Keycloak's ({kind})",
        target=server,
        advice="check the server URL: what stands before /realms, with /auth only where the server has it",
    )


def raise_transport_failure(error: Exception, *, method: str, path: str, server: str) -> NoReturn:
    """Raise our error for a call that got no answer; ``from`` the innermost reason."""
    cause = error
    where = _call(method, path)
    match cause:
        case requests.exceptions.SSLError():
            what, advice = _tls_failure(str(cause).lower())
            raise KeycloakUnreachableError(what, target=server, advice=advice) from _brief(cause)
        case requests.exceptions.ConnectTimeout():
            raise KeycloakUnreachableError(
                "Keycloak does not answer in time",
                target=server,
                advice="check the server URL, the network and a firewall between",
            ) from _brief(cause)
        case requests.exceptions.RequestException() if _timed_out(cause):
            raise KeycloakAnswerLostError(
                f"Keycloak took {where} and did not answer in time",
                target=server,
                advice="run the command again; what the server did meanwhile is read first",
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
                advice="write it as https://host or https://host/path in the realm template",
            ) from _brief(cause)
        case requests.exceptions.ConnectionError() if not _never_sent(cause):
            raise KeycloakAnswerLostError(
                f"the connection was cut during {where}",
                target=server,
                advice="run the command again; what the server did meanwhile is read first",
            ) from _brief(cause)
        case requests.exceptions.ChunkedEncodingError():
            raise KeycloakAnswerLostError(
                f"the answer to {where} was cut",
                target=server,
                advice="run the command again; what the server did meanwhile is read first",
            ) from _brief(cause)
        case _:
            raise KeycloakUnreachableError(
                "no connection to Keycloak",
                target=server,
                advice="check that the server runs and that the server URL of the realm template is right",
            ) from _brief(cause)


def failure_of_sign_in(
    response: requests.Response, *, who: str, realm: str, server: str, advice: str
) -> KeycloakError:
    """The error for a token that was not given; ``advice`` for credentials that are refused."""
    said = _said(response)
    match response.status_code:
        case 404 if realm == "master":
            return KeycloakNotFoundError(
                "there is no Keycloak at this address",
                target=server,
                advice="check the server URL; it ends before /realms",
            )
        case 404:
            return KeycloakNotFoundError(
                f"there is no realm {realm} to sign in to",
                target=server,
                advice="check the server URL and the realm; the first apply of a new realm needs "
                "an administrator of the realm master",
            )
        case 400 | 401 | 403:
            return KeycloakAuthError(
                f"Keycloak does not let {who} in: {said or 'the credentials are refused'}",
                target=f"{server}, realm {realm}",
                advice=advice,
            )
        case 502 | 503 | 504 as status:
            return KeycloakServerError(
                f"Keycloak gives no token ({status})", target=server, advice=_NOT_READY
            )
        case status:
            return KeycloakServerError(
                f"Keycloak gives no token ({status}){f': {said}' if said else ''}",
                target=server,
                advice="check the server URL; look into the server's log",
            )


def _said(response: requests.Response) -> str:
    """The words of the server, short, without markup; its answers never hold what was sent."""
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


def _tls_failure(said: str) -> tuple[str, str]:
    """What failed and what to try, for what the library says in small letters."""
    if "certificate" not in said:
        return (
            "the TLS handshake fails",
            "check that this port speaks https; a development server listens on http",
        )
    if "expired" in said:
        return "the TLS certificate of Keycloak has expired", "renew the certificate"
    if "mismatch" in said or "not valid for" in said:
        return (
            "the TLS certificate of Keycloak is for another name",
            "write the certificate's name into the server URL of the template, or mend the certificate",
        )
    return (
        "the TLS certificate of Keycloak is not trusted",
        "name the issuer's certificate with PARTNERGATE_CA_BUNDLE, or mend the certificate",
    )


def _never_sent(error: BaseException) -> bool:
    """Whether the failure came before the request left: no such name, refused, no route."""
    return any(
        type(link).__name__ in {"NewConnectionError", "NameResolutionError"} for link in _reasons(error)
    )


def _timed_out(error: BaseException) -> bool:
    """Whether the request left and the answer was not waited for any longer."""
    return any(type(link).__name__ == "ReadTimeoutError" for link in _reasons(error))


def _reasons(error: BaseException) -> Iterator[BaseException]:
    """The error, what it says it came from, and what it carries, the innermost last."""
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
    """The innermost reason without the noise, because urllib3's own text repeats the address three times."""
    *_, innermost = _reasons(error)
    words = _NOISE.sub("", str(innermost))
    if words == str(innermost):
        return innermost
    brief = OSError(words)
    brief.__cause__ = innermost
    return brief
