"""The roles and groups that exist in a realm, against which imported grants are checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from partnergate.realm.comparable import thaw
from partnergate.realm.fitting import default_role
from partnergate.realm.mappers.kind import NotExpressible
from partnergate.realm.representation.attributes import PREFIX
from partnergate.realm.state import ResourceKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partnergate.realm.state import FieldValue, RealmState, Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTargets:
    """What a mapper of the realm can grant."""

    roles: frozenset[str]
    """Realm roles."""
    default_role: str
    """Every user has it; empty if it is not known."""
    groups: frozenset[str]
    """Paths."""
    clients: frozenset[str]
    extended: Mapping[tuple[ResourceKind, str], str]
    """Roles and groups that include something, with what. A file declares simple roles and empty groups,
    so adopting one of these would take from every user what it includes."""

    @classmethod
    def of(cls, state: RealmState) -> KnownTargets:
        """Those of a realm that was read completely."""
        named = {
            kind: frozenset(one.key.name for one in state.resources if one.key.kind is kind)
            for kind in (ResourceKind.ROLE, ResourceKind.GROUP, ResourceKind.CLIENT)
        }
        return cls(
            roles=named[ResourceKind.ROLE],
            default_role=default_role(state),
            groups=named[ResourceKind.GROUP],
            clients=named[ResourceKind.CLIENT],
            extended={
                (one.key.kind, one.key.name): what
                for one in state.resources
                if not one.owner and (what := _included(one))
            },
        )

    def checked(self, part: Mapping[str, Any] | NotExpressible) -> Mapping[str, Any] | NotExpressible:
        """The part, unless it grants a client role, or a role or group that does not exist.

        A file that names one would create a realm role or a group of that name.
        """
        if isinstance(part, NotExpressible):
            return part
        for grant in part.get("roles", ()):
            if reason := self._role(grant.get("grant")) or self._group(grant.get("group")):
                condition = " and ".join(
                    f"{claim} = {value}" for claim, value in grant.get("when", {}).items()
                )
                return NotExpressible(reason=reason + (f", to users with {condition}" if condition else ""))
        return part

    def _role(self, name: str | None) -> str:
        if name is None:
            return ""
        # Keycloak looks for a client before the longest suffix first, and for a realm role last.
        parts = name.split(".")
        for length in range(len(parts) - 1, 0, -1):
            if (client := ".".join(parts[:length])) in self.clients:
                return f"it grants the role {'.'.join(parts[length:])} of the client {client}"
        if name == self.default_role:
            return f"it grants {name}, the default role of the realm, which every user has"
        if name not in self.roles:
            return f"it grants the role {name}, which the realm does not have"
        if what := self.extended.get((ResourceKind.ROLE, name)):
            return f"it grants the role {name}, which includes {what}; files declare only simple roles"
        return ""

    def _group(self, path: str | None) -> str:
        """Declaring a group declares its parent groups as well."""
        if path is None:
            return ""
        if path not in self.groups:
            return f"it grants the group {path}, which the realm does not have"
        parts = path.strip("/").split("/")
        for length in range(1, len(parts) + 1):
            above = "/" + "/".join(parts[:length])
            if what := self.extended.get((ResourceKind.GROUP, above)):
                return f"it grants the group {path}, and {above} has {what}; files declare only empty groups"
        return ""


def _included(one: Resource) -> str:
    """What users of a role or group get from it besides itself; empty for other kinds of resource."""
    if one.key.kind is ResourceKind.ROLE:
        parts = [str(name) for name in _items(one.fields.get("composites"))]
    elif one.key.kind is ResourceKind.GROUP:
        parts = [f"the role {name}" for name in _items(one.fields.get("realmRoles"))]
        of_clients: dict[str, list[str]] = thaw(one.fields.get("clientRoles", ())) or {}
        parts += [f"the role {client}/{name}" for client, names in of_clients.items() for name in names]
    else:
        return ""
    parts += [f"the attribute {name.removeprefix(PREFIX)}" for name in one.fields if name.startswith(PREFIX)]
    return ", ".join(parts)


def _items(value: FieldValue) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else ()
