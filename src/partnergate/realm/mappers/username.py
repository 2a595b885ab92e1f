"""User names made from the provider's alias and the stable subject, and the subject in login events."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, assert_never

from partnergate.model.partner import Oauth2SignIn, OidcSignIn, SamlSignIn
from partnergate.realm.mappers.kind import Documentation, Mapper, MapperKind, MapperTypes, NotExpressible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from partnergate.model.partner import PartnerSpec, ProviderSpec
    from partnergate.realm.mappers.kind import SignIn

_USER_NAME: Final = re.compile(r"\$\{ALIAS\}\.\$\{(?:CLAIM\.|ATTRIBUTE\.)?([^}]+)\}")
_IN_EVENTS: Final = re.compile(r"\$\{CLAIM\.[^}]+\}")


def _desired(types: MapperTypes, _partner: PartnerSpec, provider: ProviderSpec) -> Iterator[Mapper]:
    """``<alias>.<subject>`` is unique in the realm, whatever names partners give to their users.

    Login events of OpenID Connect name ``preferred_username``, which can change and can be assigned
    to another person. A second mapper makes them name the subject. Events of the other protocols
    name the subject already.
    """
    kind, subject = types.for_sign_in(provider.sign_in), provider.identity.subject
    template = f"${{ALIAS}}.${{{_variable(provider.sign_in, subject)}}}"
    yield Mapper(name="username", type=kind, config={"template": template, "target": "LOCAL"})
    if isinstance(provider.sign_in, OidcSignIn):
        config = {"template": f"${{CLAIM.{subject}}}", "target": "BROKER_USERNAME"}
        yield Mapper(name="subject", type=kind, config=config)


def _variable(sign_in: SignIn, subject: str) -> str:
    match sign_in:
        case SamlSignIn():
            return "NAMEID" if subject == "name_id" else f"ATTRIBUTE.{subject}"
        case OidcSignIn() | Oauth2SignIn():
            return f"CLAIM.{subject}"
        case _ as never:
            assert_never(never)


def _imported(mapper: Mapper) -> Mapping[str, object] | NotExpressible:
    template = mapper.config.get("template", "")
    if found := _USER_NAME.fullmatch(template):
        return {"subject": "name_id" if found[1] == "NAMEID" else found[1]}
    if mapper.config.get("target") == "BROKER_USERNAME" and _IN_EVENTS.fullmatch(template):
        return {}
    return NotExpressible(reason=f"the user name is always <alias>.<subject>, not {template}")


def _explained(mapper: Mapper) -> str:
    template = mapper.config.get("template", "")
    match mapper.config.get("target"):
        case "BROKER_USERNAME":
            return f"records {template} as the partner-side user name in login events"
        case "BROKER_ID":
            return f"identifies users by {template}"
        case _:
            return f"builds the user name from {template}"


KIND = MapperKind(
    title="User name from alias and subject",
    types=MapperTypes.claims_or_attributes(
        claims="oidc-username-idp-mapper", attributes="saml-username-idp-mapper"
    ),
    desired=_desired,
    imported=_imported,
    explained=_explained,
    documentation=Documentation(
        summary="The Keycloak user name is always `<alias>.<subject>`, so users of two partners never "
        "share one. With OpenID Connect, a second mapper makes login events name the stable subject.",
        example="subject: employee_id\n",
    ),
    always_present=True,
)
