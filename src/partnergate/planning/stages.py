"""The order in which a plan is applied. The renderer prints it, the executor runs it.

Realm stages run one after another. Between them the partners' groups may run in parallel, each all
or nothing. A provider stays disabled until its mappers exist: a login without them would create a
user without a partner, also when the run is killed half-way.
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
    """Which part of a change one step applies."""

    APPLY = "apply"
    """All of it."""
    CREATE_DISABLED = "create disabled"
    """A provider as desired, but with ``enabled`` false; its ``ENABLE`` follows in the same group."""
    ENABLE = "enable"
    """The provider as desired; everything that it needs exists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStep:
    """One call of the executor."""

    change: Change
    kind: StepKind = StepKind.APPLY


@dataclass(frozen=True, slots=True, kw_only=True)
class RealmStage:
    """Ordered steps on shared resources; the next stage waits for them."""

    title: str
    steps: tuple[PlanStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerGroup:
    """The ordered steps of one partner, all or nothing."""

    partner: str
    steps: tuple[PlanStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnersStage:
    """Groups that share no resources, so that they may run in parallel."""

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
    """Every change of the plan in exactly one stage; empty stages are omitted."""
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
    """The creations and updates of one kind; a parent group comes before its children."""
    changes = [c for c in realm if c.key.kind is kind and not isinstance(c, Delete | NoOp)]
    changes.sort(key=lambda change: change.key.name)
    return RealmStage(title=_TITLES[kind], steps=tuple(PlanStep(change=change) for change in changes))


def _removal_stage(realm: Iterable[Change]) -> RealmStage:
    """Deletions come last, in reverse order, when nothing uses the resources."""
    changes = [change for change in realm if isinstance(change, Delete)]
    changes.sort(key=lambda change: (_BEFORE.index(change.key.kind), change.key.name), reverse=True)
    return RealmStage(title="removals", steps=tuple(PlanStep(change=change) for change in changes))


def _groups(changes: Iterable[Change]) -> tuple[PartnerGroup, ...]:
    by_partner: dict[str, list[Change]] = {}
    for change in changes:
        if change.owner != REALM_OWNER and not isinstance(change, NoOp):
            by_partner.setdefault(change.owner, []).append(change)
    return tuple(
        PartnerGroup(partner=partner, steps=_partner_steps(by_partner[partner]))
        for partner in sorted(by_partner)
    )


def _partner_steps(changes: list[Change]) -> tuple[PlanStep, ...]:
    """Disable providers first, then create what providers need, then enable providers, then delete."""
    made = [change for change in changes if not isinstance(change, Delete)]
    removed = [change for change in changes if isinstance(change, Delete)]
    made.sort(key=lambda change: (_OF_PARTNER.index(change.key.kind), change.key.parent, change.key.name))
    removed.sort(key=lambda change: (-_OF_PARTNER.index(change.key.kind), change.key.parent, change.key.name))
    disabling = [PlanStep(change=change) for change in made if _disables(change)]
    creating: list[PlanStep] = []
    enabling: list[PlanStep] = []
    for change in made:
        if _disables(change):
            continue
        if _enables(change):
            if isinstance(change, Create | Replace):
                creating.append(PlanStep(change=change, kind=StepKind.CREATE_DISABLED))
            enabling.append(PlanStep(change=change, kind=_enabling_kind(change)))
        else:
            creating.append(PlanStep(change=change))
    return (*disabling, *creating, *enabling, *(PlanStep(change=change) for change in removed))


def _enabling_kind(change: Change) -> StepKind:
    return StepKind.ENABLE if isinstance(change, Create | Replace) else StepKind.APPLY


def _disables(change: Change) -> bool:
    """Whether the change disables an enabled provider."""
    if change.key.kind is not ResourceKind.IDENTITY_PROVIDER or not isinstance(change, Update | Adopt):
        return False
    return change.desired.fields.get("enabled") is False and change.actual.fields.get("enabled") is True


def _enables(change: Change) -> bool:
    """Whether the change creates an enabled provider or enables a disabled one."""
    if change.key.kind is not ResourceKind.IDENTITY_PROVIDER or isinstance(change, Delete | NoOp):
        return False
    if change.desired.fields.get("enabled") is not True:
        return False
    return isinstance(change, Create | Replace) or change.actual.fields.get("enabled") is not True
