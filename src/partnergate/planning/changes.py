"""What a plan consists of: one change a resource, each alternative a type of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from partnergate.realm.state import FieldValue, Resource, ResourceKey


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field that differs. ``before`` or ``after`` is None where the key is absent on that side."""

    name: str
    before: FieldValue
    after: FieldValue
    secret: bool = False
    """True: only the fact of the change is known, both values are None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """The resource is not there."""

    key: ResourceKey
    owner: str
    desired: Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """The resource is ours and differs."""

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
    """The resource is ours and no file declares it any more."""

    key: ResourceKey
    owner: str
    actual: Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopt:
    """A resource of that name is there without our mark; taking it over needs ``--adopt``."""

    key: ResourceKey
    owner: str
    desired: Resource
    actual: Resource
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoOp:
    """Ours and equal."""

    key: ResourceKey
    owner: str


Change = Create | Update | Replace | Delete | Adopt | NoOp
