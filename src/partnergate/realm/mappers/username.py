"""User names from the provider's alias and the stable subject, and the subject in links and login events."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, assert_never

from partnergate.model.partner import Oauth2SignIn, OidcSignIn, SamlSignIn
from partnergate.realm.mappers.claims import claim_name, claim_path
from partnergate.realm.mappers.kind import Documentation, Mapper, MapperKind, MapperTypes, NotExpressible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from partnergate.model.partner import PartnerSpec, ProviderSpec
    from partnergate.realm.mappers.kind import SignIn

_USER_NAME: Final = re.compile(r"\$\{ALIAS\}\.\$\{(?:NAMEID|(?:CLAIM|ATTRIBUTE)\.[^}|\s]+)\}")
_ONE_VALUE: Final = re.compile(r"\$\{(?:NAMEID|(CLAIM|ATTRIBUTE)\.([^}|\s]+))\}")
LINKED_BY_SERVER: Final = "sub"
"""The claim by which Keycloak links users of OpenID Connect without a mapper."""


def _desired(types: MapperTypes, _partner: PartnerSpec, provider: ProviderSpec) -> Iterator[Mapper]:
    """``<alias>.<subject>`` is unique in the realm, whatever names partners give to their users.

    Keycloak links users of OpenID Connect by ``sub``, whatever their user name is. For another
    subject, a mapper replaces the broker ID, so that the subject decides whose account a login opens.

    Login events of OpenID Connect name ``preferred_username``, which can change and can be assigned
    to another person. A second mapper makes them name the subject. Events of the other protocols
    name the subject already.
    """
    kind, subject = types.for_sign_in(provider.sign_in), provider.identity.subject
    template = f"${{ALIAS}}.${{{_variable(provider.sign_in, subject)}}}"
    yield Mapper(name="username", type=kind, config={"template": template, "target": "LOCAL"})
    if isinstance(provider.sign_in, OidcSignIn):
        config = {"template": f"${{CLAIM.{claim_path(subject)}}}", "target": "BROKER_USERNAME"}
        yield Mapper(name="subject", type=kind, config=config)
        if subject != LINKED_BY_SERVER:
            config = {"template": f"${{CLAIM.{claim_path(subject)}}}", "target": "BROKER_ID"}
            yield Mapper(name="subject-link", type=kind, config=config)


def _variable(sign_in: SignIn, subject: str) -> str:
    match sign_in:
        case SamlSignIn():
            return "NAMEID" if subject == "name_id" else f"ATTRIBUTE.{subject}"
        case OidcSignIn() | Oauth2SignIn():
            return f"CLAIM.{claim_path(subject)}"
        case _ as never:
            assert_never(never)


def _imported(mapper: Mapper) -> Mapping[str, object] | NotExpressible:
    """The subject comes from the broker ID alone; the user name of existing users never changes."""
    template = mapper.config.get("template", "")
    match mapper.config.get("target", "LOCAL"):
        case "BROKER_ID":
            found = _ONE_VALUE.fullmatch(template)
            subject = found and (claim_name(found[2]) if found[1] == "CLAIM" else found[2] or "name_id")
            if subject:
                return {"subject": subject}
            return NotExpressible(reason=f"users are identified by one claim or attribute, not by {template}")
        case "BROKER_USERNAME" if _ONE_VALUE.fullmatch(template):
            return {}
        case "LOCAL" if _USER_NAME.fullmatch(template):
            return {}
        case _:
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
        "share one. With OpenID Connect, a second mapper makes login events name the stable subject. "
        "For a subject other than `sub`, a third mapper links users by it, so a user whom the partner "
        "deleted and created again keeps the account.",
        example="subject: employee_id\n",
    ),
    always_present=True,
)
