"""The realm roles and groups that partner files may grant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.realm.normalize import resource
from partnergate.realm.ownership import DEFAULT_ROLE_PREFIX, REALM_OWNER
from partnergate.realm.state import Resource, ResourceKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.model.environment import RealmSpec


def role_resources(realm: RealmSpec) -> Iterator[Resource]:
    """Yield one simple role for each declared one: a grant assigns that role and no other."""
    for role in realm.roles:
        fields = {"description": role.description} if role.description else {}
        yield resource(ResourceKind.ROLE, role.name, fields, owner=REALM_OWNER)


def default_role_name(realm: str) -> str:
    """Return the name that Keycloak gives the default role of a new realm."""
    return f"{DEFAULT_ROLE_PREFIX}{realm.lower()}"


def default_role_resource(realm: RealmSpec) -> Resource:
    """Return the default role of every user, without composites.

    Its default composites allow linking accounts in the account console, even to an account of another
    partner, and offline sessions, which remain after a logout.
    """
    return resource(
        ResourceKind.ROLE,
        default_role_name(realm.realm),
        {"description": "${role_default-roles}"},
        owner=REALM_OWNER,
    )


def group_resources(realm: RealmSpec) -> Iterator[Resource]:
    """Yield every group by path, with its parent groups."""
    paths: set[str] = set()
    for group in realm.groups:
        parts = group.path.strip("/").split("/")
        paths |= {"/" + "/".join(parts[: depth + 1]) for depth in range(len(parts))}
    for path in sorted(paths):
        yield resource(ResourceKind.GROUP, path, {}, owner=REALM_OWNER)
