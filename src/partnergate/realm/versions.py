"""Server versions as comparable values, and the version that introduced each feature."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from partnergate.realm.state import ResourceKind

if TYPE_CHECKING:
    from partnergate.realm.state import RealmState, Resource

OLDEST_SUPPORTED: Final = "26.3.0"


def version_tuple(version: str) -> tuple[int, ...]:
    """``26.7.3`` as (26, 7, 3); a suffix is ignored."""
    found = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(int(part) for part in found.group().split(".")) if found else ()


def at_least(version: str, minimum: str) -> bool:
    """Whether a server has that version or a newer one; an unknown version counts as the newest."""
    parsed = version_tuple(version)
    return not parsed or parsed >= version_tuple(minimum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """Something that files can use and older servers do not support."""

    name: str
    since: str
    kind: ResourceKind
    field: str = ""
    """The field that uses it; empty when every resource of the kind does."""
    value: str | bool | None = None
    """The value of the field, alone or in a list; None for any value."""

    def is_used_by(self, resource: Resource) -> bool:
        """Whether the resource uses it."""
        if resource.key.kind is not self.kind:
            return False
        if not self.field:
            return True
        held = resource.fields.get(self.field)
        if self.value is None:
            return held is not None
        return held == self.value or (isinstance(held, tuple) and self.value in held)


_OFFERS: Final = ("CREATE_OFFER", "NONCE_REQUEST", "OFFER_REQUEST", "PRE_AUTHORIZED_GRANT", "REQUEST")
NEWER_EVENT_TYPES: Final = tuple(
    (name + end, since)
    for name, since in (
        ("JWT_AUTHORIZATION_GRANT", "26.6.0"),
        ("USER_SESSION_DELETED", "26.5.0"),
        *((f"VERIFIABLE_CREDENTIAL_{offer}", "26.6.0") for offer in _OFFERS),
    )
    for end in ("", "_ERROR")
)
"""Event types with the version that introduced them; an older server refuses a list with one of them."""

FEATURES: Final = (
    Feature(name="organizations", since="26.0.0", kind=ResourceKind.ORGANIZATION),
    Feature(
        name="the JWT authorization grant of a provider",
        since="26.6.0",
        kind=ResourceKind.IDENTITY_PROVIDER,
        field="config.jwtAuthorizationGrantEnabled",
    ),
    *(
        Feature(
            name=f"the event type {name}",
            since=since,
            kind=ResourceKind.EVENTS_CONFIG,
            field="enabledEventTypes",
            value=name,
        )
        for name, since in NEWER_EVENT_TYPES
    ),
)
"""From the lists of the servers; see docs/decisions/server-versions.md."""


def missing_feature(desired: RealmState, server_version: str) -> Feature | None:
    """The first feature that the files use and that version does not support; None for an unknown version."""
    if not at_least(server_version, OLDEST_SUPPORTED):
        name = "a server of a supported version"
        return Feature(name=name, since=OLDEST_SUPPORTED, kind=ResourceKind.REALM)
    for feature in FEATURES:
        if not at_least(server_version, feature.since) and any(map(feature.is_used_by, desired.resources)):
            return feature
    return None
