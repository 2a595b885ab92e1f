"""The changes that turn the actual state into the desired one. Pure and total."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from partnergate.planning.changes import Adopt, Create, Delete, FieldChange, NoOp, Replace, Update
from partnergate.realm.comparable import thaw
from partnergate.realm.normalize import SETTINGS
from partnergate.realm.ownership import UNCHECKED
from partnergate.realm.state import ResourceKey, ResourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from partnergate.planning.changes import Change
    from partnergate.realm.state import FieldValue, RealmState, Resource

Index = dict[ResourceKey, "Resource"]
_PROVIDER: Final = ResourceKind.IDENTITY_PROVIDER
_MAPPER: Final = ResourceKind.IDENTITY_PROVIDER_MAPPER
_PLACE: Final = frozenset({"config.clientAuthMethod", "config.clientId", "config.tokenUrl"})
"""Where and how a provider sends its secret; the fingerprint depends on it."""


def diff(desired: RealmState, actual: RealmState) -> tuple[Change, ...]:
    """One change for each desired or owned resource, sorted by key.

    Equal states result in NoOps only. A resource that is neither desired nor owned does not appear.
    A mapper whose provider is deleted is deleted with it and is not a change; one whose provider is
    replaced is created again.
    """
    return changes_between(desired.by_key(), actual.by_key())


def changes_between(wanted: Index, present: Index) -> tuple[Change, ...]:
    """As ``diff``, for indexed states."""
    # A mapper belongs to the owner of its provider, whoever created it.
    owners = {key.name: resource.owner for key, resource in present.items() if key.kind is _PROVIDER}
    heirs = {key.name: resource.owner for key, resource in wanted.items() if key.kind is _PROVIDER}
    changes = [_towards(resource, present.get(key), owners) for key, resource in wanted.items()]
    changes += [
        Delete(key=key, owner=owner, actual=resource)
        for key, resource in present.items()
        if key not in wanted and (owner := _deleting_owner(resource, owners, heirs))
    ]
    changes = _with_providers(changes, wanted)
    changes.sort(key=lambda change: (change.key.kind, change.key.name, change.key.parent))
    return tuple(changes)


def _with_providers(changes: list[Change], wanted: Index) -> list[Change]:
    """Delete or create mappers together with their provider."""
    removed = {c.key.name for c in changes if isinstance(c, Delete | Replace) and c.key.kind is _PROVIDER}
    if not removed:
        return changes
    kept = [c for c in changes if c.key.kind is not _MAPPER or c.key.parent not in removed]
    kept += [
        Create(key=key, owner=mapper.owner, desired=mapper)
        for key, mapper in wanted.items()
        if key.kind is _MAPPER and key.parent in removed
    ]
    return kept


def _towards(desired: Resource, actual: Resource | None, owners: Mapping[str, str]) -> Change:
    """The change that brings one resource to its desired state."""
    key, owner = desired.key, desired.owner
    if actual is None:
        return Create(key=key, owner=owner, desired=desired)
    if key.kind in SETTINGS:
        return _settings_change(desired, actual)
    present_owner = owners.get(key.parent, actual.owner) if key.kind is _MAPPER else actual.owner
    if present_owner == owner and desired.fields == actual.fields and not (desired.secrets or actual.secrets):
        return NoOp(key=key, owner=owner)
    names = {*desired.fields, *actual.fields}
    differing = _field_changes(desired, actual, names)
    moves = any(field.name in _PLACE for field in differing)
    fields = (*differing, *_secret_changes(desired, actual, moves=moves))
    if not present_owner:
        return Adopt(key=key, owner=owner, desired=desired, actual=actual, fields=fields)
    if present_owner != owner:
        fields = (FieldChange(name="owner", before=present_owner, after=owner), *fields)
    if not fields:
        return NoOp(key=key, owner=owner)
    if reason := _replace_reason(key, fields):
        return Replace(key=key, owner=owner, desired=desired, actual=actual, fields=fields, reason=reason)
    return Update(key=key, owner=owner, desired=desired, actual=actual, fields=fields)


def _settings_change(desired: Resource, actual: Resource) -> Change:
    """Compare only declared fields and the user profile attributes with the ownership mark."""
    names = set(desired.fields)
    if desired.key.kind is ResourceKind.USER_PROFILE:
        names |= {name for name, value in actual.fields.items() if _is_marked(value)}
    fields = _field_changes(desired, actual, names)
    if not fields:
        return NoOp(key=desired.key, owner=desired.owner)
    seen = {name: value for name, value in actual.fields.items() if name in names}
    return Update(
        key=desired.key,
        owner=desired.owner,
        desired=desired,
        actual=replace(actual, fields=seen),
        fields=fields,
    )


def _is_marked(attribute: FieldValue) -> bool:
    """Whether a user profile attribute has the ownership mark."""
    match thaw(attribute):
        case {"annotations": {"partnergate.owner": str()}}:
            return True
        case _:
            return False


def _deleting_owner(actual: Resource, owners: Mapping[str, str], heirs: Mapping[str, str]) -> str:
    """The owner whose plan deletes an undeclared resource; empty when no plan may delete it.

    An owned provider keeps no unmanaged mappers, and an adopted provider is adopted with its
    mappers (the plan then has its Adopt as well).
    """
    if actual.key.kind is _MAPPER:
        alias = actual.key.parent
        return owners.get(alias, actual.owner) or heirs.get(alias, "")
    return "" if actual.key.kind in SETTINGS else actual.owner


def _field_changes(desired: Resource, actual: Resource, names: Iterable[str]) -> tuple[FieldChange, ...]:
    """The named fields that differ, by name."""
    before, after = actual.fields, desired.fields
    return tuple(
        FieldChange(name=name, before=before.get(name), after=after.get(name))
        for name in sorted(names)
        if before.get(name) != after.get(name) or (name in before) != (name in after)
    )


def _secret_changes(desired: Resource, actual: Resource, *, moves: bool) -> list[FieldChange]:
    """``moves`` means that the secret is sent to another place, which changes even an unverified secret."""
    wanted = {secret.name: secret.fingerprint for secret in desired.secrets}
    present = {secret.name: secret.fingerprint for secret in actual.secrets}
    return [
        FieldChange(name=name, before=None, after=None, secret=True)
        for name in sorted({*wanted, *present})
        if not _same_secret(wanted, present, name, moves=moves)
    ]


def _same_secret(wanted: Mapping[str, str], present: Mapping[str, str], name: str, *, moves: bool) -> bool:
    """Whether the secret is unchanged; a secret without a fingerprint never is.

    A secret that could not be verified counts as unchanged here, and apply verifies it.
    """
    if wanted.get(name) == UNCHECKED:
        return bool(present.get(name)) and not moves
    return bool(wanted.get(name)) and wanted.get(name) == present.get(name)


def _replace_reason(key: ResourceKey, fields: tuple[FieldChange, ...]) -> str:
    """Return why an update is not sufficient, or an empty string."""
    names = {field.name for field in fields}
    match key.kind:
        case ResourceKind.IDENTITY_PROVIDER if "providerId" in names:
            return "the server cannot change the protocol of a provider"
        case ResourceKind.IDENTITY_PROVIDER if "owner" in names:
            return "users of one partner must not become users of another"
        case _:
            return ""
