"""The roles and groups that exist in a realm, against which imported grants are checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from partnergate.realm.mappers.kind import NotExpressible
from partnergate.realm.state import ResourceKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partnergate.realm.state import RealmState


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownTargets:
    """What a mapper of the realm can grant."""

    roles: frozenset[str]
    """Realm roles."""
    groups: frozenset[str]
    """Paths."""
    clients: frozenset[str]

    @classmethod
    def of(cls, state: RealmState) -> KnownTargets:
        """Those of a realm that was read completely."""
        named = {
            kind: frozenset(one.key.name for one in state.resources if one.key.kind is kind)
            for kind in (ResourceKind.ROLE, ResourceKind.GROUP, ResourceKind.CLIENT)
        }
        return cls(
            roles=named[ResourceKind.ROLE],
            groups=named[ResourceKind.GROUP],
            clients=named[ResourceKind.CLIENT],
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
        return "" if name in self.roles else f"it grants the role {name}, which the realm does not have"

    def _group(self, path: str | None) -> str:
        if path is None or path in self.groups:
            return ""
        return f"it grants the group {path}, which the realm does not have"
