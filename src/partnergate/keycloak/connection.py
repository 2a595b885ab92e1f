"""Calls Keycloak's Admin API: credentials, keep-alive, time-outs, token renewal, errors.

Every call of the Admin API goes through ``KeycloakConnection``. Paths are relative to the
realm (``identity-provider/instances``); one that starts with ``/`` is relative to the server
(``/admin/serverinfo``). Callers quote names in paths with ``segment``.

::

    who = credentials_for(Destination(server_url="https://id.example"), os.environ)
    connection = connect(server_url="https://id.example", realm="host", credentials=who)
    providers = connection.get("identity-provider/instances", first=0, max=100)
    location = connection.post("organizations", {"name": "acme", ...})      # never repeated
    connection.put("identity-provider/instances/acme", {...})
    connection.delete("identity-provider/instances/acme")
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from partnergate.errors import (
    KeycloakAnswerLostError,
    KeycloakNotFoundError,
    KeycloakServerError,
    KeycloakUnreachableError,
    UsageError,
)
from partnergate.keycloak.failures import failure_of_answer, not_keycloak, raise_transport_failure
from partnergate.keycloak.session import SIGNING_IN, Session, issued_at

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests
    from keycloak import KeycloakAdmin

    from partnergate.keycloak.credentials import Credentials

CONNECT_SECONDS = 5.0
READ_SECONDS = 60.0
POOL_SIZE = 8
MASTER = "master"

_NOT_DONE = 300
_NO_CONTENT = 204
_T = TypeVar("_T")


def segment(name: str) -> str:
    """``name`` as one segment of a path."""
    return quote(name, safe="")


class KeycloakConnection:
    """Calls of the Admin API of one realm. Safe to share among threads.

    Every failure is an error of ``partnergate.errors``. GET, PUT and DELETE are repeated once when a
    kept-alive connection is dead. POST is not, because the server may have acted: it raises
    ``KeycloakAnswerLostError``, and the caller reads the current state.
    """

    def __init__(self, session: Session, *, realm: str) -> None:
        self._session = session
        self.server_url = session.server_url
        self.realm = realm
        self._administration: KeycloakAdmin | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections. Calling it twice is safe."""
        self._session.close()
        if self._administration is not None:
            self._administration.connection._s.close()  # noqa: SLF001 - the library closes it only when collected

    def get(self, path: str, **query: Any) -> Any:
        """The JSON at ``path``; ``None`` for an empty response."""
        return self._json(self._call("GET", path, query=query), "GET", path)

    def decoded(self, decoder: msgspec.json.Decoder[_T], path: str, **query: Any) -> _T:
        """The response at ``path`` read by ``decoder``, which is several times as fast for long responses."""
        response = self._call("GET", path, query=query)
        try:
            return decoder.decode(response.content)
        except (msgspec.DecodeError, UnicodeDecodeError):
            pass
        try:
            # Half a surrogate pair, which any client can send and Java keeps, must not stop the reading.
            return msgspec.convert(response.json(), decoder.type)
        except ValueError:
            raise not_keycloak(response, method="GET", path=path, server=self._target()) from None

    def get_or_none(self, path: str, **query: Any) -> Any:
        """Return the same as ``get``, or None for a missing resource (404)."""
        try:
            return self.get(path, **query)
        except KeycloakNotFoundError:
            return None

    def post(self, path: str, body: Any = None, **query: Any) -> str | None:
        """Create a resource; returns the last segment of ``Location`` (its ID or name), or None.

        A ``str`` body is sent as plain text, which the organization endpoints need.
        """
        response = self._call("POST", path, body=body, query=query)
        location = response.headers.get("Location")
        return location.rstrip("/").rsplit("/", 1)[-1] if location else None

    def post_for_json(
        self, path: str, body: Any = None, *, read_seconds: float | None = None, **query: Any
    ) -> Any:
        """The JSON response of a POST, for calls that read by POST (repeated once, as GET is).

        ``read_seconds`` replaces the read time-out of the connection.
        """
        response = self._call(
            "POST",
            path,
            body=body if body is not None else {},
            query=query,
            repeatable=True,
            read_seconds=read_seconds,
        )
        return self._json(response, "POST", path)

    def repeated(self, method: str, path: str, act: Callable[[KeycloakAdmin], _T]) -> _T:
        """A call of python-keycloak that may be repeated; ``method`` and ``path`` name it in an error."""
        from partnergate.keycloak.administration import administration, translated  # noqa: PLC0415 - slow

        if self._administration is None:
            self._administration = administration(self._session, realm=self.realm)
        with translated(self._session, realm=self.realm, method=method, path=path):
            return act(self._administration)

    def put(self, path: str, body: Any, **query: Any) -> None:
        """Replace the whole resource at ``path`` with ``body``."""
        self._call("PUT", path, body=body, query=query)

    def delete(self, path: str, body: Any = None, **query: Any) -> None:
        """Delete the resource at ``path``; a missing one is an error (404)."""
        self._call("DELETE", path, body=body, query=query)

    def sign_in(self) -> None:
        """Get a token now, so that wrong credentials fail before anything else."""
        self._translated(self._session.access_token, "", SIGNING_IN)

    def server_time(self) -> datetime:
        """The server's clock, to a second, from the time of issue in the token."""
        return datetime.now(UTC) + self._session.clock_offset

    def ask_server_time(self, path: str) -> datetime:
        """The server's current time in whole seconds, from the ``Date`` header at ``path``.

        Keycloak sends no ``Date``. Without a proxy that adds one, the time of issue of a new token is
        used. Raises ``KeycloakServerError`` when both are missing.
        """
        stamped = self._call("GET", path).headers.get("Date")
        try:
            found = parsedate_to_datetime(stamped) if stamped else issued_at(self._new_token())
        except ValueError:
            found = None
        if found is None:
            raise KeycloakServerError(
                "the server time is unknown: no Date header and no time of issue in the token",
                target=self.server_url,
                advice="configure the proxy in front of Keycloak to add a Date header",
            )
        return found

    def _new_token(self) -> str:
        return self._translated(self._session.renew, "", SIGNING_IN)

    def _call(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: dict[str, Any] | None = None,
        repeatable: bool | None = None,
        read_seconds: float | None = None,
    ) -> requests.Response:
        again = method != "POST" if repeatable is None else repeatable
        payload = body if isinstance(body, str) or body is None else json.dumps(body)
        parameters = urlencode(_query(query or {}), doseq=True)
        url = f"{self._url(path)}?{parameters}" if parameters else self._url(path)
        content = payload.encode() if payload is not None else b""

        def attempt() -> requests.Response:
            return self._translated(
                lambda: self._session.send(method, url, content, read_seconds=read_seconds),
                method,
                path,
            )

        try:
            response = attempt()
        except KeycloakAnswerLostError as lost:
            if not again or lost.timed_out:
                raise
            response = attempt()
        if response.status_code >= _NOT_DONE:
            raise failure_of_answer(response, method=method, path=path, server=self._target())
        return response

    def _translated(self, act: Callable[[], _T], method: str, path: str) -> _T:
        try:
            return act()
        except OSError as error:  # every error of requests is one
            raise_transport_failure(error, method=method, path=path, server=self.server_url)
        except ValueError as error:
            raise KeycloakUnreachableError(
                f"{method} {path}".strip() + " cannot be sent",
                target=self.server_url,
                advice="check the server URL in the realm template",
            ) from error

    def _json(self, response: requests.Response, method: str, path: str) -> Any:
        if response.status_code == _NO_CONTENT or not response.content:
            return None
        try:
            return response.json()
        except ValueError:
            raise not_keycloak(response, method=method, path=path, server=self._target()) from None

    def _url(self, path: str) -> str:
        if path.startswith("/"):
            return f"{self.server_url}{path}"
        realm = f"{self.server_url}/admin/realms/{segment(self.realm)}"
        return f"{realm}/{path}" if path else realm

    def _target(self) -> str:
        return f"{self.server_url}, realm {self.realm}"


def _query(query: dict[str, Any]) -> dict[str, Any]:
    """Query values as Keycloak expects them: lower-case booleans, no empty values."""
    return {k: str(v).lower() if isinstance(v, bool) else v for k, v in query.items() if v is not None}


def connect(
    *,
    server_url: str,
    realm: str,
    credentials: Credentials,
    verify: bool | str = True,
    pool_size: int = POOL_SIZE,
    connect_seconds: float = CONNECT_SECONDS,
    read_seconds: float = READ_SECONDS,
    sign_in: bool = True,
) -> KeycloakConnection:
    """Sign in to ``realm`` and return its connection. Raises ``UsageError`` for the realm ``master``.

    ``verify`` is as in requests: a path names a bundle of trusted issuers. Without ``sign_in``,
    nothing is sent before the first call.
    """
    if realm.lower() == MASTER:
        raise UsageError(
            "partnergate never manages the realm master",
            target=server_url,
            advice="set realm in the realm template to a realm of the host",
        )
    session = Session(
        server_url=server_url,
        realm=realm,
        credentials=credentials,
        verify=verify,
        timeout=(connect_seconds, read_seconds),
        pool_size=pool_size,
    )
    connection = KeycloakConnection(session, realm=realm)
    if sign_in:
        connection.sign_in()
    return connection
