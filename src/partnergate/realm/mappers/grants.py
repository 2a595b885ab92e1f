"""What grants of roles and groups share: the key ``identity.roles``, names and conditions."""

from __future__ import annotations

import json
import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from partnergate.language.shape.collections import Key, KnownMistake, ListOf, MapOf, Object
from partnergate.language.shape.scalars import Text
from partnergate.model.partner import RoleGrant, SamlSignIn
from partnergate.realm.mappers.claims import CLAIM, CLAIM_VALUE, claim_name, claim_path
from partnergate.realm.mappers.conditions import UnreadableConditionsError, conditions_of
from partnergate.realm.mappers.kind import (
    NO_TYPES,
    IdentityKey,
    Mapper,
    MapperKind,
    MapperTarget,
    MapperTypes,
    NotExpressible,
    TargetKind,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from partnergate.model.partner import Identity, PartnerSpec, ProviderSpec
    from partnergate.realm.mappers.conditions import Conditions
    from partnergate.realm.mappers.kind import Documentation, SignIn

_FILE_KEYS: Final = {TargetKind.ROLE: "grant", TargetKind.GROUP: "group"}
_CONFIG_KEYS: Final = {TargetKind.ROLE: "role", TargetKind.GROUP: "group"}
_ADMIN: Final = re.compile(
    r"(?:.*\.)?(?:realm-admin|admin|administrator|create-realm|create-client|impersonation|offline_access|uma_authorization"
    r"|uma_protection|(?:manage|view|query)-[a-z-]+|default-roles-.*|read-token|delete-account)\Z"
    r"|realm-management(?:[./].*)?\Z|account(?:[./].*)?\Z|broker(?:[./].*)?\Z|.*-realm[./].*",
    re.IGNORECASE,
)


def is_admin_role(name: str) -> bool:
    """Whether Keycloak itself gives the role a permission that no partner may grant."""
    return _ADMIN.match(name.strip()) is not None


def grant_mappers(
    types: MapperTypes, provider: ProviderSpec, kind: TargetKind, *, conditional: bool
) -> Iterator[Mapper]:
    """One mapper for each grant of the kind, with conditions or without."""
    for grant in provider.identity.roles:
        target = _granted(grant, kind)
        if not target or bool(grant.when) is not conditional:
            continue
        conditions = _conditions(provider.sign_in, grant) if conditional else {}
        yield Mapper(
            name=_name(grant, kind, target),
            type=types.for_sign_in(provider.sign_in),
            config=conditions | {_CONFIG_KEYS[kind]: target},
        )


def _granted(grant: RoleGrant, kind: TargetKind) -> str | None:
    return grant.grant if kind is TargetKind.ROLE else grant.group


def _name(grant: RoleGrant, kind: TargetKind, target: str) -> str:
    conditions = (f"{claim}={value}" for claim, value in grant.when)
    return "-".join((_CONFIG_KEYS[kind], target.strip("/").replace("/", "-"), *conditions))


def _conditions(sign_in: SignIn, grant: RoleGrant) -> dict[str, str]:
    saml = isinstance(sign_in, SamlSignIn)
    plural, singular = ("attributes", "attribute") if saml else ("claims", "claim")
    pairs = [{"key": claim if saml else claim_path(claim), "value": value} for claim, value in grant.when]
    return {
        plural: json.dumps(pairs, separators=(",", ":")),
        f"are.{singular}.values.regex": "false",
    }


def imported_grant(
    mapper: Mapper, kind: TargetKind, *, conditional: bool
) -> Mapping[str, object] | NotExpressible:
    """The entry below ``identity.roles`` that results in the mapper.

    A condition that a file cannot express exactly results in no grant: fewer conditions would grant
    the role or group to more users.
    """
    target = mapper.config.get(_CONFIG_KEYS[kind], "")
    if not target:
        return NotExpressible(reason=f"it names no {kind.value}")
    if not conditional:
        return {"roles": [{_FILE_KEYS[kind]: target}]}
    what = f"it grants the {kind.value} {target}"
    try:
        conditions = conditions_of(mapper)
    except UnreadableConditionsError as error:
        return NotExpressible(reason=f"{what}, and its conditions are not keys and values: {error}")
    if reason := _not_exact(conditions):
        return NotExpressible(reason=f"{what} {reason}")
    if mapper.type.startswith("saml-"):
        return {"roles": [{"when": dict(conditions.pairs), _FILE_KEYS[kind]: target}]}
    names = {name: value for path, value in conditions.pairs if (name := claim_name(path))}
    if len(names) < len(conditions.pairs):
        return NotExpressible(reason=f"{what} by a nested path, as its dots are not escaped: {conditions}")
    return {"roles": [{"when": names, _FILE_KEYS[kind]: target}]}


def _not_exact(conditions: Conditions) -> str:
    """Why ``when`` cannot express the conditions; empty when it can."""
    if not conditions.pairs:
        return "without any condition, so that every user gets it"
    if conditions.patterns:
        return f"by a regular expression: {conditions}"
    if conditions.by_friendly_name:
        return f"by the FriendlyName of an attribute: {conditions}"
    if conditions.repeated:
        return f"only to users with several values of one claim: {conditions}"
    return ""


def explained_grant(mapper: Mapper, kind: TargetKind, *, conditional: bool) -> str:
    """Who gets what."""
    what = f"grants the {kind.value} {mapper.config.get(_CONFIG_KEYS[kind], '')}"
    if not conditional:
        return f"{what} to every user of the provider"
    try:
        conditions = conditions_of(mapper)
    except UnreadableConditionsError:
        return f"{what} under conditions that are not readable"
    if not conditions.pairs:
        return f"{what} to every user of the provider"
    return f"{what} to users with {conditions}"


def grant_targets(identity: Identity, kind: TargetKind, *, conditional: bool) -> Iterator[MapperTarget]:
    """The roles or groups that a partner file grants."""
    for place, grant in enumerate(identity.roles):
        target = _granted(grant, kind)
        if target and bool(grant.when) is conditional:
            path = ("roles", place, _FILE_KEYS[kind])
            yield MapperTarget(kind=kind, name=target, path=path, unconditional=not conditional)


def _typed(values: Sequence[dict[str, Any]] | None) -> tuple[RoleGrant, ...]:
    """Grants keep the order of the file."""
    return tuple(
        RoleGrant(
            when=tuple(sorted(item.get("when", {}).items())),
            grant=item.get("grant"),
            group=item.get("group"),
        )
        for item in values or ()
    )


def _other_words(key: str, *words: str, written: str) -> tuple[tuple[str, KnownMistake], ...]:
    return tuple(
        (
            word,
            KnownMistake(
                code="PG012", message=f'unknown key "{word}" in roles', hint=f"write {written}", intended=key
            ),
        )
        for word in words
    )


ROLES: Final = IdentityKey(
    key=Key(
        name="roles",
        shape=ListOf(
            item=Object(
                name="roles",
                description="Grants a role or a group to users with matching claims",
                keys=(
                    Key(
                        name="when",
                        shape=MapOf(
                            key=CLAIM,
                            value=CLAIM_VALUE,
                            description="Claim and exact value; all must match. "
                            "Without it, every user of the partner",
                        ),
                    ),
                    Key(
                        name="grant",
                        shape=Text(
                            description="A role that a realm template declares",
                            examples=("workspace-admin",),
                            longest=255,
                            several="write one entry under roles for each role",
                        ),
                    ),
                    Key(
                        name="group",
                        shape=Text(
                            description="Path of a group that a realm template declares",
                            pattern=r"^(/[^/\s][^/]*)+$",
                            form="a group path, like /partners/acme",
                            fix=lambda text: f"/{text.strip('/')}",
                            examples=("/partners/acme",),
                        ),
                    ),
                ),
                exactly_one=("grant", "group"),
                refused=(
                    *_other_words("grant", "role", "roles", written="grant"),
                    *_other_words(
                        "when", "if", "claim", "claims", "condition", written="when: {CLAIM: VALUE}"
                    ),
                    *_other_words("when", "groups", written="when: {groups: VALUE}"),
                ),
            ),
            description="Roles and groups that claims grant",
        ),
    ),
    typed=_typed,
)


def grant_kind(
    title: str,
    kind: TargetKind,
    *,
    conditional: bool,
    types: MapperTypes,
    documentation: Documentation,
    also_imported: MapperTypes = NO_TYPES,
) -> MapperKind:
    """Return the kind of mapper that grants roles or groups, by conditions or to every user."""

    def desired(types: MapperTypes, _partner: PartnerSpec, provider: ProviderSpec) -> Iterator[Mapper]:
        return grant_mappers(types, provider, kind, conditional=conditional)

    return MapperKind(
        title=title,
        types=types,
        desired=desired,
        also_imported=also_imported,
        imported=partial(imported_grant, kind=kind, conditional=conditional),
        explained=partial(explained_grant, kind=kind, conditional=conditional),
        documentation=documentation,
        sets=kind,
        targets=partial(grant_targets, kind=kind, conditional=conditional),
        keys=(ROLES,),
    )
