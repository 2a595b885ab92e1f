"""Digests of the state that a plan was computed from, so that apply detects a stale plan.

One mark per resource; for settings, which are managed field by field, one per declared field.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from partnergate.planning.changes import Delete, Replace
from partnergate.realm.normalize import SETTINGS
from partnergate.realm.state import ResourceKey, ResourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from partnergate.planning.changes import Change
    from partnergate.realm.state import FieldValue, RealmState, Resource

Index = dict[ResourceKey, "Resource"]

ABSENT: Final = ""
"""The digest of an absent resource or field."""
_LENGTH: Final = 16
_PROVIDER: Final = ResourceKind.IDENTITY_PROVIDER
_MAPPER: Final = ResourceKind.IDENTITY_PROVIDER_MAPPER


@dataclass(frozen=True, slots=True, kw_only=True)
class StateMark:
    """The digest of one resource, or of one field of a setting."""

    key: ResourceKey
    digest: str
    field: str = ""


def state_marks(changes: Sequence[Change], wanted: Index, present: Index) -> tuple[StateMark, ...]:
    """A mark for every resource that the changes, NoOps included, were computed from, in their order.

    Mappers that are deleted with their provider are not changes, but they have marks as well.
    """
    marks = [mark for change in changes for mark in _marks(change.key, wanted, present.get(change.key))]
    removed = {change.key.name for change in changes if isinstance(change, Delete | Replace)}
    known = {change.key for change in changes} if removed else set()
    marks += [
        StateMark(key=key, digest=_digest(resource))
        for key, resource in present.items()
        if removed and key.kind is _MAPPER and key.parent in removed and key not in known
    ]
    return tuple(marks)


def stale_marks(
    marks: Iterable[StateMark], actual: RealmState, *, partners: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Descriptions of what differs from the marks; empty when the plan is not stale.

    An owned resource, or a mapper below one, without a mark was created in the meantime. For a plan
    that is limited to ``partners``, only their resources count.
    """
    present = actual.by_key()
    known: set[ResourceKey] = set()
    found: list[str] = []
    for mark in marks:
        known.add(mark.key)
        now = _digest_now(mark, present.get(mark.key))
        if now != mark.digest:
            what = f"{mark.key} {mark.field}".strip()
            verb = (
                "was deleted" if now == ABSENT else "was created" if mark.digest == ABSENT else "was changed"
            )
            found.append(f"{what} {verb}")
    marked_providers = {key.name for key in known if key.kind is _PROVIDER}
    found += [
        f"{key} was created"
        for key, resource in present.items()
        if key not in known
        and key.kind not in SETTINGS
        and (_is_owned(resource, partners) or (key.kind is _MAPPER and key.parent in marked_providers))
    ]
    return tuple(found)


def _is_owned(resource: Resource, partners: tuple[str, ...]) -> bool:
    return bool(resource.owner) and (not partners or resource.owner in partners)


def _marks(key: ResourceKey, wanted: Index, actual: Resource | None) -> list[StateMark]:
    desired = wanted.get(key) if key.kind in SETTINGS else None
    if desired is None:
        return [StateMark(key=key, digest=_digest(actual))]
    return [StateMark(key=key, field=name, digest=_field_digest(actual, name)) for name in desired.fields]


def _digest_now(mark: StateMark, actual: Resource | None) -> str:
    return _field_digest(actual, mark.field) if mark.field else _digest(actual)


def _digest(resource: Resource | None) -> str:
    if resource is None:
        return ABSENT
    secrets = tuple((secret.name, secret.fingerprint) for secret in resource.secrets)
    return _hash((resource.owner, secrets, tuple(resource.fields.items())))


def _field_digest(resource: Resource | None, name: str) -> str:
    if resource is None or name not in resource.fields:
        return ABSENT
    return _hash(resource.fields[name])


def _hash(value: FieldValue) -> str:
    """Hashes the text of nested tuples of plain values, which is the same in every process."""
    return hashlib.sha256(repr(value).encode()).hexdigest()[:_LENGTH]
