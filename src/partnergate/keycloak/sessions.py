"""Live sessions of partner users, and ending them when a partner is suspended."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from partnergate.errors import KeycloakNotFoundError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from keycloak import KeycloakAdmin

    from partnergate.keycloak.connection import KeycloakConnection


def end_sessions(
    connection: KeycloakConnection, *, aliases: Collection[str], client_ids: Collection[str]
) -> int:
    """End every session of users of these providers at the host's clients; returns the number of users.

    Disabling a provider stops new logins but not existing sessions: refresh tokens work until the
    session ends. The call is idempotent and covers every session that started before it.
    """
    users = {
        user
        for client_id in sorted(client_ids)
        for user, name in _signed_in(connection, client_id)
        if name.partition(".")[0] in aliases
    }
    for user in sorted(users):
        try:
            connection.repeated("POST", "users", partial(_sign_out, user))
        except KeycloakNotFoundError:
            continue  # the user was deleted in the meantime, and the sessions with it
    return len(users)


def _sign_out(user: str, admin: KeycloakAdmin) -> None:
    admin.user_logout(user)


def _signed_in(connection: KeycloakConnection, client_id: str) -> Iterator[tuple[str, str]]:
    """(user id, user name) of each session at a client; a user name is ``<alias>.<subject>``."""
    identity = connection.repeated("GET", "clients", lambda admin: admin.get_client_id(client_id))
    if identity is None:
        return
    sessions = connection.repeated("GET", "clients", lambda admin: admin.get_client_all_sessions(identity))
    for session in sessions:
        yield str(session["userId"]), str(session.get("username", ""))
