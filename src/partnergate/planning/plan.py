"""A plan: the changes to one realm, complete and without secrets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from partnergate.errors import PlanError
from partnergate.planning.advisories import advisories_for
from partnergate.planning.advisory_file import bundled_table
from partnergate.planning.changes import Delete, NoOp, Replace
from partnergate.planning.diff import changes_between
from partnergate.planning.granted_permissions import (
    GRANTS_ADMIN,
    granted_permissions,
    refuse_granted_permissions,
)
from partnergate.planning.identifier_changes import identifier_changes
from partnergate.planning.prerequisites import refuse_taken_organizations, refuse_unapplied_realm
from partnergate.planning.state_marks import StateMark, state_marks
from partnergate.planning.unmanaged import UNLINKED, described, unlinked_providers, unmanaged
from partnergate.planning.unverified_secrets import unverified_secrets
from partnergate.realm.fitting import fitted, missing_scopes
from partnergate.realm.ownership import REALM_OWNER
from partnergate.realm.state import ResourceKind
from partnergate.realm.versions import missing_feature
from partnergate.wording import counted

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from partnergate.model.environment import RealmSpec
    from partnergate.model.partner import Alias, PartnerSpec
    from partnergate.planning.changes import Change
    from partnergate.planning.identifier_changes import IdentifierChange
    from partnergate.realm.state import RealmState, Resource

FORMAT_VERSION: Final = 1
FORBIDDEN_REALM: Final = "master"
NO_SCOPE: Final = "PGS006"
SECRET_UNCHECKED: Final = "PGS001"  # noqa: S105 - the code of a warning
_NAMED: Final = 10
"""At most this many secrets are listed; the rest is counted."""
_UNMANAGED: Final = (
    "partnergate drift shows who created it and when; declare it in a partner file, or remove it"
)
_REMOVED: Final = "this plan removes it; partnergate drift shows who added it"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTarget:
    """The realm a plan is for."""

    environment: str
    server_url: str
    realm: str
    server_version: str


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class InputFile:
    """A file that the plan was created from."""

    path: str
    sha256: str
    commit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class PlannedWaiver:
    """A waiver of a security rule in a partner file."""

    partner: str
    code: str
    reason: str
    until: date
    approved_by: str


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class PlanWarning:
    """A warning for the reviewer about something that the plan does not change."""

    code: str
    message: str
    advice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The changes and warnings, for apply and for a reviewer."""

    target: PlanTarget
    tool_version: str
    created_at: datetime
    """Aware UTC; the only time in a plan."""
    changes: tuple[Change, ...]
    """Sorted by key, without NoOps."""
    unchanged: int
    """How many owned resources are equal to the desired state."""
    inputs: tuple[InputFile, ...] = ()
    state: tuple[StateMark, ...] = ()
    """The state that the changes were computed from; see ``state_marks``."""
    waivers: tuple[PlannedWaiver, ...] = ()
    warnings: tuple[PlanWarning, ...] = ()
    unmanaged: tuple[Resource, ...] = ()
    """Unmanaged providers, mappers and organizations, each with the fields that identify it."""
    identifier_changes: tuple[IdentifierChange, ...] = ()
    """Providers whose linked users would be identified by something else, by alias."""
    only_partners: tuple[str, ...] = ()
    """The partners that the plan is limited to; empty means all partners and the realm."""
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

    ``linked_users`` is called only for providers whose users would lose their links or get another
    account.
    A plan without changes that is not ``for_file`` has no state marks, because nothing reads them.
    Raises ``PlanError`` for the realm ``master``, for a server without a feature that the files need,
    for a partner whose organization Keycloak would not accept, and for a plan limited to partners that
    grant a role with admin permissions or need parts of the realm that do not exist.
    """
    refuse_master(realm.realm)
    desired = fitted(desired, actual)
    _refuse_missing_feature(desired, actual.server_version, realm.server_url)
    wanted, present = desired.by_key(), actual.by_key()
    chosen = [p for p in partners if not only_partners or p.partner in only_partners]
    granted = granted_permissions(chosen, present)
    if only_partners:
        refuse_granted_permissions(granted, target=f"{realm.server_url}, realm {realm.realm}")
    selected = _selected(changes_between(wanted, present), only_partners)
    target = f"{realm.server_url}, realm {realm.realm}"
    if only_partners:
        refuse_unapplied_realm(selected, wanted, present, target=target)
    refuse_taken_organizations(selected, present, target=target)
    unmanaged_resources = unmanaged(wanted, present)
    changes = tuple(_with_links(change, linked_users) for change in selected if not isinstance(change, NoOp))
    return Plan(
        target=PlanTarget(
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
            *(PlanWarning(code=GRANTS_ADMIN, message=p.message, advice=_REMOVED) for p in granted),
            *_not_managed(unmanaged_resources),
            *_moved_links(unmanaged_resources, changes),
            *_scopes(actual),
            *_unchecked(desired, only_partners),
            *_vulnerabilities(actual.server_version, changes),
        ),
        unmanaged=unmanaged_resources,
        identifier_changes=identifier_changes(changes, wanted, present, linked_users),
        only_partners=tuple(sorted(only_partners)),
    )


def refuse_master(realm: str) -> None:
    """Raise ``PlanError`` for the realm ``master``."""
    if realm.lower() == FORBIDDEN_REALM:
        raise PlanError(
            "partnergate never manages the realm master, which administers the server",
            target=realm,
            advice="set realm in the realm template to a realm of the host",
        )


def _refuse_missing_feature(desired: RealmState, server_version: str, server_url: str) -> None:
    """Raise ``PlanError`` for a feature that the server would reject or silently ignore."""
    if missing := missing_feature(desired, server_version):
        raise PlanError(
            f"Keycloak {server_version} does not support what the files need: {missing.name}",
            target=server_url,
            advice=f"update Keycloak to {missing.since} or newer",
        )


def _vulnerabilities(server_version: str, changes: tuple[Change, ...]) -> list[PlanWarning]:
    """The vulnerabilities of that version that concern what the plan changes; ``doctor`` lists all."""
    changed = {change.key.kind for change in changes}
    return [
        PlanWarning(code=found.code, message=found.message, advice=found.advice)
        for found in advisories_for(server_version, bundled_table())
        if not found.mitigated_by and changed.intersection(found.concerns)
    ]


def _not_managed(unmanaged_resources: tuple[Resource, ...]) -> list[PlanWarning]:
    """One warning for all unmanaged providers, and one for all unmanaged organizations."""
    return [
        PlanWarning(code=code, message=message, advice=_UNMANAGED)
        for code, message in described(unmanaged_resources)
    ]


def _moved_links(unmanaged_resources: tuple[Resource, ...], changes: tuple[Change, ...]) -> list[PlanWarning]:
    """A provider belongs to one organization, so linking it to its partner unlinks it from another."""
    linked: set[str] = set()
    for change in changes:
        if change.key.kind is ResourceKind.ORGANIZATION and not isinstance(change, Delete | NoOp):
            providers = change.desired.fields.get("identityProviders")
            linked |= set(map(str, providers)) if isinstance(providers, tuple) else set()
    advice = "ask its creator whether it is still needed"
    return [
        PlanWarning(code=UNLINKED, message=m, advice=advice)
        for m in unlinked_providers(unmanaged_resources, linked)
    ]


def _scopes(actual: RealmState) -> list[PlanWarning]:
    """One warning for all built-in client scopes that the realm does not have."""
    missing = sorted(missing_scopes(actual))
    if not missing:
        return []
    return [
        PlanWarning(
            code=NO_SCOPE,
            message=f"missing in the realm: {counted(len(missing), 'client scope')} of Keycloak "
            f"({', '.join(missing)}); the host's clients are assigned only to those that exist",
            advice="tokens contain sub and the granted roles anyway; for other claims, such as the email "
            "address, create the missing scope and plan again",
        )
    ]


def _unchecked(desired: RealmState, only_partners: tuple[str, ...]) -> list[PlanWarning]:
    """One warning for all secrets whose values are not available."""
    found = unverified_secrets(desired, only_partners)
    if not found:
        return []
    named = ", ".join(found[:_NAMED]) + (f" and {len(found) - _NAMED} more" if len(found) > _NAMED else "")
    return [
        PlanWarning(
            code=SECRET_UNCHECKED,
            message=f"secret not verified, its value is not available: {named}",
            advice="apply resolves and verifies it, and sends it if it has changed",
        )
    ]


def _selected(changes: tuple[Change, ...], only_partners: tuple[str, ...]) -> tuple[Change, ...]:
    if not only_partners:
        return changes
    return tuple(
        change for change in changes if change.owner in only_partners and change.owner != REALM_OWNER
    )


def _with_links(change: Change, linked_users: Callable[[Alias], int]) -> Change:
    """Deleting a provider unlinks its users, so the change carries their number."""
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
