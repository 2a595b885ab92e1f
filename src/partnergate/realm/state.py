"""The state of a realm as plain comparable values, the same shape for desired and actual.

A resource is a key and a flat map of fields. Desired state is compiled from partner files and
templates; actual state is read from Keycloak and normalized (``realm.normalize``), so that equal
meaning is equal value. A secret is never a field: it is a reference plus a keyed fingerprint.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from partnergate.model.partner import SecretRef

FieldValue = str | bool | int | None | tuple["FieldValue", ...] | tuple[tuple[str, "FieldValue"], ...]
"""Canonical JSON: objects are sorted tuples of pairs, lists are tuples."""


class ResourceKind(StrEnum):
    """The kinds of managed resource, in the order in which Keycloak needs them to exist."""

    REALM = "realm"
    USER_PROFILE = "user_profile"
    EVENTS_CONFIG = "events_config"
    ROLE = "role"
    GROUP = "group"
    FLOW = "authentication_flow"
    CLIENT_SCOPE = "client_scope"
    CLIENT = "client"
    IDENTITY_PROVIDER = "identity_provider"
    IDENTITY_PROVIDER_MAPPER = "identity_provider_mapper"
    ORGANIZATION = "organization"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ResourceKey:
    """Identifies a resource in its realm."""

    kind: ResourceKind
    name: str
    parent: str = ""
    """The provider's alias, for a mapper."""

    def __hash__(self) -> int:
        # Without the kind: hashing an enum member is slow, and thousands of keys are hashed a plan.
        return hash((self.name, self.parent))

    def __str__(self) -> str:
        inner = f"{self.parent}/{self.name}" if self.parent else self.name
        return f"{self.kind.value} {inner}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretField:
    """A secret of a resource, without its value.

    ``fingerprint`` is a keyed hash of the value and of the place where it is used. On the actual side
    it is the one stored with the resource, or empty.
    """

    name: str
    fingerprint: str
    ref: SecretRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource."""

    key: ResourceKey
    fields: Mapping[str, FieldValue]
    """Sorted by name; dotted names for nested keys (``config.issuer``)."""
    owner: str = ""
    """A partner ID, ``realm`` for what templates declare, empty for a resource that is not owned."""
    secrets: tuple[SecretField, ...] = ()
    linked_users: int | None = None
    """Only for providers of the actual state that a plan deletes or replaces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RealmState:
    """All managed resources of a realm, sorted by key, each key once."""

    realm: str
    resources: tuple[Resource, ...] = ()
    server_version: str = ""
    """Actual side only."""

    def by_key(self) -> dict[ResourceKey, Resource]:
        """Index for diffing."""
        return {r.key: r for r in self.resources}


def sorted_state(realm: str, resources: Iterable[Resource], *, server_version: str = "") -> RealmState:
    """A state with the resources sorted by key."""
    # Plain tuples, because comparing thousands of dataclasses takes longer than the whole diff.
    ordered = sorted(resources, key=lambda r: (r.key.kind, r.key.name, r.key.parent))
    return RealmState(realm=realm, resources=tuple(ordered), server_version=server_version)
