"""Which changes of a plan are dangerous, and which flag lets each one through. Safety is data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from partnergate.errors import UnsafePlanError
from partnergate.planning.changes import Adopt, Create, Delete, Replace, Update
from partnergate.planning.plan import refuse_master
from partnergate.planning.state_marks import ABSENT
from partnergate.realm.state import ResourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partnergate.planning.changes import Change
    from partnergate.planning.plan import Plan

MASS_PERCENT: Final = 30
"""More providers than this, of those that are there, going or closing in one plan is a danger."""
MASS_POPULATION: Final = 10
"""Below so many providers a percentage says nothing."""


class DangerKind(StrEnum):
    """Each has its own flag."""

    DELETE_PROVIDER = "delete provider"
    REPLACE_PROVIDER = "replace provider"
    ADOPT = "adopt"
    MASS_CHANGE = "mass change"
    CREATE_REALM = "create realm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Danger:
    """One reason not to apply without being asked to."""

    kind: DangerKind
    subject: str
    message: str
    flag: str
    """What to give to let it through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """The dangers that somebody accepted, each by name."""

    delete: frozenset[str] = frozenset()
    """Aliases of ``--allow-delete``."""
    replace: frozenset[str] = frozenset()
    """Aliases of ``--allow-replace``."""
    adopt: bool = False
    mass_change: bool = False
    create_realm: bool = False

    def accept(self, danger: Danger) -> bool:
        """Whether the danger was accepted."""
        match danger.kind:
            case DangerKind.DELETE_PROVIDER:
                return danger.subject in self.delete
            case DangerKind.REPLACE_PROVIDER:
                return danger.subject in self.replace
            case DangerKind.ADOPT:
                return self.adopt
            case DangerKind.MASS_CHANGE:
                return self.mass_change
            case DangerKind.CREATE_REALM:
                return self.create_realm


def dangers(plan: Plan) -> tuple[Danger, ...]:
    """Every danger of the plan, in the order of its changes, then those of the whole."""
    found = [danger for change in plan.changes if (danger := _danger(change)) is not None]
    return (*found, *_mass_change(plan))


def raise_if_unsafe(plan: Plan, overrides: Overrides) -> None:
    """Raise ``UnsafePlanError`` naming each danger that was not accepted, with its flag."""
    refuse_master(plan.target.realm)
    open_dangers = [danger for danger in dangers(plan) if not overrides.accept(danger)]
    if not open_dangers:
        return
    listed = "; ".join(danger.message for danger in open_dangers)
    flags = " ".join(dict.fromkeys(danger.flag for danger in open_dangers))
    raise UnsafePlanError(
        f"the plan is dangerous: {listed}",
        target=f"{plan.target.server_url}, realm {plan.target.realm}",
        advice=f"nothing was changed; if this is meant, give {flags}",
    )


def users_in_words(count: int | None) -> str:
    """How many users lose their link."""
    match count:
        case None:
            return "its users lose their link"
        case 0:
            return "no user is linked to it"
        case 1:
            return "1 user loses its link"
        case _:
            return f"{count} users lose their link"


def _danger(change: Change) -> Danger | None:
    name = change.key.name
    match change:
        case Delete() if change.key.kind is ResourceKind.IDENTITY_PROVIDER:
            message = f"provider {name} is deleted, {users_in_words(change.actual.linked_users)}"
            return Danger(
                kind=DangerKind.DELETE_PROVIDER, subject=name, message=message, flag=f"--allow-delete {name}"
            )
        case Replace() if change.key.kind is ResourceKind.IDENTITY_PROVIDER:
            users = users_in_words(change.actual.linked_users)
            message = f"provider {name} is deleted and made anew, {users} ({change.reason})"
            return Danger(
                kind=DangerKind.REPLACE_PROVIDER,
                subject=name,
                message=message,
                flag=f"--allow-replace {name}",
            )
        case Adopt():
            message = f"{change.key} is there already without our mark and would be taken over"
            return Danger(kind=DangerKind.ADOPT, subject=str(change.key), message=message, flag="--adopt")
        case Create() if change.key.kind is ResourceKind.REALM:
            message = f"there is no realm {name} on this server and it would be made"
            return Danger(kind=DangerKind.CREATE_REALM, subject=name, message=message, flag="--create-realm")
        case _:
            return None


def _mass_change(plan: Plan) -> Iterable[Danger]:
    hit = sum(1 for change in plan.changes if _shuts_out(change))
    if not hit:
        return
    present = {
        mark.key
        for mark in plan.state
        if mark.key.kind is ResourceKind.IDENTITY_PROVIDER and mark.digest != ABSENT
    }
    if len(present) < MASS_POPULATION or hit * 100 <= len(present) * MASS_PERCENT:
        return
    message = f"{hit} of {len(present)} providers go or close in one plan (more than {MASS_PERCENT} %)"
    yield Danger(
        kind=DangerKind.MASS_CHANGE, subject="providers", message=message, flag="--allow-mass-change"
    )


def _shuts_out(change: Change) -> bool:
    """Whether users of a provider can no longer enter, or lose their link."""
    if change.key.kind is not ResourceKind.IDENTITY_PROVIDER:
        return False
    match change:
        case Delete() | Replace():
            return True
        case Update() | Adopt():
            return (
                change.desired.fields.get("enabled") is False and change.actual.fields.get("enabled") is True
            )
        case _:
            return False
