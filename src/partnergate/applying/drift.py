"""Drift: differences from the files, who made them, and how to accept or undo each. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from partnergate.planning.changes import Adopt, Create, Delete, NoOp, Replace, Update
from partnergate.planning.unmanaged import described_each
from partnergate.realm.mappers.kind import NotExpressible
from partnergate.realm.mappers.mapper_kinds import imported, kind_of
from partnergate.realm.ownership import REALM_OWNER
from partnergate.realm.representation.provider import mapper_of
from partnergate.realm.state import ResourceKind
from partnergate.realm.subject import BROKER_ID

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from partnergate.applying.admin_acts import AdminAct
    from partnergate.planning.changes import Change
    from partnergate.planning.plan import Plan
    from partnergate.realm.state import Resource, ResourceKey

FILE_KEYS: Final[Mapping[str, str]] = {
    "config.allowedClockSkew": "sign_in.clock_skew_seconds",
    "config.authorizationUrl": "sign_in.authorization_url",
    "config.backchannelSupported": "sign_in.backchannel_logout",
    "config.claimFilterValue": "identity.email_domains",
    "config.clientAuthMethod": "sign_in.client_authentication",
    "config.clientId": "sign_in.client_id",
    "config.defaultScope": "sign_in.scopes",
    "config.disableUserInfo": "sign_in.use_userinfo",
    "config.emailClaim": "identity.email",
    "config.familyNameClaim": "identity.last_name",
    "config.forceAuthn": "sign_in.force_authn",
    "config.forwardParameters": "sign_in.forward_parameters",
    "config.givenNameClaim": "identity.first_name",
    "config.idpEntityId": "sign_in.entity_id",
    "config.issuer": "sign_in.issuer",
    "config.jwksUrl": "sign_in.jwks_url",
    "config.logoutUrl": "sign_in.logout_url",
    "config.nameIDPolicyFormat": "sign_in.name_id_format",
    "config.postBindingAuthnRequest": "sign_in.sso_binding",
    "config.postBindingLogout": "sign_in.slo_binding",
    "config.prompt": "sign_in.prompt",
    "config.signatureAlgorithm": "sign_in.signature_algorithm",
    "config.signingCertificate": "sign_in.certificates",
    "config.singleLogoutServiceUrl": "sign_in.slo_url",
    "config.singleSignOnServiceUrl": "sign_in.sso_url",
    "config.tokenUrl": "sign_in.token_url",
    "config.userInfoUrl": "sign_in.userinfo_url",
    "config.wantAssertionsEncrypted": "sign_in.want_assertions_encrypted",
    "clientSecret": "sign_in.client_secret",
    "config.clientSecret": "sign_in.client_secret",
    "displayName": "name",
    "domains": "identity.email_domains",
    "enabled": "stage",
    "name": "name",
}
"""Field of a provider or organization -> key of the partner file that sets it."""
_TEMPLATE_KEYS: Final[Mapping[ResourceKind, str]] = {
    ResourceKind.REALM: "settings",
    ResourceKind.EVENTS_CONFIG: "events",
    ResourceKind.ROLE: "roles",
    ResourceKind.GROUP: "groups",
    ResourceKind.CLIENT: "clients",
}


_ALWAYS_PRESENT: Final = frozenset({ResourceKind.FLOW, ResourceKind.CLIENT_SCOPE, ResourceKind.ORGANIZATION})


@dataclass(frozen=True, slots=True, kw_only=True)
class Drifted:
    """One resource that differs from the files."""

    change: Change
    """The change that apply would make."""
    acts: tuple[AdminAct, ...]
    """Changes outside partnergate since the last apply in the events, newest first; may be empty."""
    accept: str
    undo: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ManuallyCreated:
    """A provider or an organization that no file declares and that has no owner."""

    key: ResourceKey
    words: str
    """Its name and its main properties."""
    acts: tuple[AdminAct, ...]
    """Changes to it or its mappers, newest first; may be empty."""
    accept: str
    undo: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A provider that was saved outside partnergate without a visible difference; its secret may differ."""

    key: ResourceKey
    acts: tuple[AdminAct, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """All drift: changes made outside, differences without an event, and unmanaged resources."""

    outside: tuple[Drifted, ...] = ()
    unexplained: tuple[Drifted, ...] = ()
    """The files have changed since the last apply, or the events do not reach back far enough."""
    unmanaged: tuple[ManuallyCreated, ...] = ()
    unseen: tuple[Saved, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether the realm matches the files; unmanaged resources do not count."""
        return not self.outside and not self.unexplained


def drift(plan: Plan, acts: Iterable[AdminAct]) -> Drift:
    """Split the changes of a plan by whether a change outside partnergate caused them."""
    newest_first = tuple(acts)
    outside: list[Drifted] = []
    unexplained: list[Drifted] = []
    for change in plan.changes:
        touching = _since_apply(act for act in newest_first if _touches(act, change.key))
        found = Drifted(
            change=change, acts=touching, accept=_accept(change), undo=_undo(change, plan.target.environment)
        )
        (outside if touching else unexplained).append(found)
    return Drift(
        outside=tuple(outside),
        unexplained=tuple(unexplained),
        unmanaged=tuple(
            _unmanaged(key, description, newest_first, plan.target.environment)
            for key, description in described_each(plan.unmanaged)
        ),
        unseen=tuple(_saved(plan, newest_first)),
    )


def _saved(plan: Plan, newest_first: tuple[AdminAct, ...]) -> Iterator[Saved]:
    """Yield providers that were saved without a visible difference; a new secret shows none."""
    reported = {change.key for change in plan.changes} | {one.key for one in plan.unmanaged}
    keys = {act.key for act in newest_first if act.key.kind is ResourceKind.IDENTITY_PROVIDER}
    for key in sorted(keys - reported):
        acts = _since_apply(act for act in newest_first if act.key == key)
        if acts and acts[0].operation == "UPDATE":
            yield Saved(key=key, acts=acts)


def _unmanaged(
    key: ResourceKey, description: str, acts: Iterable[AdminAct], environment: str
) -> ManuallyCreated:
    is_provider = key.kind is ResourceKind.IDENTITY_PROVIDER
    file = "a partner file with partnergate import" if is_provider else f"partners/{key.name}.yaml"
    return ManuallyCreated(
        key=key,
        words=description,
        acts=tuple(act for act in acts if act.key == key or act.key.parent == key.name),
        accept=f"create {file}, then run partnergate apply --environment {environment} --adopt",
        undo="remove it manually; partnergate never deletes resources that it does not own",
    )


def _since_apply(acts: Iterable[AdminAct]) -> tuple[AdminAct, ...]:
    """The changes after the last apply that wrote the resource; that apply corrected earlier ones."""
    return tuple(takewhile(lambda act: not act.by_apply, acts))


def _touches(act: AdminAct, key: ResourceKey) -> bool:
    """Whether the act changed this resource; an act without a name matches any child of its parent."""
    if act.key.kind is not key.kind:
        return False
    if act.key.name:
        return act.key == key
    return act.key.parent == key.parent


def _undo(change: Change, environment: str) -> str:
    command = f"partnergate apply --environment {environment}"
    if change.owner != REALM_OWNER:
        command += f" --partner {change.owner}"
    match change:
        case Delete() if change.key.kind is ResourceKind.IDENTITY_PROVIDER:
            return f"{command} --allow-delete {change.key.name}"
        case Replace():
            return f"{command} --allow-replace {change.key.name}"
        case Adopt():
            return f"{command} --adopt"
        case Create() | Update() if change.desired.fields.get("config.target") == BROKER_ID:
            return f"{command} --allow-subject-change {change.key.parent}"
        case _:
            return command


def _accept(change: Change) -> str:
    """Return the key and the file to edit, or that no file can declare the change."""
    file = _file(change)
    match change:
        case Update() | Adopt() | Replace():
            keys = sorted({_file_key(change, field.name) for field in change.fields} - {""})
            not_in_files = [field.name for field in change.fields if not _file_key(change, field.name)]
            advice = [f"set {', '.join(keys)} in {file} to what the realm has"] if keys else []
            if not_in_files:
                advice.append(f"{', '.join(not_in_files)} cannot be accepted: no file can set it, by design")
            return "; ".join(advice)
        case Create() if _is_always_present(change.desired):
            return "it cannot be left out: no file declares it, and partnergate needs it"
        case Create():
            return f"remove it from {file}"
        case Delete() if change.key.kind is ResourceKind.IDENTITY_PROVIDER_MAPPER:
            return _accept_mapper(change.actual, file)
        case Delete():
            return f"declare it in {file}, or remove its mark partnergate.owner so that apply ignores it"
        case NoOp():
            return ""


def _accept_mapper(actual: Resource, file: str) -> str:
    match imported(mapper_of(actual)):
        case NotExpressible(reason=reason):
            return f"no file can declare it: {reason}"
        case part if not part:
            return "no file can declare it: apply creates the only one that a provider needs"
        case part:
            return f"declare it under {', '.join(f'identity.{key}' for key in part)} in {file}"


def _is_always_present(desired: Resource) -> bool:
    """Whether every realm or every partner has the resource, so that no file can leave it out."""
    if desired.key.kind is ResourceKind.IDENTITY_PROVIDER_MAPPER:
        return kind_of(mapper_of(desired)).always_present
    return desired.key.kind in _ALWAYS_PRESENT


def _file(change: Change) -> str:
    return "realm_templates" if change.owner == REALM_OWNER else f"partners/{change.owner}.yaml"


def _file_key(change: Change, field: str) -> str:
    if change.owner == REALM_OWNER:
        return _TEMPLATE_KEYS.get(change.key.kind, "")
    if change.key.kind is ResourceKind.IDENTITY_PROVIDER_MAPPER:
        return "identity" if field.startswith("config.") and field != "config.syncMode" else ""
    return FILE_KEYS.get(field, "")
