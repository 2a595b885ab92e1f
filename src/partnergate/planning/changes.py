"""The changes of a plan: one per resource, each kind a type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from partnergate.realm.state import FieldValue, Resource, ResourceKey


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field that differs. ``before`` or ``after`` is None when the key is absent on that side."""

    name: str
    before: FieldValue
    after: FieldValue
    secret: bool = False
    """Whether the values are hidden; both are None then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """The resource does not exist."""

    key: ResourceKey
    owner: str
    desired: Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """The resource is owned and differs."""

    key: ResourceKey
    owner: str
    desired: Resource
    actual: Resource
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replace:
    """Only deleting and creating again can reach the desired state; users lose their link."""

    key: ResourceKey
    owner: str
    desired: Resource
    actual: Resource
    fields: tuple[FieldChange, ...]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """The resource is owned and no file declares it anymore."""

    key: ResourceKey
    owner: str
    actual: Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopt:
    """A resource of that name exists without an owner; adopting it needs ``--adopt``."""

    key: ResourceKey
    owner: str
    desired: Resource
    actual: Resource
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoOp:
    """The resource is owned and equal."""

    key: ResourceKey
    owner: str


Change = Create | Update | Replace | Delete | Adopt | NoOp
