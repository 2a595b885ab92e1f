"""Plans that the server would refuse half-way, rejected before anything is written.

- An organization that partnergate does not own has the name or a domain of a partner.
- A plan limited to partners needs parts of the realm that only a complete plan creates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from partnergate.errors import PlanError
from partnergate.planning.changes import Adopt, Create, Replace, Update
from partnergate.realm.ownership import FIRST_LOGIN_FLOW
from partnergate.realm.state import ResourceKey, ResourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from partnergate.planning.changes import Change
    from partnergate.realm.state import Resource

TAKEN: Final = "PGS007"
"""The code of the error about an organization with the name or a domain of a partner."""
REALM_FIRST: Final = "PGS008"
"""The code of the error about a limited plan for a realm that was not applied."""
_SHOWN: Final = 5
_GRANTED: Final = (("config.role", ResourceKind.ROLE), ("config.group", ResourceKind.GROUP))


def refuse_taken_organizations(
    changes: Iterable[Change], present: Mapping[ResourceKey, Resource], *, target: str
) -> None:
    """Raise ``PlanError`` for an organization of a partner that Keycloak would not accept."""
    by_hand = [one for key, one in present.items() if key.kind is ResourceKind.ORGANIZATION and not one.owner]
    if not by_hand:
        return
    found = [
        f"organization {other.key.name} has {what} of partner {change.owner}"
        for change in changes
        if change.key.kind is ResourceKind.ORGANIZATION and isinstance(change, Create | Update | Adopt)
        for other in by_hand
        if other.key != change.key
        for what in _shared(change.desired, other)
    ]
    if found:
        raise PlanError(
            f"{TAKEN}: an organization that partnergate does not own is in the way: {_listed(found)}",
            target=target,
            advice="to adopt it, make its alias the partner ID and apply with --adopt; "
            "otherwise rename it, or remove the domain from it, in Keycloak",
        )


def _shared(desired: Resource, other: Resource) -> Iterator[str]:
    """What only one organization of a realm can have."""
    if str(desired.fields.get("name")).casefold() == str(other.fields.get("name")).casefold():
        yield f"the name {other.fields.get('name')}"
    taken = {domain.lower() for domain in _texts(other.fields.get("domains"))}
    yield from (f"the domain {domain}" for domain in _texts(desired.fields.get("domains")) if domain in taken)


def refuse_unapplied_realm(
    changes: Iterable[Change],
    wanted: Mapping[ResourceKey, Resource],
    present: Mapping[ResourceKey, Resource],
    *,
    target: str,
) -> None:
    """Raise ``PlanError`` if a plan limited to partners needs something of the realm that does not exist."""
    made = [change for change in changes if isinstance(change, Create | Update | Adopt | Replace)]
    if not made:
        return
    missing = sorted(set(_missing(made, wanted, present)))
    if missing:
        raise PlanError(
            f"{REALM_FIRST}: the realm does not have what the partners need: {_listed(missing)}",
            target=target,
            advice="apply the realm first: plan and apply without --partner",
        )


def _missing(
    made: Iterable[Any], wanted: Mapping[ResourceKey, Resource], present: Mapping[ResourceKey, Resource]
) -> Iterator[str]:
    flow = ResourceKey(kind=ResourceKind.FLOW, name=FIRST_LOGIN_FLOW)
    if flow not in present:
        yield str(flow)
    elif _has_new_dots(made) and flow in wanted and present[flow].fields != wanted[flow].fields:
        # The flow lists the aliases with dots, to detect a user without an identifier.
        yield f"{flow} with the new alias"
    realm = next((one for key, one in present.items() if key.kind is ResourceKind.REALM), None)
    if realm is None:
        yield "the realm itself"
    elif realm.fields.get("organizationsEnabled") is not True:
        yield "organizations, which are not enabled"
    for change in made:
        for name, kind in _GRANTED:
            key = ResourceKey(kind=kind, name=str(change.desired.fields.get(name)))
            if name in change.desired.fields and key in wanted and key not in present:
                yield str(key)


def _has_new_dots(made: Iterable[Any]) -> bool:
    return any("." in change.key.name for change in made if change.key.kind is ResourceKind.IDENTITY_PROVIDER)


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, tuple) else []


def _listed(found: list[str]) -> str:
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return "; ".join(found[:_SHOWN]) + more
