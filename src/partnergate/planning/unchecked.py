"""Secrets whose values were not at hand when the plan was made: named by the plan, checked by apply."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from partnergate.planning.changes import Adopt, Create, Delete, FieldChange, NoOp, Replace, Update

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.planning.changes import Change
    from partnergate.planning.plan import Plan
    from partnergate.realm.state import RealmState, Resource


def with_secrets_checked(plan: Plan, desired: RealmState, actual: RealmState) -> Plan:
    """The plan with every fingerprint filled in, and with a change for each secret that differs.

    ``desired`` is of the same files with every value at hand. A plan that says of a secret that it
    was not checked says as well that apply sends it when it changed; this is that change.
    """
    wanted, present = desired.by_key(), actual.by_key()
    changes = [_filled(change, wanted.get(change.key)) for change in plan.changes]
    planned = {change.key for change in changes}
    added = [
        Update(key=key, owner=resource.owner, desired=resource, actual=present[key], fields=fields)
        for key, resource in wanted.items()
        if resource.secrets and key not in planned and key in present
        if not plan.only_partners or resource.owner in plan.only_partners
        if (fields := tuple(_differing(resource, present[key])))
    ]
    ordered = sorted([*changes, *added], key=lambda c: (c.key.kind, c.key.name, c.key.parent))
    return replace(plan, changes=tuple(ordered), unchanged=plan.unchanged - len(added))


def _filled(change: Change, resource: Resource | None) -> Change:
    """The change with the fingerprints of the resource, and with its secret where that differs."""
    if resource is None:
        return change
    match change:
        case Create() | Replace():
            return replace(change, desired=replace(change.desired, secrets=resource.secrets))
        case Update() | Adopt():
            known = {field.name for field in change.fields if field.secret}
            more = tuple(field for field in _differing(resource, change.actual) if field.name not in known)
            filled = replace(change.desired, secrets=resource.secrets)
            return replace(change, desired=filled, fields=(*change.fields, *more))
        case Delete() | NoOp():
            return change


def _differing(desired: Resource, actual: Resource) -> Iterator[FieldChange]:
    present = {secret.name: secret.fingerprint for secret in actual.secrets}
    for secret in desired.secrets:
        if present.get(secret.name) != secret.fingerprint:
            yield FieldChange(name=secret.name, before=None, after=None, secret=True)
