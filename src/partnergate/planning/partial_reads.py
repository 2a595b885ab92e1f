"""Plans that change so few providers that apply reads only those again, not the whole realm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from partnergate.planning.changes import Create, Delete, Update
from partnergate.realm.state import ResourceKind

if TYPE_CHECKING:
    from partnergate.planning.plan import Plan
    from partnergate.planning.state_marks import StateMark

_PROVIDER: Final = ResourceKind.IDENTITY_PROVIDER
_MAPPER: Final = ResourceKind.IDENTITY_PROVIDER_MAPPER
_FEW: Final = 10
"""Above this number, one read of the whole realm is faster."""


def providers_to_reread(plan: Plan) -> frozenset[str]:
    """Return the aliases of the existing providers if the plan changes only them and their mappers.

    Empty when the plan changes anything else, or too many providers.
    """
    aliases: set[str] = set()
    for change in plan.changes:
        match change:
            case Update(key=key) if key.kind is _PROVIDER:
                aliases.add(key.name)
            case Create(key=key) | Update(key=key) | Delete(key=key) if key.kind is _MAPPER:
                aliases.add(key.parent)
            case _:
                return frozenset()
    return frozenset(aliases) if len(aliases) <= _FEW else frozenset()


def marks_of_providers(plan: Plan, aliases: frozenset[str]) -> tuple[StateMark, ...]:
    """The state marks of these providers and of their mappers."""
    return tuple(
        mark
        for mark in plan.state
        if (mark.key.kind is _PROVIDER and mark.key.name in aliases)
        or (mark.key.kind is _MAPPER and mark.key.parent in aliases)
    )
