"""The event settings: the types that attribution needs, and their retention."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from partnergate.realm.normalize import resource
from partnergate.realm.ownership import REALM_OWNER
from partnergate.realm.state import Resource, ResourceKind
from partnergate.realm.versions import NEWER_EVENT_TYPES, at_least

if TYPE_CHECKING:
    from partnergate.model.environment import RealmSpec

EVENT_TYPES: Final = (
    "CODE_TO_TOKEN", "CODE_TO_TOKEN_ERROR",
    "FEDERATED_IDENTITY_LINK", "FEDERATED_IDENTITY_LINK_ERROR", "FEDERATED_IDENTITY_OVERRIDE_LINK",
    "IDENTITY_PROVIDER_FIRST_LOGIN", "IDENTITY_PROVIDER_FIRST_LOGIN_ERROR",
    "IDENTITY_PROVIDER_LOGIN", "IDENTITY_PROVIDER_LOGIN_ERROR",
    "IDENTITY_PROVIDER_POST_LOGIN_ERROR", "IDENTITY_PROVIDER_RESPONSE_ERROR",
    "IMPERSONATE", "LOGIN", "LOGIN_ERROR", "LOGOUT", "LOGOUT_ERROR",
    "REFRESH_TOKEN", "REFRESH_TOKEN_ERROR", "REGISTER", "REGISTER_ERROR",
    "REMOVE_FEDERATED_IDENTITY", "TOKEN_EXCHANGE", "TOKEN_EXCHANGE_ERROR",
    "USER_DISABLED_BY_PERMANENT_LOCKOUT", "USER_DISABLED_BY_TEMPORARY_LOCKOUT",
)  # fmt: skip
"""Stored on every supported version. The list is explicit, because the default omits some types."""

_WANTED: Final = frozenset({
    "JWT_AUTHORIZATION_GRANT", "JWT_AUTHORIZATION_GRANT_ERROR", "USER_SESSION_DELETED",
})  # fmt: skip
SINCE: Final = tuple((name, since) for name, since in NEWER_EVENT_TYPES if name in _WANTED)
"""Also stored, from the version that introduced them."""

SECONDS_PER_DAY: Final = 86_400


def event_types(realm: RealmSpec, *, server_version: str) -> tuple[str, ...]:
    """Return the sorted types to store on a server version."""
    newer = {name for name, since in SINCE if at_least(server_version, since)}
    return tuple(sorted({*EVENT_TYPES, *newer, *realm.events.extra_event_types}))


def events_config_resource(realm: RealmSpec, *, server_version: str) -> Resource:
    """Store user events of the explicit types, and admin events with details for the drift report."""
    return resource(
        ResourceKind.EVENTS_CONFIG,
        realm.realm,
        {
            "adminEventsDetailsEnabled": True,
            "adminEventsEnabled": True,
            "enabledEventTypes": event_types(realm, server_version=server_version),
            "eventsEnabled": True,
            "eventsExpiration": realm.events.retention_days * SECONDS_PER_DAY,
        },
        owner=REALM_OWNER,
    )
