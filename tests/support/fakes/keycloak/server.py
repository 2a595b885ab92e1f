"""A Keycloak in memory: the Admin API calls of the adapter, with the server's peculiarities.

``FakeKeycloak`` is the server; ``connection`` gives what ``KeycloakConnection`` offers, so that the
real reader, writer and lock run on it unchanged. The contract suite holds the fake to the real
server: PUT replaces all, empty config values vanish, secrets read back masked, a mask in a PUT keeps
the secret, lists stop at 100 without ``max``, deleting a provider drops the links of its users.

``faults`` lets a test break one call: a function that is asked before and after each call.
"""

from __future__ import annotations

import copy
import re
import threading
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import unquote

from fakes.keycloak.clients import CLIENT_ROUTES
from fakes.keycloak.flows import FLOW_ROUTES
from fakes.keycloak.providers import PROVIDER_ROUTES
from fakes.keycloak.realm import REALM_ROUTES, FakeRealm, new_realm
from partnergate.errors import (
    KeycloakConflictError,
    KeycloakError,
    KeycloakForbiddenError,
    KeycloakNotFoundError,
    KeycloakRefusedError,
)
from partnergate.keycloak.failures import role_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from fakes.keycloak.realm import Handler

ROUTES: tuple[tuple[str, str, Handler], ...] = (*PROVIDER_ROUTES, *FLOW_ROUTES, *CLIENT_ROUTES, *REALM_ROUTES)
VERSION = "26.7.3"

Fault = "Callable[[str, str, str], None]"
"""Called with ``before`` or ``after``, the method and the path; what it raises reaches the caller."""


class FakeKeycloak:
    """The server: its realms by name."""

    def __init__(self, *, version: str = VERSION) -> None:
        self.version = version
        self.realms: dict[str, FakeRealm] = {}
        self.calls: list[tuple[str, str]] = []
        self._guard = threading.RLock()

    def connection(
        self,
        realm: str,
        *,
        roles: frozenset[str] | None = None,
        faults: Callable[[str, str, str], None] = lambda *_: None,
    ) -> FakeConnection:
        """A connection to ``realm`` for an account with these ``realm-management`` roles; by default, all of them."""
        return FakeConnection(self, realm, roles=roles, faults=faults)

    def handle(self, realm: str, method: str, path: str, body: Any, query: dict[str, Any]) -> Any:
        """One call. Returns the response, or the id of what a POST created."""
        with self._guard:
            self.calls.append((method, path))
            if path == "/admin/serverinfo":
                return {"systemInfo": {"version": self.version}}
            if path == "/admin/realms" and method == "POST":
                return self._make_realm(body)
            found = self.realms.get(realm)
            if found is None:
                raise KeycloakNotFoundError("Keycloak answers 404: Realm not found.", target=realm)
            if path == "" and method == "DELETE":
                del self.realms[realm]
                return None
            return self._route(found, method, path, copy.deepcopy(body), query)

    def _make_realm(self, body: dict[str, Any]) -> str:
        name = body["realm"]
        if name in self.realms:
            raise KeycloakConflictError(f"Conflict detected: realm {name} exists", target=name)
        self.realms[name] = new_realm(body, version=self.version)
        return str(name)

    def _route(self, realm: FakeRealm, method: str, path: str, body: Any, query: dict[str, Any]) -> Any:
        for verb, pattern, handler in ROUTES:
            if verb == method and (found := re.fullmatch(pattern, path)):
                names = {key: unquote(value) for key, value in found.groupdict().items()}
                return copy.deepcopy(handler(realm, body, query, **names))
        raise NotImplementedError(f"the fake has no {method} {path}")


class FakeConnection:
    """The methods of ``KeycloakConnection``, against a fake server."""

    def __init__(
        self,
        server: FakeKeycloak,
        realm: str,
        *,
        roles: frozenset[str] | None,
        faults: Callable[[str, str, str], None],
    ) -> None:
        self.server = server
        self.server_url = "http://fake.invalid"
        self.realm = realm
        self.who = "the fake account"
        self._roles = roles
        self._faults = faults

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing to release."""

    def get(self, path: str, **query: Any) -> Any:
        return self._call("GET", path, None, query)

    def get_or_none(self, path: str, **query: Any) -> Any:
        try:
            return self.get(path, **query)
        except KeycloakNotFoundError:
            return None

    def post(self, path: str, body: Any = None, **query: Any) -> str | None:
        identity: str | None = self._call("POST", path, body, query)
        return identity

    def post_for_json(self, path: str, body: Any = None, **query: Any) -> Any:
        return self._call("POST", path, body, query)

    def put(self, path: str, body: Any, **query: Any) -> None:
        self._call("PUT", path, body, query)

    def delete(self, path: str, body: Any = None, **query: Any) -> None:
        self._call("DELETE", path, body, query)

    def _call(self, method: str, path: str, body: Any, query: dict[str, Any]) -> Any:
        self._faults("before", method, path)
        role = role_for(method, path)
        if self._roles is not None and not path.startswith("/") and role not in self._roles:
            raise KeycloakForbiddenError(
                f"Keycloak answers 403 to {method} {path}", advice=f"give the account the role {role}"
            )
        try:
            answer = self.server.handle(self.realm, method, path, body, query)
        except KeycloakError:
            raise
        except KeyError as error:
            raise KeycloakRefusedError(f"Keycloak answers 400 to {method} {path}: {error}") from error
        self._faults("after", method, path)
        return answer
