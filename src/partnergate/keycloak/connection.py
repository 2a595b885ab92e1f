"""The session with Keycloak's Admin API: credentials, keep-alive, time-outs, token renewal, errors.

Everybody who talks to the Admin API goes through ``KeycloakConnection``. Paths are relative to the
realm (``identity-provider/instances``); one that starts with ``/`` is relative to the server
(``/admin/serverinfo``). Callers quote names in paths with ``segment``.

::

    who = credentials_from(os.environ)
    connection = connect(server_url="https://id.example", realm="host", credentials=who)
    providers = connection.get("identity-provider/instances", first=0, max=100)
    location = connection.post("organizations", {"name": "acme", ...})      # never retried
    connection.put("identity-provider/instances/acme", {...})
    connection.delete("identity-provider/instances/acme")
    with connection.post_stream("partial-export", exportClients=True) as chunks: ...
"""

from __future__ import annotations

import base64
import json
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import quote, urlencode

import msgspec
import requests
from keycloak.exceptions import KeycloakConnectionError
from keycloak.exceptions import KeycloakError as LibraryError
from keycloak.openid_connection import KeycloakOpenIDConnection
from requests.structures import CaseInsensitiveDict

from partnergate.errors import (
    KeycloakAnswerLostError,
    KeycloakNotFoundError,
    KeycloakServerError,
    KeycloakUnreachableError,
    UsageError,
)
from partnergate.keycloak.credentials import AdminUser, ServiceAccount
from partnergate.keycloak.failures import (
    failure_of_answer,
    not_keycloak,
    raise_sign_in_failure,
    raise_transport_failure,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from partnergate.keycloak.credentials import Credentials

CONNECT_SECONDS = 5.0
READ_SECONDS = 60.0
POOL_SIZE = 8
MASTER = "master"

_BAD_REQUEST = 400
_NO_CONTENT = 204
_CHUNK = 65536
_T = TypeVar("_T")


class _Session(KeycloakOpenIDConnection):
    """The library's session, with token renewal safe among threads."""

    def __init__(self, **settings: Any) -> None:
        self._renewal = threading.Lock()
        super().__init__(**settings)

    def _refresh_if_required(self) -> None:
        with self._renewal:
            super()._refresh_if_required()


def segment(name: str) -> str:
    """``name`` as one segment of a path."""
    return quote(name, safe="")


class KeycloakConnection:
    """Calls of the Admin API of one realm. Safe to share among threads.

    Every failure is an error of ``partnergate.errors``. GET, PUT and DELETE are tried once more when
    a kept-alive connection turns out to be dead; POST never is, because the server may have acted:
    then ``KeycloakAnswerLostError`` says so, and the caller reads what is there.
    """

    def __init__(self, session: Any, *, server_url: str, realm: str, who: str, login_realm: str) -> None:
        self._session = session
        self.server_url = server_url.rstrip("/")
        self.realm = realm
        self.who = who
        self._login_realm = login_realm
        self._clock_offset = timedelta()
        around = session._s.merge_environment_settings(self.server_url, {}, False, session.verify, None)  # noqa: SLF001
        self._verify, self._proxies = around["verify"], around["proxies"]
        self._adapter = session._s.adapters["https://" if server_url.startswith("https") else "http://"]  # noqa: SLF001

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back. Calling it twice is fine."""
        self._session._s.close()  # noqa: SLF001 - the library closes it only when collected

    def get(self, path: str, **query: Any) -> Any:
        """The JSON at ``path``; ``None`` where the answer is empty."""
        return self._json(self._call("GET", path, query=query), "GET", path)

    def decoded(self, decoder: msgspec.json.Decoder[_T], path: str, **query: Any) -> _T:
        """What ``decoder`` reads at ``path``: for long answers, which it reads several times as fast."""
        response = self._call("GET", path, query=query)
        try:
            return decoder.decode(response.content)
        except msgspec.MsgspecError:
            raise not_keycloak(response, method="GET", path=path, server=self._target()) from None

    def get_or_none(self, path: str, **query: Any) -> Any:
        """As ``get``, ``None`` where there is nothing (404)."""
        try:
            return self.get(path, **query)
        except KeycloakNotFoundError:
            return None

    def post(self, path: str, body: Any = None, **query: Any) -> str | None:
        """Create something; the last segment of ``Location`` (its id or name), if the server names one.

        A ``str`` body is sent as it is (the organization endpoints want plain text).
        """
        response = self._call("POST", path, body=body, query=query)
        location = response.headers.get("Location")
        return location.rstrip("/").rsplit("/", 1)[-1] if location else None

    def post_for_json(self, path: str, body: Any = None, **query: Any) -> Any:
        """The JSON that a POST answers, for the calls that read by POST (tried once more, as GET is)."""
        response = self._call(
            "POST", path, body=body if body is not None else {}, query=query, repeatable=True
        )
        return self._json(response, "POST", path)

    @contextmanager
    def post_stream(self, path: str, body: Any = None, **query: Any) -> Iterator[Iterator[bytes]]:
        """The answer of a reading POST in chunks, for what is too large to hold twice."""
        response = self._call(
            "POST", path, body=body if body is not None else {}, query=query, repeatable=True, stream=True
        )
        try:
            yield response.iter_content(_CHUNK)
        except OSError as error:  # every error of requests is one
            raise_transport_failure(error, method="POST", path=path, server=self.server_url)
        finally:
            response.close()

    def put(self, path: str, body: Any, **query: Any) -> None:
        """Replace what is at ``path`` by ``body``, whole."""
        self._call("PUT", path, body=body, query=query)

    def delete(self, path: str, body: Any = None, **query: Any) -> None:
        """Remove what is at ``path``; what is gone already is an error (404)."""
        self._call("DELETE", path, body=body, query=query)

    def sign_in(self) -> None:
        """Get a token now, so that wrong credentials show before anything else happens."""
        self._translated(self._session._refresh_if_required, "POST", "the token endpoint")  # noqa: SLF001
        issued = _issued_at(self._session.token["access_token"])
        if issued is not None:
            self._clock_offset = issued - datetime.now(UTC)

    def server_time(self) -> datetime:
        """The server's clock, to a second: the time of issue in the token tells how far ours is off."""
        return datetime.now(UTC) + self._clock_offset

    def ask_server_time(self, path: str) -> datetime:
        """The server's clock as it answers now, in whole seconds: its ``Date`` at ``path``.

        Keycloak sends none; where a proxy in front adds none either, a token is asked for, and the
        instant at which it is issued is the time. ``KeycloakServerError`` when neither says it.
        """
        stamped = self._call("GET", path).headers.get("Date")
        try:
            found = parsedate_to_datetime(stamped) if stamped else _issued_at(self._new_token())
        except ValueError:
            found = None
        if found is None:
            raise KeycloakServerError(
                "the server does not say what time it is",
                target=self.server_url,
                advice="let the proxy in front of Keycloak add a Date header",
            )
        return found

    def _new_token(self) -> str:
        session = self._session

        def renew() -> str:
            with session._renewal:  # noqa: SLF001 - a token is renewed by one thread at a time
                session.refresh_token()
                token: str = session.token["access_token"]
                return token

        return self._translated(renew, "POST", "the token endpoint")

    def _call(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: dict[str, Any] | None = None,
        repeatable: bool | None = None,
        stream: bool = False,
    ) -> requests.Response:
        again = method != "POST" if repeatable is None else repeatable
        payload = body if isinstance(body, str) or body is None else json.dumps(body)
        arguments = (method, path, payload, _query(query or {}))
        try:
            response = self._attempt(*arguments, stream=stream)
        except KeycloakAnswerLostError as lost:
            if not again or lost.timed_out:
                raise
            response = self._attempt(*arguments, stream=stream)
        if response.status_code >= _BAD_REQUEST:
            raise failure_of_answer(response, method=method, path=path, server=self._target())
        return response

    def _attempt(
        self, method: str, path: str, payload: str | None, query: dict[str, Any], *, stream: bool
    ) -> requests.Response:
        def send() -> requests.Response:
            return self._send(method, path, payload, query, stream=stream)

        return self._translated(send, method, path)

    def _send(
        self, method: str, path: str, payload: str | None, query: dict[str, Any], *, stream: bool
    ) -> requests.Response:
        """One request over the library's connections, renewing the token as its ``raw_*`` calls do.

        The ``raw_*`` calls themselves can neither stream nor take a query key named like their own
        arguments, and send a form where DELETE has a body.
        """
        session = self._session
        session._refresh_if_required()  # noqa: SLF001
        url = self._url(path) + (f"?{urlencode(query, doseq=True)}" if query else "")
        body = payload.encode() if payload is not None else b""
        for last in (False, True):
            response = self._wire(method, url, body, stream=stream)
            if response.status_code != 401 or last:  # noqa: PLR2004
                break
            session.refresh_token()
        return response

    def _wire(self, method: str, url: str, body: bytes, *, stream: bool) -> requests.Response:
        """Hand a request to the connection pool as it is.

        What a session of requests does around it (cookies, redirects, the environment again and
        again) is half the time of a small call, and an apply makes thousands of them.
        """
        request = requests.PreparedRequest()
        request.method, request.url, request.body, request.hooks = method, url, body or None, {}
        headers = CaseInsensitiveDict(self._session.headers)
        headers["Content-Length"] = str(len(body))
        request.headers = headers
        response: requests.Response = self._adapter.send(
            request, stream=stream, timeout=self._session.timeout, verify=self._verify, proxies=self._proxies
        )
        if not stream:
            _ = response.content  # read it here, where a cut connection is translated
        return response

    def _translated(self, act: Callable[[], _T], method: str, path: str) -> _T:
        try:
            return act()
        except KeycloakConnectionError as error:
            raise_transport_failure(error, method=method, path=path, server=self.server_url)
        except LibraryError as error:
            raise_sign_in_failure(error, who=self.who, realm=self._login_realm, server=self.server_url)
        except OSError as error:  # every error of requests is one
            raise_transport_failure(error, method=method, path=path, server=self.server_url)
        except ValueError as error:
            raise KeycloakUnreachableError(
                f"{method} {path} cannot be sent",
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


def _issued_at(token: str) -> datetime | None:
    """The ``iat`` of a token; it is not trusted for anything but the time."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return datetime.fromtimestamp(claims["iat"], UTC)
    except (IndexError, KeyError, TypeError, ValueError):
        return None


def _query(query: dict[str, Any]) -> dict[str, Any]:
    """Query values as Keycloak reads them: ``true`` and ``false`` in small letters, no empty ones."""
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
) -> KeycloakConnection:
    """Sign in to ``realm`` and hand out its connection. The realm ``master`` is refused as target.

    ``verify`` is as in requests: a path names the bundle of trusted issuers.
    """
    if realm == MASTER:
        raise UsageError(
            "the realm master is Keycloak's own and is never managed",
            target=server_url,
            advice="name a realm of the host's own in the realm template",
        )
    match credentials:
        case ServiceAccount():
            login: dict[str, Any] = {
                "client_id": credentials.client_id,
                "client_secret_key": credentials.client_secret,
                "user_realm_name": realm,
            }
            who = f"the client {credentials.client_id}"
        case AdminUser():
            login = {
                "client_id": "admin-cli",
                "username": credentials.user,
                "password": credentials.password,
                "user_realm_name": credentials.realm,
            }
            who = f"the user {credentials.user}"
    session = _Session(
        server_url=server_url.rstrip("/") + "/",
        realm_name=realm,
        verify=verify,
        timeout=(connect_seconds, read_seconds),
        max_retries=0,
        pool_maxsize=pool_size,
        **login,
    )
    connection = KeycloakConnection(
        session, server_url=server_url, realm=realm, who=who, login_realm=login["user_realm_name"]
    )
    connection.sign_in()
    return connection
