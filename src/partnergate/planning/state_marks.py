"""What a plan remembers of the state it was made from, so that an apply can tell that it moved.

One mark a resource; for settings, which are managed field by field, one mark a declared field.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from partnergate.realm.normalise import SETTINGS
from partnergate.realm.state import ResourceKey, ResourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from partnergate.planning.changes import Change
    from partnergate.realm.state import FieldValue, RealmState, Resource

Index = dict[ResourceKey, "Resource"]

ABSENT: Final = ""
"""The digest of what is not there."""
_LENGTH: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class StateMark:
    """What one resource, or one field of a setting, was like."""

    key: ResourceKey
    digest: str
    field: str = ""


def state_marks(changes: Iterable[Change], wanted: Index, present: Index) -> tuple[StateMark, ...]:
    """A mark for everything that the changes (NoOps as well) looked at, in their order."""
    return tuple(
        mark
        for change in changes
        for mark in _marks(change.key, wanted.get(change.key), present.get(change.key))
    )


def moved(
    marks: Iterable[StateMark], actual: RealmState, *, partners: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """What is no longer as the marks say, in words; empty when the state did not move.

    A resource of ours, or a mapper below one, that has no mark has appeared since. ``partners``
    limits that to what they own, for a plan that is limited to them.
    """
    present = actual.by_key()
    known: set[ResourceKey] = set()
    found: list[str] = []
    for mark in marks:
        known.add(mark.key)
        now = _digest_now(mark, present.get(mark.key))
        if now != mark.digest:
            what = f"{mark.key} {mark.field}".strip()
            verb = "is gone" if now == ABSENT else "appeared" if mark.digest == ABSENT else "changed"
            found.append(f"{what} {verb}")
    found += [
        f"{key} appeared"
        for key, resource in present.items()
        if key not in known
        and key.kind not in SETTINGS
        and resource.owner
        and (not partners or resource.owner in partners)
        and not _goes_with_provider(key, known, present)
    ]
    return tuple(found)


def _goes_with_provider(
    key: ResourceKey, known: set[ResourceKey], present: dict[ResourceKey, Resource]
) -> bool:
    """Mappers of a provider that the plan deletes have no mark: the provider's mark counts them."""
    if key.kind is not ResourceKind.IDENTITY_PROVIDER_MAPPER:
        return False
    provider = ResourceKey(kind=ResourceKind.IDENTITY_PROVIDER, name=key.parent)
    siblings = any(k.parent == key.parent for k in known if k.kind is ResourceKind.IDENTITY_PROVIDER_MAPPER)
    return provider in known and provider in present and not siblings


def _marks(key: ResourceKey, desired: Resource | None, actual: Resource | None) -> Iterator[StateMark]:
    if key.kind not in SETTINGS or desired is None:
        yield StateMark(key=key, digest=_digest(actual))
        return
    for name in desired.fields:
        yield StateMark(key=key, field=name, digest=_field_digest(actual, name))


def _digest_now(mark: StateMark, actual: Resource | None) -> str:
    return _field_digest(actual, mark.field) if mark.field else _digest(actual)


def _digest(resource: Resource | None) -> str:
    if resource is None:
        return ABSENT
    secrets = tuple((secret.name, secret.fingerprint) for secret in resource.secrets)
    return _hash((resource.owner, secrets, tuple(sorted(resource.fields.items()))))


def _field_digest(resource: Resource | None, name: str) -> str:
    if resource is None or name not in resource.fields:
        return ABSENT
    return _hash(resource.fields[name])


def _hash(value: FieldValue) -> str:
    """Of the text of nested tuples of plain values, which says the same in every process."""
    return hashlib.sha256(repr(value).encode()).hexdigest()[:_LENGTH]
