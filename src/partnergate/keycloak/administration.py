"""Administration of users by python-keycloak, with the token and the errors of partnergate.

Loading the library takes 0.1 s, so import this module only where it is needed.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from keycloak import KeycloakAdmin, KeycloakOpenIDConnection
from keycloak.exceptions import KeycloakConnectionError
from keycloak.exceptions import KeycloakError as LibraryError

from partnergate.keycloak.failures import failure_of_status, raise_transport_failure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.keycloak.session import Session


class _Shared(KeycloakOpenIDConnection):
    """The connection of the library with the token of a ``Session``, which renews it."""

    def __init__(self, session: Session, *, realm: str) -> None:
        self._ours = session
        super().__init__(
            server_url=session.server_url + "/",
            realm_name=realm,
            token=_token(session.access_token()),
            timeout=int(session.timeout[1]),
        )
        # As a constructor argument, the path of a bundle would reach httpx, which warns about it.
        self.verify = session.verify

    def _refresh_if_required(self) -> None:
        self.token = _token(self._ours.access_token())

    def refresh_token(self) -> None:
        known = (self.token or {}).get("access_token", "")
        self.token = _token(self._ours.renew(known))


def _token(text: str) -> dict[str, object]:
    """Return the token in the format of the library; the session handles the expiry."""
    return {"access_token": text, "expires_in": 0}


def administration(session: Session, *, realm: str) -> KeycloakAdmin:
    """Return the administration of a realm. It repeats calls on dead connections, so use idempotent ones."""
    return KeycloakAdmin(connection=_Shared(session, realm=realm))


@contextmanager
def translated(session: Session, *, realm: str, method: str, path: str) -> Iterator[None]:
    """Translate errors of the library; ``method`` and ``path`` name the call in the message."""
    server = f"{session.server_url}, realm {realm}"
    try:
        yield
    except KeycloakConnectionError as error:
        cause = error.__cause__ or error.__context__
        known = cause if isinstance(cause, OSError) else error
        raise_transport_failure(known, method=method, path=path, server=session.server_url)
    except LibraryError as error:
        raise failure_of_status(error.response_code or 0, method=method, path=path, server=server) from error
