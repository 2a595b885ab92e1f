"""A plan: what would change in one realm, complete by itself, without a secret."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from partnergate.errors import PlanError
from partnergate.planning.advisories import advisories_for
from partnergate.planning.changes import Delete, NoOp, Replace
from partnergate.planning.diff import changes_between
from partnergate.planning.powers import GRANTS_ADMIN, granted_powers, refuse_powers
from partnergate.planning.state_marks import StateMark, state_marks
from partnergate.planning.unchecked import unchecked_secrets
from partnergate.planning.unmanaged import TAKEN_OUT, taken_out, unmanaged, unmanaged_in_words
from partnergate.realm.ownership import REALM_OWNER
from partnergate.realm.state import ResourceKind
from partnergate.realm.versions import lacking_feature

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from partnergate.model.environment import RealmSpec
    from partnergate.model.partner import Alias, PartnerSpec
    from partnergate.planning.changes import Change
    from partnergate.realm.state import RealmState, Resource

FORMAT_VERSION: Final = 1
FORBIDDEN_REALM: Final = "master"
SECRET_UNCHECKED: Final = "PGS001"  # noqa: S105 - the code of a warning
_NAMED: Final = 10
"""So many secrets are named; of more the number is said."""
_MADE_BY_HAND: Final = (
    "partnergate drift tells who and when; manage it by a partner file, or remove it by hand"
)
_TAKEN_OUT: Final = "this plan takes it out again; look who put it there: partnergate drift"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The realm a plan is for."""

    environment: str
    server_url: str
    realm: str
    server_version: str


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class InputFile:
    """A file the plan was made from."""

    path: str
    sha256: str
    commit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class PlannedWaiver:
    """An exception that a partner file makes from a security rule."""

    partner: str
    code: str
    reason: str
    until: date
    approved_by: str


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class PlanWarning:
    """Something to know that the plan does not change."""

    code: str
    message: str
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that an apply needs, and everything that a reviewer needs."""

    target: Target
    tool_version: str
    created_at: datetime
    """Aware UTC; the only time in a plan."""
    changes: tuple[Change, ...]
    """In the order of their keys, without NoOps."""
    unchanged: int
    """How many resources are ours and equal."""
    inputs: tuple[InputFile, ...] = ()
    state: tuple[StateMark, ...] = ()
    """What the changes were made from; see ``state_marks``."""
    waivers: tuple[PlannedWaiver, ...] = ()
    warnings: tuple[PlanWarning, ...] = ()
    unmanaged: tuple[Resource, ...] = ()
    """Providers, mappers and organizations that were made by hand, each with what tells of it."""
    only_partners: tuple[str, ...] = ()
    """The partners it is limited to; empty is all of them and the realm."""
    format_version: int = FORMAT_VERSION

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to apply."""
        return not self.changes


def make_plan(
    realm: RealmSpec,
    partners: tuple[PartnerSpec, ...],
    *,
    desired: RealmState,
    actual: RealmState,
    created_at: datetime,
    tool_version: str,
    linked_users: Callable[[Alias], int],
    only_partners: tuple[str, ...] = (),
    for_file: bool = True,
) -> Plan:
    """The plan from the actual state to the desired one.

    ``linked_users`` is asked for providers that would lose their users' links, and for no other.
    A plan without changes that is not ``for_file`` has no marks of the state: nobody reads them.
    Raises ``PlanError`` for the realm ``master``, for a server that lacks what the files need, and for
    chosen partners who would be left with a role that makes administrators.
    """
    refuse_master(realm.realm)
    _refuse_lacking(desired, actual.server_version, realm.server_url)
    wanted, present = desired.by_key(), actual.by_key()
    chosen = [p for p in partners if not only_partners or p.partner in only_partners]
    powers = granted_powers(chosen, present)
    if only_partners:
        refuse_powers(powers, target=f"{realm.server_url}, realm {realm.realm}")
    selected = _selected(changes_between(wanted, present), only_partners)
    by_hand = unmanaged(wanted, present)
    changes = tuple(_with_links(change, linked_users) for change in selected if not isinstance(change, NoOp))
    return Plan(
        target=Target(
            environment=realm.environment,
            server_url=realm.server_url,
            realm=realm.realm,
            server_version=actual.server_version,
        ),
        tool_version=tool_version,
        created_at=created_at,
        changes=changes,
        unchanged=len(selected) - len(changes),
        inputs=_inputs(realm, partners),
        state=state_marks(selected, wanted, present) if changes or for_file else (),
        waivers=_waivers(chosen),
        warnings=(
            *(PlanWarning(code=GRANTS_ADMIN, message=p.message, advice=_TAKEN_OUT) for p in powers),
            *_not_managed(by_hand),
            *_moved_links(by_hand, changes),
            *_unchecked(desired, only_partners),
            *_advisories(actual.server_version, changes),
        ),
        unmanaged=by_hand,
        only_partners=tuple(sorted(only_partners)),
    )


def refuse_master(realm: str) -> None:
    """Raise ``PlanError`` for the realm that administers all others."""
    if realm.lower() == FORBIDDEN_REALM:
        raise PlanError(
            "the realm master administers the server and is never a target",
            target=realm,
            advice="name the host's own realm in the realm template",
        )


def _refuse_lacking(desired: RealmState, server_version: str, server_url: str) -> None:
    """Raise ``PlanError`` for what the server would refuse, or forget in silence."""
    if lacking := lacking_feature(desired, server_version):
        raise PlanError(
            f"Keycloak {server_version} lacks what the files need: {lacking.name}",
            target=server_url,
            advice=f"update Keycloak to {lacking.since} or newer",
        )


def _advisories(server_version: str, changes: tuple[Change, ...]) -> list[PlanWarning]:
    """The vulnerabilities of that version that concern what the plan changes; ``doctor`` lists all."""
    changed = {change.key.kind for change in changes}
    return [
        PlanWarning(code=found.code, message=found.message, advice=found.advice)
        for found in advisories_for(server_version)
        if not found.stopped_by and changed & found.concerns
    ]


def _not_managed(by_hand: tuple[Resource, ...]) -> list[PlanWarning]:
    """One warning for all ways into the realm that were made by hand, and one for all organizations."""
    return [
        PlanWarning(code=code, message=message, advice=_MADE_BY_HAND)
        for code, message in unmanaged_in_words(by_hand)
    ]


def _moved_links(by_hand: tuple[Resource, ...], changes: tuple[Change, ...]) -> list[PlanWarning]:
    """A provider is in one organization, so linking it to its partner takes it out of another."""
    linked: set[str] = set()
    for change in changes:
        if change.key.kind is ResourceKind.ORGANIZATION and not isinstance(change, Delete | NoOp):
            providers = change.desired.fields.get("identityProviders")
            linked |= set(map(str, providers)) if isinstance(providers, tuple) else set()
    advice = "ask who made it whether it is still needed"
    return [PlanWarning(code=TAKEN_OUT, message=m, advice=advice) for m in taken_out(by_hand, linked)]


def _unchecked(desired: RealmState, only_partners: tuple[str, ...]) -> list[PlanWarning]:
    """One warning for all secrets whose values are not at hand."""
    found = unchecked_secrets(desired, only_partners)
    if not found:
        return []
    named = ", ".join(found[:_NAMED]) + (f" and {len(found) - _NAMED} more" if len(found) > _NAMED else "")
    return [
        PlanWarning(
            code=SECRET_UNCHECKED,
            message=f"secret not checked, its value is not at hand: {named}",
            advice="apply looks it up, checks it, and sends it when it changed",
        )
    ]


def _selected(changes: tuple[Change, ...], only_partners: tuple[str, ...]) -> tuple[Change, ...]:
    if not only_partners:
        return changes
    return tuple(
        change for change in changes if change.owner in only_partners and change.owner != REALM_OWNER
    )


def _with_links(change: Change, linked_users: Callable[[Alias], int]) -> Change:
    """Deleting a provider unlinks its users: say how many."""
    if change.key.kind is not ResourceKind.IDENTITY_PROVIDER or not isinstance(change, Delete | Replace):
        return change
    alias: Alias = change.key.name  # type: ignore[assignment]
    return replace(change, actual=replace(change.actual, linked_users=linked_users(alias)))


def _inputs(realm: RealmSpec, partners: tuple[PartnerSpec, ...]) -> tuple[InputFile, ...]:
    sources = {realm.source, *(partner.source for partner in partners)}
    return tuple(sorted(InputFile(path=str(s.path), sha256=s.sha256, commit=s.commit) for s in sources))


def _waivers(partners: list[PartnerSpec]) -> tuple[PlannedWaiver, ...]:
    return tuple(
        sorted(
            PlannedWaiver(
                partner=partner.partner,
                code=waiver.code,
                reason=waiver.reason,
                until=waiver.until,
                approved_by=waiver.approved_by,
            )
            for partner in partners
            for waiver in partner.waivers
        )
    )
