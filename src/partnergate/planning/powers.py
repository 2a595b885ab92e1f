"""What the roles and groups that partners grant hold on the live realm: only the server knows that.

The files declare simple roles and empty groups, so a full plan takes out whatever somebody put into
them, and warns of what it was. A plan for some partners alone touches no role: it is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from partnergate.errors import PlanError
from partnergate.realm.comparable import thaw
from partnergate.realm.mappers.grants import is_admin_role
from partnergate.realm.state import ResourceKey, ResourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from partnergate.model.partner import PartnerSpec
    from partnergate.realm.state import Resource

GRANTS_ADMIN: Final = "PGS002"
"""The code of the warning, and of the refusal."""


class GrantedPower(NamedTuple):
    """A role or group that a partner grants, and the admin role inside it."""

    granted: str
    """``role NAME`` or ``group PATH``."""
    holds: str
    partners: tuple[str, ...]

    @property
    def message(self) -> str:
        """What it means."""
        whose = ", ".join(self.partners)
        return f"the {self.granted} holds {self.holds} on the realm, and users of {whose} are given it"


def granted_powers(
    partners: Iterable[PartnerSpec], present: Mapping[ResourceKey, Resource]
) -> tuple[GrantedPower, ...]:
    """Every grant of these partners that makes an administrator on the realm as it is."""
    granted: dict[tuple[ResourceKind, str], set[str]] = {}
    for partner in partners:
        for provider in partner.providers:
            for grant in provider.identity.roles:
                if grant.grant:
                    granted.setdefault((ResourceKind.ROLE, grant.grant), set()).add(partner.partner)
                if grant.group:
                    granted.setdefault((ResourceKind.GROUP, grant.group), set()).add(partner.partner)
    found = []
    for (kind, name), whose in sorted(granted.items()):
        inside = _of_group(name, present) if kind is ResourceKind.GROUP else _of_role(name, present)
        admin = sorted({role for role in _all_inside(inside, present) if _may_administer(role)})
        if admin:
            found.append(GrantedPower(f"{kind} {name}", ", ".join(admin), tuple(sorted(whose))))
    return tuple(found)


def refuse_powers(powers: tuple[GrantedPower, ...], *, target: str) -> None:
    """Raise ``PlanError`` when a plan that changes no role would leave partners with administrators."""
    if powers:
        raise PlanError(
            f"{GRANTS_ADMIN}: {'; '.join(power.message for power in powers)}",
            target=target,
            advice="plan without --partner: that plan takes it out again",
        )


def _may_administer(role: str) -> bool:
    """An admin role; or a client's own, whose inside no state holds."""
    return "/" in role or is_admin_role(role)


def _of_role(name: str, present: Mapping[ResourceKey, Resource]) -> list[str]:
    """What a realm role holds itself: realm roles by name, those of clients as ``client/role``."""
    role = present.get(ResourceKey(kind=ResourceKind.ROLE, name=name))
    return list(thaw(role.fields.get("composites", ()))) if role else []


def _of_group(path: str, present: Mapping[ResourceKey, Resource]) -> list[str]:
    """The roles of a group and of every group above it, which its members have as well."""
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
    """The roles, and what realm roles among them hold in turn; roles may hold each other."""
    waiting, seen = list(roles), set()
    while waiting:
        role = waiting.pop()
        if role not in seen:
            seen.add(role)
            yield role
            waiting += _of_role(role, present)
