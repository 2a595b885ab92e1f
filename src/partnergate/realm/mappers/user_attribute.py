"""Claims or SAML attributes copied to user attributes, the email address and the names among them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from partnergate.language.shape.collections import Key, MapOf
from partnergate.language.shape.scalars import Text
from partnergate.model.partner import Oauth2SignIn, SamlSignIn
from partnergate.realm.mappers.claims import CLAIM, claim_name, claim_path
from partnergate.realm.mappers.kind import (
    Documentation,
    IdentityKey,
    Mapper,
    MapperKind,
    MapperTarget,
    MapperTypes,
    NotExpressible,
    TargetKind,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from partnergate.model.partner import Identity, PartnerSpec, ProviderSpec

_OWN_KEYS: Final = {"email": "email", "firstName": "first_name", "lastName": "last_name"}
"""Keycloak's user fields that have a key of their own below ``identity``."""
_RESERVED: Final = re.compile(
    r"(?:partner_?id|partner|kc[._].*|ldap_.*|keycloak[._].*|is_temporary_admin|username|user_?name|email|emailverified"
    r"|email_verified|firstname|lastname|id|sub|enabled|roles?|realm_?roles?|groups?|realm_access|resource_access"
    r"|password|credentials?|federation_?link|service_?account.*|created_?timestamp|not_?before|locale_?lock)\Z",
    re.IGNORECASE,
)


def is_reserved_attribute(name: str) -> bool:
    """Whether the host or Keycloak depends on the user attribute, so that no partner may set it."""
    return _RESERVED.match(name) is not None


def _desired(types: MapperTypes, _partner: PartnerSpec, provider: ProviderSpec) -> Iterator[Mapper]:
    kind = types.for_sign_in(provider.sign_in)
    saml = isinstance(provider.sign_in, SamlSignIn)
    for target, claim in _copied(provider):
        source = {"attribute.name": claim} if saml else {"claim": claim_path(claim)}
        config = source | {"user.attribute": target}
        yield Mapper(name=f"attribute-{target}", type=kind, config=config)
    if isinstance(provider.sign_in, SamlSignIn):
        for attribute in _only_requested(provider):
            yield Mapper(name=f"request-{attribute}", type=kind, config={"attribute.name": attribute})


def _only_requested(provider: ProviderSpec) -> tuple[str, ...]:
    """Return the SAML attributes that the host uses without copying them, sorted.

    The metadata of the service provider requests the attributes of these mappers only, and some
    identity providers send only what it requests.
    """
    used = {claim for grant in provider.identity.roles for claim, _ in grant.when}
    if provider.identity.subject != "name_id":
        used.add(provider.identity.subject)
    return tuple(sorted(used - {claim for _, claim in _copied(provider)}))


def _copied(provider: ProviderSpec) -> Iterator[tuple[str, str]]:
    """(user attribute, claim). An OAuth 2.0 provider names its email and name claims in its own config."""
    identity = provider.identity
    if not isinstance(provider.sign_in, Oauth2SignIn):
        for attribute, key in _OWN_KEYS.items():
            if claim := getattr(identity, key):
                yield attribute, claim
    yield from identity.attributes


def _imported(mapper: Mapper) -> Mapping[str, object] | NotExpressible:
    claim, target = _claim(mapper), mapper.config.get("user.attribute", "")
    if claim and not target and mapper.type.startswith("saml-"):
        return {}  # it only requests the attribute
    if not claim and (friendly := mapper.config.get("attribute.friendly.name")):
        return NotExpressible(reason=f"it finds the attribute by its FriendlyName {friendly}")
    if not claim or not target:
        return NotExpressible(reason="it names no claim or no user attribute")
    name = claim if mapper.type.startswith("saml-") else claim_name(claim)
    if name is None:
        return NotExpressible(reason=f"Keycloak reads {claim} as a nested path: its dots are not escaped")
    return {_OWN_KEYS[target]: name} if target in _OWN_KEYS else {"attributes": {target: name}}


def _claim(mapper: Mapper) -> str:
    return mapper.config.get("attribute.name" if mapper.type.startswith("saml-") else "claim", "")


def _explained(mapper: Mapper) -> str:
    source = "SAML attribute" if mapper.type.startswith("saml-") else "claim"
    target = mapper.config.get("user.attribute", "")
    if not target:
        return f"requests the {source} {_claim(mapper)} in the metadata of the service provider"
    return f"copies the {source} {_claim(mapper)} to the user attribute {target}"


def _targets(identity: Identity) -> Iterator[MapperTarget]:
    for name, _claim_name in identity.attributes:
        yield MapperTarget(kind=TargetKind.USER_ATTRIBUTE, name=name, path=("attributes", name))


def _typed(values: dict[str, Any] | None) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((values or {}).items()))


ATTRIBUTES = IdentityKey(
    key=Key(
        name="attributes",
        shape=MapOf(
            key=Text(
                description="Name of a user attribute in the host's realm",
                pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,62}$",
                form="an attribute name: letters, digits, dots, dashes, and underscores",
                examples=("department",),
            ),
            value=CLAIM,
            description="Host attribute: partner claim",
        ),
    ),
    typed=_typed,
)
KIND = MapperKind(
    title="User attribute from a claim",
    types=MapperTypes.claims_or_attributes(
        claims="oidc-user-attribute-idp-mapper", attributes="saml-user-attribute-idp-mapper"
    ),
    desired=_desired,
    imported=_imported,
    explained=_explained,
    documentation=Documentation(
        summary="Copies a claim, or with SAML an attribute, to a user attribute at every login. "
        "Attributes that the host or Keycloak depends on are refused (PG125). With SAML, a mapper without a "
        "user attribute makes the metadata of the host request an attribute that only grants use.",
        example="subject: sub\nattributes: {department: dept}\n",
    ),
    sets=TargetKind.USER_ATTRIBUTE,
    targets=_targets,
    keys=(ATTRIBUTES,),
)
