"""Admin permissions that the roles and groups granted by partners have on the live realm.

Files declare simple roles and empty groups, so a full plan removes what an administrator added to
them and warns about it. A plan that is limited to some partners changes no role, so it is rejected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from partnergate.errors import PlanError
from partnergate.realm.comparable import thaw
from partnergate.realm.mappers.grants import is_admin_role
from partnergate.realm.mappers.kind import TargetKind
from partnergate.realm.mappers.mapper_kinds import targets
from partnergate.realm.state import ResourceKey, ResourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from partnergate.model.partner import PartnerSpec
    from partnergate.realm.state import Resource

GRANTS_ADMIN: Final = "PGS002"
"""The code of the warning and of the error."""
_TARGETS: Final = ((ResourceKind.ROLE, TargetKind.ROLE), (ResourceKind.GROUP, TargetKind.GROUP))


class GrantedPermission(NamedTuple):
    """A role or group that a partner grants, and the admin role that it includes."""

    granted: str
    """``role NAME`` or ``group PATH``."""
    includes: str
    """The admin roles, comma-separated."""
    partners: tuple[str, ...]

    @property
    def message(self) -> str:
        """The sentence for a warning."""
        partners = ", ".join(self.partners)
        return (
            f"the {self.granted} includes {self.includes} on the realm and is granted to users of {partners}"
        )


def granted_permissions(
    partners: Iterable[PartnerSpec], present: Mapping[ResourceKey, Resource]
) -> tuple[GrantedPermission, ...]:
    """Every grant of these partners that creates administrators in the current state of the realm."""
    granted: dict[tuple[ResourceKind, str], set[str]] = {}
    for partner in partners:
        for provider in partner.providers:
            for kind, target_kind in _TARGETS:
                for target in targets(provider.identity, target_kind):
                    granted.setdefault((kind, target.name), set()).add(partner.partner)
    found = []
    for (kind, name), granting in sorted(granted.items()):
        inside = _of_group(name, present) if kind is ResourceKind.GROUP else _of_role(name, present)
        admin = sorted({role for role in _all_inside(inside, present) if _may_administer(role)})
        if admin:
            found.append(GrantedPermission(f"{kind} {name}", ", ".join(admin), tuple(sorted(granting))))
    return tuple(found)


def refuse_granted_permissions(found: tuple[GrantedPermission, ...], *, target: str) -> None:
    """Raise ``PlanError`` when a plan that changes no role would leave partners with admin permissions."""
    if found:
        raise PlanError(
            f"{GRANTS_ADMIN}: {'; '.join(one.message for one in found)}",
            target=target,
            advice="plan without --partner: that plan removes the admin role",
        )


def _may_administer(role: str) -> bool:
    """Whether it is an admin role, or a client role; the state has no composites of client roles."""
    return "/" in role or is_admin_role(role)


def _of_role(name: str, present: Mapping[ResourceKey, Resource]) -> list[str]:
    """The direct composites of a realm role: realm roles by name, client roles as ``client/role``."""
    role = present.get(ResourceKey(kind=ResourceKind.ROLE, name=name))
    return list(thaw(role.fields.get("composites", ()))) if role else []


def _of_group(path: str, present: Mapping[ResourceKey, Resource]) -> list[str]:
    """The roles of a group and of its parent groups, which its members inherit."""
    parts = path.strip("/").split("/")
    found: list[str] = []
    for depth in range(len(parts)):
        key = ResourceKey(kind=ResourceKind.GROUP, name="/" + "/".join(parts[: depth + 1]))
        if (group := present.get(key)) is None:
            continue
        found += thaw(group.fields.get("realmRoles", ()))
        of_clients: dict[str, list[str]] = thaw(group.fields.get("clientRoles", ())) or {}
        found += [f"{client}/{role}" for client, roles in of_clients.items() for role in roles]
    return found


def _all_inside(roles: list[str], present: Mapping[ResourceKey, Resource]) -> Iterator[str]:
    """The roles and their composites, recursively; roles may include each other."""
    waiting, seen = list(roles), set()
    while waiting:
        role = waiting.pop()
        if role not in seen:
            seen.add(role)
            yield role
            waiting += _of_role(role, present)
