"""A partner's identity provider as a Keycloak realm, with real keys, signatures and users.

The realm and its users come first. Once the host's provider exists, the host is registered as a client
in the way a partner does it: with the redirect URI, or with the host's SAML metadata.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, assert_never

import requests

from partnergate.keycloak.connection import segment
from partnergate.model.partner import Oauth2SignIn, OidcSignIn, SamlSignIn
from partnergate.playground.realm_keys import realm_keys

if TYPE_CHECKING:
    from partnergate.keycloak.connection import KeycloakConnection
    from partnergate.model.partner import Identity, ProviderSpec

_BASIC = "Basic"
_STANDARD_CLAIMS = frozenset(("sub", "email", "given_name", "family_name", "preferred_username", "name"))


@dataclass(frozen=True, slots=True, kw_only=True)
class IdpUser:
    """A user at the partner."""

    username: str
    password: str = field(repr=False)
    email: str
    first_name: str
    last_name: str
    attributes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Each becomes a claim or a SAML attribute of the same name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerIdp:
    """The identity provider of one partner."""

    realm: str
    users: tuple[IdpUser, ...]
    forged: tuple[tuple[str, str], ...] = ()
    """Claims or attributes that it asserts about every user without permission."""


def make_partner_realm(server: KeycloakConnection, idp: PartnerIdp) -> None:
    """Create the realm and its users, after deleting an existing realm of that name.

    ``server`` is a connection with rights on the whole server.
    """
    root = f"/admin/realms/{segment(idp.realm)}"
    if server.get_or_none(root) is not None:
        server.delete(root)
    server.post(
        "/admin/realms",
        {"realm": idp.realm, "enabled": True, "sslRequired": "external", "components": realm_keys()},
    )
    profile = server.get(f"{root}/users/profile")
    server.put(f"{root}/users/profile", profile | {"unmanagedAttributePolicy": "ENABLED"})
    for user in idp.users:
        server.post(f"{root}/users", _user(user))


def _user(user: IdpUser) -> dict[str, Any]:
    return {
        "username": user.username,
        "enabled": True,
        "email": user.email,
        "emailVerified": True,
        "firstName": user.first_name,
        "lastName": user.last_name,
        "attributes": {name: list(values) for name, values in user.attributes},
        "credentials": [{"type": "password", "value": user.password, "temporary": False}],
    }


def register_host(
    server: KeycloakConnection,
    idp: PartnerIdp,
    provider: ProviderSpec,
    *,
    broker_endpoint: str,
    client_secret: str | None = None,
) -> None:
    """Register the host at the partner: as a confidential client, or as a service provider by its metadata.

    ``broker_endpoint`` is the provider's address in the host's realm
    (``<server>/realms/<realm>/broker/<alias>/endpoint``). An earlier registration is replaced.
    """
    root = f"/admin/realms/{segment(idp.realm)}"
    match provider.sign_in:
        case OidcSignIn() | Oauth2SignIn() as sign_in:
            client = _oidc_client(sign_in.client_id, client_secret, broker_endpoint)
            client["protocolMappers"] = _claims(idp, provider.identity)
        case SamlSignIn():
            client = _saml_client(server, root, broker_endpoint)
            client["protocolMappers"] = _attributes(idp, provider.identity)
        case _ as never:
            assert_never(never)
    for old in server.get(f"{root}/clients", clientId=client["clientId"]):
        server.delete(f"{root}/clients/{segment(old['id'])}")
    server.post(f"{root}/clients", client)


def _oidc_client(client_id: str, secret: str | None, broker_endpoint: str) -> dict[str, Any]:
    return {
        "clientId": client_id,
        "secret": secret,
        "publicClient": False,
        "standardFlowEnabled": True,
        "directAccessGrantsEnabled": False,
        "redirectUris": [broker_endpoint],
        "attributes": {
            "pkce.code.challenge.method": "S256",
            "post.logout.redirect.uris": f"{broker_endpoint}/logout_response",
            "backchannel.logout.session.required": "true",
        },
    }


def _saml_client(server: KeycloakConnection, root: str, broker_endpoint: str) -> dict[str, Any]:
    """The service provider that the host's metadata describes, with its keys."""
    metadata = requests.get(f"{broker_endpoint}/descriptor", timeout=30)
    metadata.raise_for_status()
    client: dict[str, Any] = server.post_for_json(f"{root}/client-description-converter", metadata.text)
    attributes = client.get("attributes", {}) | {
        "saml.assertion.signature": "true",
        "saml.server.signature": "true",
        "saml.signature.algorithm": "RSA_SHA256",
        "saml.force.post.binding": "true",
        "saml_name_id_format": "persistent",
        "saml_force_name_id_format": "false",
    }
    return client | {"attributes": attributes, "frontchannelLogout": True}


def _names(idp: PartnerIdp) -> list[str]:
    return sorted({name for user in idp.users for name, _ in user.attributes})


def _claims(idp: PartnerIdp, identity: Identity) -> list[dict[str, Any]]:
    shown = {"access.token.claim": "true", "id.token.claim": "true", "userinfo.token.claim": "true"}
    named = ((identity.email, "email"), (identity.first_name, "firstName"), (identity.last_name, "lastName"))
    mapped = [(claim, held) for claim, held in named if claim and claim not in _STANDARD_CLAIMS]
    mapped += [(name, name) for name in _names(idp)]
    found = [
        _mapper(
            "openid-connect",
            "oidc-usermodel-attribute-mapper",
            claim,
            shown
            | {"user.attribute": held, "claim.name": claim, "jsonType.label": "String"}
            | {"multivalued": "true" if _is_list(idp, held) else "false"},
        )
        for claim, held in mapped
    ]
    for name, value in idp.forged:
        config = shown | {"claim.name": name, "claim.value": value, "jsonType.label": "String"}
        found.append(_mapper("openid-connect", "oidc-hardcoded-claim-mapper", f"forged {name}", config))
    return found


def _is_list(idp: PartnerIdp, name: str) -> bool:
    return any(len(values) > 1 for user in idp.users for held, values in user.attributes if held == name)


def _attributes(idp: PartnerIdp, identity: Identity) -> list[dict[str, Any]]:
    form = {"attribute.nameformat": _BASIC}
    named = ((identity.email, "email"), (identity.first_name, "firstName"), (identity.last_name, "lastName"))
    mapped = [(attribute, held) for attribute, held in named if attribute]
    mapped += [(name, name) for name in _names(idp)]
    found = [
        _mapper(
            "saml",
            "saml-user-attribute-mapper",
            attribute,
            form | {"user.attribute": held, "attribute.name": attribute},
        )
        for attribute, held in mapped
    ]
    for name, value in idp.forged:
        config = form | {"attribute.name": name, "attribute.value": value}
        found.append(_mapper("saml", "saml-hardcode-attribute-mapper", f"forged {name}", config))
    return found


def _mapper(protocol: str, kind: str, name: str, config: dict[str, str]) -> dict[str, Any]:
    return {"name": name, "protocol": protocol, "protocolMapper": kind, "config": config}
