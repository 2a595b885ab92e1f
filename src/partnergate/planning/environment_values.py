"""Plans without the values of environment variables: a plan is published where the variables are secrets.

Realm templates may take values from variables. Apply needs them, and a reader never does, so every
rendering and the plan file show where a value comes from, with a keyed fingerprint that shows changes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

from partnergate.planning.changes import Adopt, Create, Delete, NoOp, Replace, Update
from partnergate.wording import concealed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partnergate.planning.changes import Change, FieldChange
    from partnergate.planning.plan import Plan
    from partnergate.realm.state import FieldValue, RealmState, Resource, ResourceKey

_Value = TypeVar("_Value", bound="FieldValue")
EARLIER: Final = "(not shown: the files set this value from an environment variable)"
"""The other side of a field whose desired value comes from a variable: it may be an earlier value."""


def without_values(plan: Plan, shown: Mapping[str, str], *, keys: bool = True) -> Plan:
    """The plan with each value of ``shown`` replaced by its description. Only for readers and files.

    Without ``keys``, the names of the changed resources remain as they are.
    """
    if not shown:
        return plan
    target = plan.target
    changes = (_change(change, shown) for change in plan.changes)
    if not keys:
        changes = (replace(c, key=was.key) for c, was in zip(changes, plan.changes, strict=True))
    return replace(
        plan,
        target=replace(
            target, server_url=concealed(target.server_url, shown), realm=concealed(target.realm, shown)
        ),
        changes=tuple(changes),
        state=tuple(replace(mark, key=_key(mark.key, shown)) for mark in plan.state),
        warnings=tuple(replace(w, message=concealed(w.message, shown)) for w in plan.warnings),
        unmanaged=tuple(_resource(resource, shown) for resource in plan.unmanaged)
        if keys
        else plan.unmanaged,
    )


def with_shown_keys(state: RealmState, shown: Mapping[str, str]) -> RealmState:
    """The state with the keys that a plan without values has, to compare its state marks."""
    if not shown:
        return state
    return replace(state, resources=tuple(replace(r, key=_key(r.key, shown)) for r in state.resources))


def _key(key: ResourceKey, shown: Mapping[str, str]) -> ResourceKey:
    return replace(key, name=concealed(key.name, shown), parent=concealed(key.parent, shown))


def _change(change: Change, shown: Mapping[str, str]) -> Change:
    key = _key(change.key, shown)
    match change:
        case Create():
            return replace(change, key=key, desired=_resource(change.desired, shown))
        case Update() | Adopt() | Replace():
            desired = _resource(change.desired, shown)
            # The realm may have an earlier value of the variable, which nothing else identifies.
            names = frozenset(
                name for name, value in desired.fields.items() if value != change.desired.fields[name]
            )
            actual = _resource(change.actual, shown)
            hidden = {name: _side(value, names, name, desired) for name, value in actual.fields.items()}
            return replace(
                change,
                key=key,
                desired=desired,
                actual=replace(actual, fields=hidden),
                fields=tuple(_field(field, names, shown) for field in change.fields),
            )
        case Delete():
            return replace(change, key=key, actual=_resource(change.actual, shown))
        case NoOp():
            return replace(change, key=key)


def _resource(resource: Resource, shown: Mapping[str, str]) -> Resource:
    fields = {name: _value(value, shown) for name, value in resource.fields.items()}
    return replace(resource, key=_key(resource.key, shown), fields=fields)


def _side(value: FieldValue, names: frozenset[str], name: str, desired: Resource) -> FieldValue:
    """The actual value of a field, hidden if it differs from a desired value of a variable."""
    return EARLIER if name in names and value != desired.fields[name] else value


def _field(field: FieldChange, names: frozenset[str], shown: Mapping[str, str]) -> FieldChange:
    hidden = field.name in names and field.before is not None
    return replace(
        field,
        before=EARLIER if hidden else _value(field.before, shown),
        after=_value(field.after, shown),
    )


def _value(value: _Value, shown: Mapping[str, str]) -> _Value:
    if isinstance(value, str):
        return concealed(value, shown)  # type: ignore[return-value]
    if isinstance(value, tuple):
        return tuple(_value(item, shown) for item in value)  # type: ignore[return-value]
    return value
