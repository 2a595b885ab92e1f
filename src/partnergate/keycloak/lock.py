"""The lock of a realm: a realm role that only one apply can create.

Creating a role of a taken name is refused by the server (409), which makes taking the lock atomic;
a role grants nothing by itself. Its attributes say who holds it, since when, and until when it
counts. A holder renews it while it works, so a crashed run stops counting by itself; on the machine
of the crash it stops at once. Times are the server's, so the clocks of two machines need not agree.
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
    """Who wants the lock."""

    name: str
    """For people: user, machine and process."""
    run: str
    """Unique to this run."""
    space: str
    """The process space: machine, boot and process namespace, within which ``process`` means something."""
    process: str
    """Identity of the process inside its space, with its start time."""


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
        """``clock`` gives the server's time; ``is_alive`` knows the processes of the holder's space."""
        self._connection = connection
        self._holder = holder
        self._clock = clock
        self._is_alive = is_alive
        self._lifetime = lifetime
        self._since = ""
        self._id = ""
        self.taken_over = ""
        """Whose lock was left behind and taken over, and since when; empty where there was none."""

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
                    "the account may not apply: it cannot take the lock of the realm; nothing was changed",
                    target=f"{self._connection.server_url}, realm {self._connection.realm}",
                    advice="give the account the roles that docs/roles.md names for apply; "
                    "the first that lacks is the realm-management role manage-realm",
                ) from error
            else:
                found = self._connection.get(f"roles/{LOCK_ROLE}")
                if _attribute(found, "run") != self._holder.run:
                    continue
            self._id = found["id"]
            return
        raise LockedError(
            "the lock of the realm changes hands faster than it can be taken",
            target=self._connection.realm,
            advice="run the command again",
        )

    def renew(self) -> None:
        try:
            self._connection.put(f"roles-by-id/{self._id}", self._role() | {"id": self._id})
        except KeycloakNotFoundError as error:
            if self._connection.get_or_none("") is None:
                raise KeycloakNotFoundError(
                    "the realm was deleted meanwhile",
                    target=self._connection.server_url,
                    advice="find out who deleted it (the server's log tells); then plan again",
                ) from error
            raise LockedError(
                "the lock was lost: this run paused so long that another one took over",
                target=self._connection.realm,
                advice="plan again; what this run had done is in its report",
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
        """Raise unless the holder's time is over or its process is known to be gone."""
        if _instant(_attribute(role, "expires")) <= self._clock():
            return
        same_space = _attribute(role, "space") == self._holder.space
        if same_space and not self._is_alive(_attribute(role, "process")):
            return
        raise LockedError(
            f"another apply holds the realm: {_attribute(role, 'holder')}, since {_attribute(role, 'since')}",
            target=f"{self._connection.server_url}, realm {self._connection.realm}",
            advice=f"wait until it ends; a crashed run stops counting at {_attribute(role, 'expires')}",
        )

    def _remove(self, identity: str) -> None:
        """Remove this very lock, by id, so that a lock that somebody else took meanwhile stays."""
        try:
            self._connection.delete(f"roles-by-id/{identity}")
        except KeycloakNotFoundError:
            return


def _attribute(role: dict[str, Any], name: str) -> str:
    return str((role.get("attributes", {}).get(name) or [""])[0])


def _instant(text: str) -> datetime:
    """The instant, or the beginning of time for a role that is no lock of ours."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
