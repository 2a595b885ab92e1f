"""In which order a plan is carried out. The explainer prints it, the executor performs it.

Realm stages run one after another. Between them the partners' groups may run side by side, each
all or nothing. A provider serves nobody before its mappers are there: a login without them would
make a user without a partner, also when the run dies half-way.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from partnergate.planning.changes import Adopt, Create, Delete, NoOp, Replace, Update
from partnergate.realm.ownership import REALM_OWNER
from partnergate.realm.state import ResourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partnergate.planning.changes import Change
    from partnergate.planning.plan import Plan


class StepKind(StrEnum):
    """What to do with a change in one step."""

    APPLY = "apply"
    """All of it."""
    CREATE_DISABLED = "create disabled"
    """A provider as desired, but with ``enabled`` false; its ``ENABLE`` follows in the same group."""
    ENABLE = "enable"
    """The provider as desired; everything it needs is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do."""

    change: Change
    kind: StepKind = StepKind.APPLY


@dataclass(frozen=True, slots=True, kw_only=True)
class RealmStage:
    """Steps on what all partners share, in this order; the next stage waits for them."""

    title: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerGroup:
    """The steps of one partner, in this order, all or nothing."""

    partner: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnersStage:
    """Groups that do not touch each other's resources, so that they may run side by side."""

    title: str
    groups: tuple[PartnerGroup, ...]


Stage = RealmStage | PartnersStage

_BEFORE: Final = (
    ResourceKind.REALM,
    ResourceKind.USER_PROFILE,
    ResourceKind.EVENTS_CONFIG,
    ResourceKind.ROLE,
    ResourceKind.GROUP,
    ResourceKind.FLOW,
    ResourceKind.CLIENT_SCOPE,
    ResourceKind.CLIENT,
)
"""Realm resources in the order in which Keycloak needs them to exist."""
_OF_PARTNER: Final = (
    ResourceKind.FLOW,
    ResourceKind.IDENTITY_PROVIDER,
    ResourceKind.IDENTITY_PROVIDER_MAPPER,
    ResourceKind.ORGANIZATION,
)
_TITLES: Final = {
    ResourceKind.REALM: "realm settings",
    ResourceKind.USER_PROFILE: "user profile",
    ResourceKind.EVENTS_CONFIG: "event settings",
    ResourceKind.ROLE: "roles",
    ResourceKind.GROUP: "groups",
    ResourceKind.FLOW: "flows",
    ResourceKind.CLIENT_SCOPE: "client scopes",
    ResourceKind.CLIENT: "clients",
}


def stages(plan: Plan) -> tuple[Stage, ...]:
    """Every change of the plan in exactly one stage; stages without steps are left out."""
    realm = [change for change in plan.changes if change.owner == REALM_OWNER]
    found: list[Stage] = [_realm_stage(kind, realm) for kind in _BEFORE]
    found.append(PartnersStage(title="partners", groups=_groups(plan.changes)))
    found.append(_removal_stage(realm))
    return tuple(stage for stage in found if not _is_empty(stage))


def _is_empty(stage: Stage) -> bool:
    match stage:
        case RealmStage():
            return not stage.steps
        case PartnersStage():
            return not stage.groups


def _realm_stage(kind: ResourceKind, realm: Iterable[Change]) -> RealmStage:
    """What is made or changed of one kind; a group above comes before the group below."""
    changes = [c for c in realm if c.key.kind is kind and not isinstance(c, Delete | NoOp)]
    changes.sort(key=lambda change: change.key.name)
    return RealmStage(title=_TITLES[kind], steps=tuple(Step(change=change) for change in changes))


def _removal_stage(realm: Iterable[Change]) -> RealmStage:
    """What no file declares any more goes last, in the opposite order, when nothing uses it."""
    changes = [change for change in realm if isinstance(change, Delete)]
    changes.sort(key=lambda change: (_BEFORE.index(change.key.kind), change.key.name), reverse=True)
    return RealmStage(title="removals", steps=tuple(Step(change=change) for change in changes))


def _groups(changes: Iterable[Change]) -> tuple[PartnerGroup, ...]:
    by_partner: dict[str, list[Change]] = {}
    for change in changes:
        if change.owner != REALM_OWNER and not isinstance(change, NoOp):
            by_partner.setdefault(change.owner, []).append(change)
    return tuple(
        PartnerGroup(partner=partner, steps=_partner_steps(by_partner[partner]))
        for partner in sorted(by_partner)
    )


def _partner_steps(changes: list[Change]) -> tuple[Step, ...]:
    """Closing doors first, then making what a provider needs, then opening doors, then removals."""
    made = [change for change in changes if not isinstance(change, Delete)]
    gone = [change for change in changes if isinstance(change, Delete)]
    made.sort(key=lambda change: (_OF_PARTNER.index(change.key.kind), change.key.parent, change.key.name))
    gone.sort(key=lambda change: (-_OF_PARTNER.index(change.key.kind), change.key.parent, change.key.name))
    closing = [Step(change=change) for change in made if _closes(change)]
    making: list[Step] = []
    opening: list[Step] = []
    for change in made:
        if _closes(change):
            continue
        if _opens(change):
            if isinstance(change, Create | Replace):
                making.append(Step(change=change, kind=StepKind.CREATE_DISABLED))
            opening.append(Step(change=change, kind=_opening_kind(change)))
        else:
            making.append(Step(change=change))
    return (*closing, *making, *opening, *(Step(change=change) for change in gone))


def _opening_kind(change: Change) -> StepKind:
    return StepKind.ENABLE if isinstance(change, Create | Replace) else StepKind.APPLY


def _closes(change: Change) -> bool:
    """Whether a provider that serves users stops doing so."""
    if change.key.kind is not ResourceKind.IDENTITY_PROVIDER or not isinstance(change, Update | Adopt):
        return False
    return change.desired.fields.get("enabled") is False and change.actual.fields.get("enabled") is True


def _opens(change: Change) -> bool:
    """Whether a provider that does not serve users starts to."""
    if change.key.kind is not ResourceKind.IDENTITY_PROVIDER or isinstance(change, Delete | NoOp):
        return False
    if change.desired.fields.get("enabled") is not True:
        return False
    return isinstance(change, Create | Replace) or change.actual.fields.get("enabled") is not True
