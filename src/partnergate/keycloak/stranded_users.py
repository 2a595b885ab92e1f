"""Users without a link after an interrupted first login, who can never sign in again.

See docs/decisions/silent-session-check.md. An error event names such a user; after its deletion, the
next login succeeds. A user with any sign of use is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from partnergate.errors import KeycloakNotFoundError
from partnergate.keycloak.whole_realm import pages

if TYPE_CHECKING:
    from collections.abc import Collection

    from keycloak import KeycloakAdmin

    from partnergate.keycloak.connection import KeycloakConnection

ERROR: Final = "different_user_authenticated"
_LEEWAY_MS: Final = 600_000
"""The user is created right before the error; an older user was not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StrandedUser:
    """A user whose every login ends with 409."""

    user_id: str
    alias: str


def stranded_users(connection: KeycloakConnection, *, aliases: Collection[str]) -> tuple[StrandedUser, ...]:
    """The stranded users in the error events of the realm; needs view-events and view-users."""
    found: dict[str, StrandedUser] = {}
    for event in pages(connection, "events", type="IDENTITY_PROVIDER_LOGIN_ERROR"):
        user_id = event.get("userId")
        if event.get("error") != ERROR or not user_id or user_id in found:
            continue
        if (alias := _stranded_at(connection, user_id, event["time"], aliases)) is not None:
            found[user_id] = StrandedUser(user_id=user_id, alias=alias)
    return tuple(found[user] for user in sorted(found))


def remove_stranded_users(connection: KeycloakConnection, *, aliases: Collection[str]) -> int:
    """Check again and delete them, so that the next login creates them properly; returns the number."""
    removed = 0
    for user in stranded_users(connection, aliases=aliases):
        try:
            connection.repeated("DELETE", "users", partial(_remove, user))
        except KeycloakNotFoundError:
            continue  # deleted in the meantime
        removed += 1
    return removed


def _remove(user: StrandedUser, admin: KeycloakAdmin) -> None:
    admin.delete_user(user.user_id)


def _stranded_at(
    connection: KeycloakConnection, user_id: str, instant: int, aliases: Collection[str]
) -> str | None:
    """The alias of the provider, or None when the user is not stranded."""
    try:
        user = connection.repeated("GET", "users", lambda admin: admin.get_user(user_id))
    except KeycloakNotFoundError:
        return None
    alias, dot, subject = str(user.get("username", "")).partition(".")
    if not dot or not subject or alias not in aliases:
        return None
    if not 0 <= instant - int(user.get("createdTimestamp") or 0) <= _LEEWAY_MS:
        return None
    used = connection.repeated(
        "GET",
        "users",
        lambda admin: (
            admin.get_user_social_logins(user_id)
            or admin.get_credentials(user_id)
            or admin.get_sessions(user_id)
        ),
    ) or connection.get("events", type="LOGIN", user=user_id, max=1)
    return None if used else alias
