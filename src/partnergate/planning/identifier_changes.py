"""Providers whose users a plan would identify by something else, so that a login opens another account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from partnergate.planning.changes import Delete, NoOp, Replace
from partnergate.realm.state import ResourceKind
from partnergate.realm.subject import identifiers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from partnergate.planning.changes import Change
    from partnergate.realm.state import Resource, ResourceKey


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierChange:
    """A provider with linked users, and what identifies them before and after the plan."""

    alias: str
    before: str
    """``the claim sub``."""
    after: str
    linked_users: int


def identifier_changes(
    changes: Iterable[Change],
    wanted: Mapping[ResourceKey, Resource],
    present: Mapping[ResourceKey, Resource],
    linked_users: Callable[[Any], int],
) -> tuple[IdentifierChange, ...]:
    """Every provider of the changes that has linked users and another identifier afterward, by alias.

    Users of a deleted or replaced provider lose their link, which is a destructive change of its own.
    """
    touched: set[str] = set()
    gone: set[str] = set()
    for change in changes:
        if change.key.kind is ResourceKind.IDENTITY_PROVIDER:
            (gone if isinstance(change, Delete | Replace) else touched).add(change.key.name)
        elif change.key.kind is ResourceKind.IDENTITY_PROVIDER_MAPPER and not isinstance(change, NoOp):
            touched.add(change.key.parent)
    aliases = touched - gone
    if not aliases:
        return ()
    before, after = identifiers(present.values(), aliases), identifiers(wanted.values(), aliases)
    found = (
        IdentifierChange(
            alias=alias,
            before=before[alias].text,
            after=after[alias].text,
            linked_users=linked_users(alias),
        )
        for alias in sorted(before.keys() & after.keys())
        if before[alias] != after[alias]
    )
    return tuple(one for one in found if one.linked_users)


def identifier_change_text(one: IdentifierChange) -> str:
    """Describe what happens to the users."""
    users = (
        "1 linked user loses its" if one.linked_users == 1 else f"{one.linked_users} linked users lose their"
    )
    return (
        f"provider {one.alias} identifies users by {one.after} instead of {one.before}: {users} account, "
        "unless both have the same value"
    )
