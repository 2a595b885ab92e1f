"""The last check before a plan is written: no change may grant a permission to administer the realm.

The rules of the language refuse such files. This check covers everything that reaches a writer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.errors import UnsafePlanError
from partnergate.planning.changes import Adopt, Create, Replace, Update
from partnergate.realm.comparable import thaw
from partnergate.realm.mappers.grants import is_admin_role
from partnergate.realm.state import ResourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from partnergate.planning.changes import Change
    from partnergate.planning.plan import Plan
    from partnergate.realm.state import Resource


def refuse_admin_grants(plan: Plan) -> None:
    """Raise ``UnsafePlanError`` with every change that grants an admin role; no option allows them."""
    found = tuple(admin_grants(plan.changes))
    if found:
        raise UnsafePlanError(
            f"the plan grants permissions to administer the realm: {'; '.join(found)}",
            target=f"{plan.target.server_url}, realm {plan.target.realm}",
            advice="nothing was changed; grant roles of the host only",
        )


def admin_grants(changes: Iterable[Change]) -> Iterator[str]:
    """Describe each granted admin role, in the order of the changes."""
    for change in changes:
        if isinstance(change, Create | Update | Replace | Adopt):
            for role in sorted(set(_granted(change.desired))):
                yield f"{change.key} grants {role}"


def _granted(resource: Resource) -> Iterator[str]:
    match resource.key.kind:
        case ResourceKind.IDENTITY_PROVIDER_MAPPER:
            # What a group of the realm includes is checked by ``granted_permissions``.
            role = str(resource.fields.get("config.role") or "")
            yield from [role] if is_admin_role(role) else []
        case ResourceKind.ROLE:
            included: Iterable[str] = thaw(resource.fields.get("composites")) or ()
            yield from (role for role in included if "/" in role or is_admin_role(role))
        case ResourceKind.GROUP:
            roles: Iterable[str] = thaw(resource.fields.get("realmRoles")) or ()
            yield from (role for role in roles if is_admin_role(role))
            of_clients: dict[str, list[str]] = thaw(resource.fields.get("clientRoles")) or {}
            yield from (f"{client}/{role}" for client, names in of_clients.items() for role in names)
        case _:
            return
