"""Changes of flat fields, laid over the nested representation of Keycloak."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from partnergate.realm.comparable import thaw

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from partnergate.planning.changes import FieldChange

NESTED: Final = frozenset({"config", "attributes", "authenticationFlowBindingOverrides"})
"""Keys of a representation that hold a map; a field ``config.issuer`` is one entry of it."""


def laid_over(representation: Mapping[str, Any], changes: Iterable[FieldChange]) -> dict[str, Any]:
    """A copy with the changes made; what they do not name stays, and ``after=None`` takes a key away."""
    copy = {k: dict(v) if k in NESTED and isinstance(v, dict) else v for k, v in representation.items()}
    for change in changes:
        if change.secret:
            continue
        if change.after is None:
            take_field(copy, change.name)
        else:
            put_field(copy, change.name, thaw(change.after))
    return copy


def put_field(representation: dict[str, Any], name: str, value: Any) -> None:
    """Set one field in place."""
    head, dot, rest = name.partition(".")
    if dot and head in NESTED:
        representation.setdefault(head, {})[rest] = value
    else:
        representation[name] = value


def take_field(representation: dict[str, Any], name: str) -> None:
    """Remove one field in place, if it is there."""
    head, dot, rest = name.partition(".")
    if dot and head in NESTED:
        representation.get(head, {}).pop(rest, None)
    else:
        representation.pop(name, None)
