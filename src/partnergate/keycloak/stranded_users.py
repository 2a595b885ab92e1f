"""Users that a broken first login left behind without a link, and who can never enter again.

See docs/decisions/silent-session-check.md. Such a user is named by an error event, and deleting it
lets the person in at the next try. Everything that could make it somebody's account keeps it.
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
"""The user is made right before the error; an older one was not made by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StrandedUser:
    """One who gets 409 at every login."""

    user_id: str
    alias: str


def stranded_users(connection: KeycloakConnection, *, aliases: Collection[str]) -> tuple[StrandedUser, ...]:
    """Those that the realm's error events name, as far back as they go; needs view-events and view-users."""
    found: dict[str, StrandedUser] = {}
    for event in pages(connection, "events", type="IDENTITY_PROVIDER_LOGIN_ERROR"):
        user_id = event.get("userId")
        if event.get("error") != ERROR or not user_id or user_id in found:
            continue
        if (alias := _stranded_at(connection, user_id, event["time"], aliases)) is not None:
            found[user_id] = StrandedUser(user_id=user_id, alias=alias)
    return tuple(found[user] for user in sorted(found))


def remove_stranded_users(connection: KeycloakConnection, *, aliases: Collection[str]) -> int:
    """Delete them, each looked at anew, so that the next login makes them properly; how many it was."""
    removed = 0
    for user in stranded_users(connection, aliases=aliases):
        try:
            connection.repeated("DELETE", "users", partial(_remove, user))
        except KeycloakNotFoundError:
            continue  # somebody else was faster
        removed += 1
    return removed


def _remove(user: StrandedUser, admin: KeycloakAdmin) -> None:
    admin.delete_user(user.user_id)


def _stranded_at(
    connection: KeycloakConnection, user_id: str, instant: int, aliases: Collection[str]
) -> str | None:
    """The alias whose user it would be; None where it is no user that the error left behind."""
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
