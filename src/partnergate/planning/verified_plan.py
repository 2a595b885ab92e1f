"""A plan completed with the secrets that could not be read when the plan was created."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from partnergate.planning.changes import Adopt, Create, Delete, FieldChange, NoOp, Replace, Update
from partnergate.planning.plan import SECRET_UNCHECKED
from partnergate.realm.ownership import UNCHECKED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.planning.changes import Change
    from partnergate.planning.plan import Plan
    from partnergate.realm.state import RealmState, Resource


def with_verified_secrets(plan: Plan, desired: RealmState, actual: RealmState) -> Plan:
    """The plan with every fingerprint, and with a change for each secret that differs.

    ``desired`` is computed from the same files with every secret available. A plan that lists a
    secret as unverified announces that apply sends it if it has changed; this adds that change. To
    a plan that lists none, nothing is added: a change of a secret was removed from it.
    """
    announced = any(warning.code == SECRET_UNCHECKED for warning in plan.warnings)
    wanted, present = desired.by_key(), actual.by_key()
    changes = [_filled(change, wanted.get(change.key)) for change in plan.changes]
    planned = {change.key for change in changes}
    added = [
        Update(key=key, owner=resource.owner, desired=resource, actual=present[key], fields=fields)
        for key, resource in wanted.items()
        if announced and resource.secrets and key not in planned and key in present
        if not plan.only_partners or resource.owner in plan.only_partners
        if (fields := tuple(_differing(resource, present[key])))
    ]
    ordered = sorted([*changes, *added], key=lambda c: (c.key.kind, c.key.name, c.key.parent))
    return replace(plan, changes=tuple(ordered), unchanged=plan.unchanged - len(added))


def _filled(change: Change, resource: Resource | None) -> Change:
    """The change with the fingerprints of the resource, and with its secret if that differs."""
    if resource is None or isinstance(change, Delete | NoOp):
        return change
    if not any(secret.fingerprint == UNCHECKED for secret in change.desired.secrets):
        return change
    match change:
        case Create() | Replace():
            return replace(change, desired=replace(change.desired, secrets=resource.secrets))
        case Update() | Adopt():
            known = {field.name for field in change.fields if field.secret}
            more = tuple(field for field in _differing(resource, change.actual) if field.name not in known)
            filled = replace(change.desired, secrets=resource.secrets)
            return replace(change, desired=filled, fields=(*change.fields, *more))


def _differing(desired: Resource, actual: Resource) -> Iterator[FieldChange]:
    present = {secret.name: secret.fingerprint for secret in actual.secrets}
    for secret in desired.secrets:
        if present.get(secret.name) != secret.fingerprint:
            yield FieldChange(name=secret.name, before=None, after=None, secret=True)
