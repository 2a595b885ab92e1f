"""Destructive changes of a plan, and the flag that allows each one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from partnergate.errors import UnsafePlanError
from partnergate.planning.changes import Adopt, Create, Delete, Replace, Update
from partnergate.planning.identifier_changes import identifier_change_text
from partnergate.planning.plan import refuse_master
from partnergate.planning.state_marks import ABSENT
from partnergate.realm.state import ResourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partnergate.planning.changes import Change
    from partnergate.planning.plan import Plan

MASS_PERCENT: Final = 30
"""A plan that deletes or disables more than this share of the existing providers is destructive."""
MASS_POPULATION: Final = 10
"""Below this many providers, a percentage has no meaning."""


class DestructiveKind(StrEnum):
    """The kinds of destructive change, each with its own flag."""

    DELETE_PROVIDER = "delete provider"
    REPLACE_PROVIDER = "replace provider"
    CHANGE_SUBJECT = "change subject"
    ADOPT = "adopt"
    MASS_CHANGE = "mass change"
    CREATE_REALM = "create realm"


@dataclass(frozen=True, slots=True, kw_only=True)
class DestructiveChange:
    """A change that apply carries out only when its flag is given."""

    kind: DestructiveKind
    subject: str
    message: str
    flag: str
    """The option that allows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """The destructive changes that the caller allows."""

    delete: frozenset[str] = frozenset()
    """Aliases of ``--allow-delete``."""
    replace: frozenset[str] = frozenset()
    """Aliases of ``--allow-replace``."""
    subject: frozenset[str] = frozenset()
    """Aliases of ``--allow-subject-change``."""
    adopt: bool = False
    mass_change: bool = False
    create_realm: bool = False

    def allow(self, change: DestructiveChange) -> bool:
        """Whether the change is allowed."""
        match change.kind:
            case DestructiveKind.DELETE_PROVIDER:
                return change.subject in self.delete
            case DestructiveKind.REPLACE_PROVIDER:
                return change.subject in self.replace
            case DestructiveKind.CHANGE_SUBJECT:
                return change.subject in self.subject
            case DestructiveKind.ADOPT:
                return self.adopt
            case DestructiveKind.MASS_CHANGE:
                return self.mass_change
            case DestructiveKind.CREATE_REALM:
                return self.create_realm


def destructive_changes(plan: Plan) -> tuple[DestructiveChange, ...]:
    """Every destructive change, in the order of the plan; those of the whole plan come last."""
    found = (_destructive_change(change) for change in plan.changes)
    subjects = (
        DestructiveChange(
            kind=DestructiveKind.CHANGE_SUBJECT,
            subject=one.alias,
            message=identifier_change_text(one),
            flag=f"--allow-subject-change {one.alias}",
        )
        for one in plan.identifier_changes
    )
    return (*(one for one in found if one is not None), *subjects, *_mass_change(plan))


def raise_if_unsafe(plan: Plan, overrides: Overrides) -> None:
    """Raise ``UnsafePlanError`` with each destructive change that is not allowed, and its flag."""
    refuse_master(plan.target.realm)
    refused = [one for one in destructive_changes(plan) if not overrides.allow(one)]
    if not refused:
        return
    listed = "; ".join(one.message for one in refused)
    flags = " ".join(dict.fromkeys(one.flag for one in refused))
    raise UnsafePlanError(
        f"the plan has destructive changes that are not allowed: {listed}",
        target=f"{plan.target.server_url}, realm {plan.target.realm}",
        advice=f"nothing was changed; to allow them, pass {flags}",
    )


def linked_users_text(count: int | None) -> str:
    """Describe how many users lose their link."""
    match count:
        case None:
            return "its users lose their link"
        case 0:
            return "no user is linked to it"
        case 1:
            return "1 user loses its link"
        case _:
            return f"{count} users lose their link"


def _destructive_change(change: Change) -> DestructiveChange | None:
    name = change.key.name
    match change:
        case Delete() if change.key.kind is ResourceKind.IDENTITY_PROVIDER:
            message = f"provider {name} is deleted, {linked_users_text(change.actual.linked_users)}"
            return DestructiveChange(
                kind=DestructiveKind.DELETE_PROVIDER,
                subject=name,
                message=message,
                flag=f"--allow-delete {name}",
            )
        case Replace() if change.key.kind is ResourceKind.IDENTITY_PROVIDER:
            users = linked_users_text(change.actual.linked_users)
            message = f"provider {name} is deleted and created again, {users} ({change.reason})"
            return DestructiveChange(
                kind=DestructiveKind.REPLACE_PROVIDER,
                subject=name,
                message=message,
                flag=f"--allow-replace {name}",
            )
        case Adopt():
            message = f"{change.key} exists and partnergate does not own it; it would be adopted"
            return DestructiveChange(
                kind=DestructiveKind.ADOPT, subject=str(change.key), message=message, flag="--adopt"
            )
        case Create() if change.key.kind is ResourceKind.REALM:
            message = f"realm {name} does not exist on this server and would be created"
            return DestructiveChange(
                kind=DestructiveKind.CREATE_REALM, subject=name, message=message, flag="--create-realm"
            )
        case _:
            return None


def _mass_change(plan: Plan) -> Iterable[DestructiveChange]:
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
    message = (
        f"{hit} of {len(present)} providers are deleted or disabled in one plan (more than {MASS_PERCENT} %)"
    )
    yield DestructiveChange(
        kind=DestructiveKind.MASS_CHANGE, subject="providers", message=message, flag="--allow-mass-change"
    )


def _shuts_out(change: Change) -> bool:
    """Whether users of a provider can no longer sign in, or lose their link."""
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
