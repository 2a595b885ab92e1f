"""The lock of a realm: a realm role that only one apply can create.

The server refuses to create a role whose name is taken (409), so taking the lock is atomic. The
role grants nothing. Its attributes have the holder, the start time and the expiry. The holder renews
it while it works, so the lock of a crashed run expires; on the same machine it is taken over
immediately. All times are from the server, so the clocks of two machines can differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from partnergate.errors import (
    KeycloakAnswerLostError,
    KeycloakConflictError,
    KeycloakForbiddenError,
    KeycloakNotFoundError,
    LockedError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from partnergate.keycloak.connection import KeycloakConnection

LOCK_ROLE = "partnergate-lock"
LIFETIME = timedelta(seconds=60)
_TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The run that takes the lock."""

    name: str
    """User, machine and process, as text."""
    run: str
    """Unique to this run."""
    space: str
    """Machine, boot and process namespace, in which ``process`` is unique."""
    process: str
    """The process inside its space, with its start time."""


class KeycloakLock:
    """``RealmLock`` of one realm for one holder."""

    def __init__(
        self,
        connection: KeycloakConnection,
        *,
        holder: Holder,
        clock: Callable[[], datetime],
        is_alive: Callable[[str], bool],
        lifetime: timedelta = LIFETIME,
    ) -> None:
        """``clock`` returns the server time; ``is_alive`` checks a process of the holder's space."""
        self._connection = connection
        self._holder = holder
        self._clock = clock
        self._is_alive = is_alive
        self._lifetime = lifetime
        self._since = ""
        self._id = ""
        self.taken_over = ""
        """The holder and start time of the expired lock that was taken over; empty if there was none."""

    def take(self) -> None:
        for _ in range(_TRIES):
            self._since = self._clock().isoformat(timespec="seconds")
            try:
                self._connection.post("roles", self._role())
            except (KeycloakConflictError, KeycloakAnswerLostError):
                found = self._connection.get_or_none(f"roles/{LOCK_ROLE}")
                if found is None:
                    continue
                if _attribute(found, "run") != self._holder.run:
                    self._refuse_while_held(found)
                    self._remove(found["id"])
                    self.taken_over = f"{_attribute(found, 'holder')}, since {_attribute(found, 'since')}"
                    continue
            except KeycloakForbiddenError as error:
                raise KeycloakForbiddenError(
                    "the account cannot take the lock of the realm; nothing was changed",
                    target=f"{self._connection.server_url}, realm {self._connection.realm}",
                    advice="assign the roles that docs/roles.md lists for apply; "
                    "the first missing one is the realm-management role manage-realm",
                ) from error
            else:
                found = self._connection.get(f"roles/{LOCK_ROLE}")
                if _attribute(found, "run") != self._holder.run:
                    continue
            self._id = found["id"]
            return
        raise LockedError(
            "other runs keep taking the lock of the realm",
            target=self._connection.realm,
            advice="run the command again",
        )

    def renew(self) -> None:
        try:
            self._connection.put(f"roles-by-id/{self._id}", self._role() | {"id": self._id})
        except KeycloakNotFoundError as error:
            if self._connection.get_or_none("") is None:
                raise KeycloakNotFoundError(
                    "the realm was deleted during the run",
                    target=self._connection.server_url,
                    advice="find out who deleted it (see the server log); then plan again",
                ) from error
            raise LockedError(
                "the lock was lost: this run paused for so long that another run took the lock over",
                target=self._connection.realm,
                advice="plan again; the report lists what this run has done",
            ) from error

    def release(self) -> None:
        if self._id:
            self._remove(self._id)
            self._id = ""

    def _role(self) -> dict[str, Any]:
        expires = self._clock() + self._lifetime
        return {
            "name": LOCK_ROLE,
            "description": "Held by a running partnergate apply; grants nothing.",
            "attributes": {
                "holder": [self._holder.name],
                "run": [self._holder.run],
                "space": [self._holder.space],
                "process": [self._holder.process],
                "since": [self._since],
                "expires": [expires.isoformat(timespec="seconds")],
            },
        }

    def _refuse_while_held(self, role: dict[str, Any]) -> None:
        """Raise unless the lock has expired or its process has ended."""
        if _instant(_attribute(role, "expires")) <= self._clock():
            return
        same_space = _attribute(role, "space") == self._holder.space
        if same_space and not self._is_alive(_attribute(role, "process")):
            return
        holder, since = _attribute(role, "holder"), _attribute(role, "since")
        raise LockedError(
            f"another apply holds the lock of the realm: {holder}, since {since}",
            target=f"{self._connection.server_url}, realm {self._connection.realm}",
            advice=f"wait until it ends; the lock of a crashed run expires at {_attribute(role, 'expires')}",
        )

    def _remove(self, identity: str) -> None:
        """Remove the lock by ID, which keeps a lock that another run has taken in the meantime."""
        try:
            self._connection.delete(f"roles-by-id/{identity}")
        except KeycloakNotFoundError:
            return


def _attribute(role: dict[str, Any], name: str) -> str:
    return str((role.get("attributes", {}).get(name) or [""])[0])


def _instant(text: str) -> datetime:
    """The instant, or the earliest possible one for a role that is not a partnergate lock."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
