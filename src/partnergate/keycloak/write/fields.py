"""Field changes, merged over the nested representation of Keycloak."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from partnergate.realm.comparable import thaw

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from partnergate.planning.changes import FieldChange

NESTED: Final = frozenset({"config", "attributes", "authenticationFlowBindingOverrides"})
"""Keys of a representation with a map; a field ``config.issuer`` is one entry of it."""


def merged_over(representation: Mapping[str, Any], changes: Iterable[FieldChange]) -> dict[str, Any]:
    """A copy with the changes; other fields stay, and ``after=None`` removes a key."""
    copy = {k: dict(v) if k in NESTED and isinstance(v, dict) else v for k, v in representation.items()}
    for change in changes:
        if change.secret:
            continue
        if change.after is None:
            remove_field(copy, change.name)
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


def remove_field(representation: dict[str, Any], name: str) -> None:
    """Remove one field in place, if it exists."""
    head, dot, rest = name.partition(".")
    if dot and head in NESTED:
        representation.get(head, {}).pop(rest, None)
    else:
        representation.pop(name, None)
