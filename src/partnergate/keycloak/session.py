"""The session for calls of the Admin API: kept-alive connections and token renewal."""

from __future__ import annotations

import base64
import json
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict

from partnergate.keycloak.credentials import (
    CLIENT_ID,
    CLIENT_SECRET,
    PASSWORD,
    USER,
    AdminUser,
    ServiceAccount,
)
from partnergate.keycloak.failures import failure_of_sign_in, not_keycloak

if TYPE_CHECKING:
    from partnergate.keycloak.credentials import Credentials

_BAD_REQUEST: Final = 400
_UNAUTHORIZED: Final = 401
_EARLY_SECONDS: Final = 10.0
"""A token is renewed this long before it expires, or a quarter of its lifetime if that is less."""
SIGNING_IN: Final = "a request for a token"
"""Replaces the method and the path in errors."""
_JSON: Final = "application/json"
_FORM: Final = "application/x-www-form-urlencoded"


class Session:
    """Sends requests to one server, each with a valid token. Safe to share among threads.

    Failures of the transport are raised as requests raises them; ``failures`` translates them.
    """

    def __init__(
        self,
        *,
        server_url: str,
        realm: str,
        credentials: Credentials,
        verify: bool | str,
        timeout: tuple[float, float],
        pool_size: int,
    ) -> None:
        self.server_url = server_url.rstrip("/")
        self.credentials = credentials
        self.login_realm = realm if isinstance(credentials, ServiceAccount) else credentials.realm
        self.who = _who(credentials)
        self.timeout = timeout
        library = requests.Session()
        around = library.merge_environment_settings(self.server_url, {}, False, verify, None)
        self.verify: bool | str = True if around["verify"] is None else around["verify"]
        self._proxies = around["proxies"]
        self._adapter = HTTPAdapter(pool_maxsize=pool_size, max_retries=0)
        self._renewal = threading.Lock()
        self._token: dict[str, Any] = {}
        self._ends = 0.0
        self.clock_offset = timedelta()
        """How far the server clock is ahead of the local one, to a second."""

    def close(self) -> None:
        """Close the connections. Calling it twice is safe."""
        self._adapter.close()

    def send(
        self, method: str, url: str, body: bytes, *, read_seconds: float | None = None
    ) -> requests.Response:
        """Send one request; repeat it with a new token when the server rejects the current one."""
        timeout = (self.timeout[0], read_seconds or self.timeout[1])
        token = self.access_token()
        response = self._wire(method, url, body, token=token, timeout=timeout)
        if response.status_code != _UNAUTHORIZED:
            return response
        response.close()
        token = self.renew(token)
        return self._wire(method, url, body, token=token, timeout=timeout)

    def access_token(self) -> str:
        """The current token, renewed shortly before it expires."""
        if time.monotonic() >= self._ends:
            return self.renew(self._token.get("access_token", ""))
        return str(self._token["access_token"])

    def renew(self, known: str | None = None) -> str:
        """Replace the ``known`` token; when another thread already has, return its token."""
        with self._renewal:
            current = str(self._token.get("access_token", ""))
            if known is not None and current != known:
                return current
            self._token = self._ask_for_token()
            life = float(self._token.get("expires_in") or 0)
            self._ends = time.monotonic() + life - min(_EARLY_SECONDS, life / 4)
            found = str(self._token["access_token"])
            if (issued := issued_at(found)) is not None:
                self.clock_offset = issued - datetime.now(UTC)
            return found

    def _ask_for_token(self) -> dict[str, Any]:
        """Prefer the refresh token, because checking a password costs the server much more."""
        if refresh := self._token.get("refresh_token"):
            form = {"grant_type": "refresh_token", "client_id": "admin-cli", "refresh_token": str(refresh)}
            answer = self._token_answer(form)
            if answer.status_code < _BAD_REQUEST:
                return self._token_of(answer)
        answer = self._token_answer(_grant(self.credentials))
        if answer.status_code >= _BAD_REQUEST:
            raise failure_of_sign_in(
                answer,
                who=self.who,
                realm=self.login_realm,
                server=self.server_url,
                advice=_check(self.credentials),
            )
        return self._token_of(answer)

    def _token_answer(self, form: dict[str, str]) -> requests.Response:
        url = f"{self.server_url}/realms/{quote(self.login_realm, safe='')}/protocol/openid-connect/token"
        return self._wire("POST", url, urlencode(form).encode(), kind=_FORM)

    def _token_of(self, answer: requests.Response) -> dict[str, Any]:
        try:
            token = answer.json()
        except ValueError:
            token = None
        if not isinstance(token, dict) or not isinstance(token.get("access_token"), str):
            raise not_keycloak(answer, method="", path=SIGNING_IN, server=self.server_url)
        return token

    def _wire(
        self,
        method: str,
        url: str,
        body: bytes,
        *,
        token: str = "",
        kind: str = _JSON,
        timeout: tuple[float, float] | None = None,
    ) -> requests.Response:
        """Send a request directly through the connection pool.

        A session of requests also handles cookies, redirects and the environment, which takes half
        the time of a small call; an apply makes thousands of them.
        """
        request = requests.PreparedRequest()
        request.method, request.url, request.body, request.hooks = method, url, body or None, {}
        headers = {"Accept": _JSON, "Content-Type": kind, "Content-Length": str(len(body))}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        request.headers = CaseInsensitiveDict(headers)
        response = self._adapter.send(
            request, stream=True, timeout=timeout or self.timeout, verify=self.verify, proxies=self._proxies
        )
        _ = response.content  # read it here, where a closed connection is translated
        return response


def issued_at(token: str) -> datetime | None:
    """The ``iat`` of a token; used for nothing but the time."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return datetime.fromtimestamp(claims["iat"], UTC)
    except (IndexError, KeyError, TypeError, ValueError):
        return None


def _who(credentials: Credentials) -> str:
    match credentials:
        case ServiceAccount(client_id=client_id):
            return f"the client {client_id}"
        case AdminUser(user=user):
            return f"the user {user}"


def _check(credentials: Credentials) -> str:
    """The advice for rejected credentials."""
    match credentials:
        case ServiceAccount():
            return f"check {CLIENT_ID} and {CLIENT_SECRET}, and that the client has a service account"
        case AdminUser():
            return f"check {USER} and {PASSWORD}"


def _grant(credentials: Credentials) -> dict[str, str]:
    match credentials:
        case ServiceAccount():
            return {
                "grant_type": "client_credentials",
                "client_id": credentials.client_id,
                "client_secret": credentials.client_secret,
            }
        case AdminUser():
            return {
                "grant_type": "password",
                "client_id": "admin-cli",
                "username": credentials.user,
                "password": credentials.password,
            }
