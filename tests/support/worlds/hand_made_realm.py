"""A realm as administrators make it, with providers of many kinds, each with a partner that logs users in.

Every partner is a scripted server on loopback. A kind is what its provider has in the realm, and what
the partner asserts about its user.
"""

from __future__ import annotations

import json
import secrets
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hostile.oidc import OidcScript
from hostile.saml import SamlScript, saml_key
from hostile.server import HostileServer
from partnergate.errors import KeycloakNotFoundError
from partnergate.keycloak.connection import KeycloakConnection, connect, segment
from partnergate.keycloak.credentials import AdminUser
from partnergate.login.http_login import HostApplication, log_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hostile.saml import SamlKey
    from partnergate.devstack import KeycloakServer

CLIENT_ID: Final = "host-app"
CALLBACK: Final = "http://localhost:9/callback"
SECRET: Final = "secret-of-the-hand-made-realm"
PERSON: Final = {"sub": "u-1", "given_name": "Ann", "family_name": "Doe"}
_EMAIL_FORMAT: Final = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
_UNSPECIFIED: Final = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapper:
    """A mapper of a provider."""

    type: str
    config: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A provider, and what its partner asserts."""

    alias: str
    protocol: str = "oidc"
    config: Mapping[str, str | None] = field(default_factory=dict)
    """Values over those of a usual provider; None removes one."""
    provider: Mapping[str, Any] = field(default_factory=dict)
    """Fields of the provider itself."""
    mappers: tuple[Mapper, ...] = ()
    claims: Mapping[str, Any] = field(default_factory=dict)
    """Claims or SAML attributes over those of the usual person."""
    name_id: str = ""
    """By default one that no other partner asserts: the default first login links by user name."""
    grants: frozenset[str] = frozenset()
    """The roles and groups of the user, before and after."""


def _advanced(role_or_group: str, target: str, *pairs: tuple[str, str], saml: bool = False) -> Mapper:
    conditions = json.dumps([{"key": key, "value": value} for key, value in pairs])
    protocol, key = ("saml", "attributes") if saml else ("oidc", "claims")
    return Mapper(
        type=f"{protocol}-advanced-{role_or_group}-idp-mapper",
        config={key: conditions, role_or_group: target},
    )


def _user_name(template: str, target: str, *, saml: bool = False) -> Mapper:
    protocol = "saml" if saml else "oidc"
    return Mapper(type=f"{protocol}-username-idp-mapper", config={"template": template, "target": target})


_SIMPLE = Mapper(
    type="oidc-role-idp-mapper", config={"claim": "groups", "claim.value": "staff", "role": "manager"}
)
_STAFF = {"groups": ["staff", "all"]}
KINDS: Final = (
    Kind(alias="usual"),
    Kind(alias="no-pkce", config={"pkceEnabled": None, "pkceMethod": None}),
    Kind(alias="plain-pkce", config={"pkceMethod": "plain"}),
    Kind(alias="Corp.SSO", config={"pkceEnabled": None}),
    Kind(alias="ACME_prod"),
    Kind(alias="no-issuer", config={"issuer": None}),
    Kind(alias="no-signature", config={"validateSignature": "false", "useJwksUrl": None}),
    Kind(alias="wide-clock", config={"allowedClockSkew": "300"}),
    Kind(alias="odd-clock", config={"allowedClockSkew": "abc"}),
    Kind(alias="no-method", config={"clientAuthMethod": None, "defaultScope": None}),
    Kind(alias="basic", config={"clientAuthMethod": "client_secret_basic", "defaultScope": "openid groups"}),
    Kind(alias="userinfo", config={"userInfoUrl": "{url}/userinfo", "disableUserInfo": None}),
    Kind(alias="keycloak-type", protocol="keycloak-oidc"),
    Kind(
        alias="by-oid",
        mappers=(_user_name("${CLAIM.oid}", "BROKER_ID"), _user_name("${CLAIM.email}", "LOCAL")),
        claims={"oid": "o-1"},
    ),
    Kind(
        alias="local-name",
        mappers=(_user_name("${ALIAS}-${CLAIM.email}", "LOCAL"),),
        claims={"email": "local@partner.example"},
    ),
    Kind(alias="simple-role", mappers=(_SIMPLE,), claims=_STAFF, grants=frozenset({"manager"})),
    Kind(alias="simple-role-denied", mappers=(_SIMPLE,), claims={"groups": ["all"]}),
    Kind(
        alias="advanced",
        mappers=(
            _advanced("role", "manager", ("groups", "staff"), ("dept", "it")),
            _advanced("group", "/Staff", ("groups", "staff")),
            Mapper(
                type="oidc-user-attribute-idp-mapper",
                config={"claim": "dept", "user.attribute": "department"},
            ),
        ),
        claims=_STAFF | {"dept": "it"},
        grants=frozenset({"manager", "/Staff"}),
    ),
    Kind(
        alias="inexact",
        mappers=(
            Mapper(
                type="oidc-advanced-role-idp-mapper",
                config={
                    "claims": '[{"key":"groups","value":"adm-.*"}]', "are.claim.values.regex": "true", "role": "manager",
                },
            ),
            _advanced("group", "/Staff", ("groups", "staff"), ("groups", "boss")),
        ),
        claims=_STAFF,
    ),
    Kind(
        alias="hard-coded",
        mappers=(
            Mapper(type="oidc-hardcoded-role-idp-mapper", config={"role": "manager"}),
            Mapper(type="oidc-hardcoded-group-idp-mapper", config={"group": "/Staff/Night"}),
        ),
        grants=frozenset({"manager", "/Staff/Night"}),
    ),
    Kind(
        alias="extended",
        mappers=(
            Mapper(type="oidc-hardcoded-role-idp-mapper", config={"role": "chief"}),
            Mapper(type="oidc-hardcoded-group-idp-mapper", config={"group": "/Shift"}),
        ),
        grants=frozenset({"chief", "manager", "night", "/Shift"}),
    ),
    Kind(
        alias="gate",
        config={"filteredByClaim": "true", "claimFilterName": "dept", "claimFilterValue": "it"},
        claims={"dept": "it"},
    ),
    Kind(alias="same-name", provider={"displayName": "Corporate login"}),
    Kind(alias="same-name-2", provider={"displayName": "Corporate login"}),
    Kind(alias="saml-usual", protocol="saml"),
    Kind(alias="saml-unspecified", protocol="saml", config={"nameIDPolicyFormat": _UNSPECIFIED}),
    Kind(alias="saml-email", protocol="saml", config={"nameIDPolicyFormat": _EMAIL_FORMAT}, name_id="saml-email@partner.example"),
    Kind(
        alias="SAML_uid",
        protocol="saml",
        config={"principalType": "ATTRIBUTE", "principalAttribute": "uid"},
        claims={"uid": "staff-7"},
        name_id="changes",
    ),
    Kind(
        alias="saml-left-over",
        protocol="saml",
        config={"principalType": "SUBJECT", "principalAttribute": "uid"},
        claims={"uid": "staff-7"},
    ),
    Kind(
        alias="saml-by-template",
        protocol="saml",
        mappers=(_user_name("${ATTRIBUTE.uid}", "BROKER_ID", saml=True),),
        claims={"uid": "staff-7"},
        name_id="changes",
    ),
    Kind(
        alias="saml-roles",
        protocol="saml",
        mappers=(
            Mapper(
                type="saml-role-idp-mapper",
                config={"attribute.name": "groups", "attribute.value": "staff", "role": "manager"},
            ),
            _advanced("group", "/Staff", ("dept", "it"), saml=True),
        ),
        claims={"groups": "staff", "dept": "it"},
        grants=frozenset({"manager", "/Staff"}),
    ),
    Kind(alias="saml-sha1", protocol="saml", config={"signatureAlgorithm": "RSA_SHA1", "allowedClockSkew": "120"}),
    Kind(alias="saml-unsigned", protocol="saml", config={"wantAssertionsSigned": None, "wantAuthnRequestsSigned": None}),
    Kind(alias="oauth", protocol="oauth2", claims={"id": "u-9"}),
)  # fmt: skip
INEXPRESSIBLE: Final = (
    Kind(alias="lower", mappers=(_user_name("${CLAIM.oid | lowercase}", "BROKER_ID"),)),
    Kind(
        alias="friendly",
        protocol="saml",
        config={"principalType": "FRIENDLY_ATTRIBUTE", "principalAttribute": "uid"},
    ),
)
"""Their users are identified by something that no file can name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The account that a login opened."""

    user_id: str
    grants: frozenset[str]


@dataclass(slots=True, kw_only=True)
class HandMadeRealm:
    """The realm and its partners."""

    connection: KeycloakConnection
    servers: dict[str, HostileServer] = field(default_factory=dict)
    key: SamlKey = field(default_factory=saml_key)

    @property
    def app(self) -> HostApplication:
        """The host's product."""
        return HostApplication(
            base_url=self.connection.server_url,
            realm=self.connection.realm,
            client_id=CLIENT_ID,
            redirect_uri=CALLBACK,
        )

    def provider(self, kind: Kind) -> dict[str, Any]:
        """The provider as an administrator enters it."""
        url = self.servers[kind.alias].url
        config = {
            name: value.replace("{url}", url)
            for name, value in (_USUAL[kind.protocol] | dict(kind.config)).items()
            if value is not None
        }
        if kind.protocol == "saml":
            config["signingCertificate"] = self.key.base64_der
        return {"alias": kind.alias, "providerId": kind.protocol, "enabled": True, "config": config} | dict(
            kind.provider
        )

    def play(self, kind: Kind) -> None:
        """Let the partner assert what the kind says."""
        server = self.servers[kind.alias]
        name = kind.alias.lower()
        own = {"email": f"{name}@partner.example", "preferred_username": f"{name}-user"}
        claims = PERSON | own | dict(kind.claims)
        if kind.protocol == "saml":
            shown = {name: str(value) for name, value in claims.items() if name != "sub"}
            script: Any = SamlScript(
                entity_id=server.url, key=self.key, name_id=kind.name_id or f"{name}-1", attributes=shown
            )
        else:
            script = OidcScript(issuer=server.url, client_id="host", client_secret=SECRET, claims=claims)
            script.signed_access_token = kind.protocol == "keycloak-oidc"
            script.keys = getattr(server.script, "keys", script.keys)
        server.script = script

    def enter(self, kind: Kind) -> Account:
        """Log the user of the kind in."""
        self.play(kind)
        login = log_in(self.app, alias=kind.alias, credentials=None)
        [user] = [login.user_id] if login.user_id else []
        roles = self.connection.get(f"users/{user}/role-mappings/realm/composite")
        groups = self.connection.get(f"users/{user}/groups")
        names = {role["name"] for role in roles} & {"manager", "chief", "night"}
        return Account(user_id=user, grants=frozenset(names | {group["path"] for group in groups}))

    def users(self) -> set[str]:
        """The IDs of all users."""
        return {user["id"] for user in self.connection.get("users", max=1000)}


_OIDC: Final[dict[str, str | None]] = {
    "issuer": "{url}", "authorizationUrl": "{url}/authorize", "tokenUrl": "{url}/token", "jwksUrl": "{url}/jwks",
    "useJwksUrl": "true", "validateSignature": "true", "clientId": "host", "clientSecret": SECRET,
    "clientAuthMethod": "client_secret_post", "defaultScope": "openid email profile", "disableUserInfo": "true",
    "pkceEnabled": "true", "pkceMethod": "S256",
}  # fmt: skip
_USUAL: Final[Mapping[str, dict[str, str | None]]] = {
    "oidc": _OIDC,
    "keycloak-oidc": _OIDC,
    "oauth2": {
        "authorizationUrl": "{url}/authorize", "tokenUrl": "{url}/token", "userInfoUrl": "{url}/userinfo",
        "clientId": "host", "clientSecret": SECRET, "clientAuthMethod": "client_secret_post",
        "userIDClaim": "id", "userNameClaim": "id", "emailClaim": "email", "givenNameClaim": "given_name",
        "familyNameClaim": "family_name",
    },
    "saml": {
        "idpEntityId": "{url}", "singleSignOnServiceUrl": "{url}/sso", "validateSignature": "true",
        "wantAssertionsSigned": "true", "wantAuthnRequestsSigned": "true", "postBindingAuthnRequest": "true",
        "postBindingResponse": "true", "principalType": "SUBJECT",
    },
}  # fmt: skip


@contextmanager
def hand_made_realm(server: KeycloakServer, kinds: tuple[Kind, ...]) -> Iterator[HandMadeRealm]:
    """A realm of its own on ``server`` with a provider of each kind, gone afterwards."""
    name = f"hand-made-{secrets.token_hex(4)}"
    who = AdminUser(user=server.admin_user, password=server.admin_password)
    with ExitStack() as stack:
        connection = stack.enter_context(connect(server_url=server.base_url, realm=name, credentials=who))
        made = HandMadeRealm(connection=connection)
        for kind in kinds:
            made.servers[kind.alias] = stack.enter_context(HostileServer())
        connection.post("/admin/realms", {
            "realm": name, "enabled": True, "sslRequired": "external", "duplicateEmailsAllowed": True,
            "loginWithEmailAllowed": False,
            "roles": {"realm": [
                {"name": "manager"}, {"name": "night"},
                {"name": "chief", "composite": True, "composites": {"realm": ["manager"]}},
            ]},
            "groups": [
                {"name": "Staff", "subGroups": [{"name": "Night"}]}, {"name": "Shift", "realmRoles": ["night"]},
            ],
            "clients": [{"clientId": CLIENT_ID, "publicClient": True, "redirectUris": [CALLBACK]}],
            "identityProviders": [made.provider(kind) for kind in kinds],
            "identityProviderMappers": [
                {
                    "name": f"by-hand-{place}", "identityProviderAlias": kind.alias,
                    "identityProviderMapper": mapper.type, "config": {"syncMode": "FORCE"} | dict(mapper.config),
                }
                for kind in kinds
                for place, mapper in enumerate((*kind.mappers, *_PROFILE[kind.protocol == "saml"]))
            ],
        })  # fmt: skip
        try:
            yield made
        finally:
            with suppress(KeycloakNotFoundError):
                connection.delete(f"/admin/realms/{segment(name)}")


_PROFILE: Final = (
    (),
    tuple(
        Mapper(type="saml-user-attribute-idp-mapper", config={"attribute.name": name, "user.attribute": target})
        for name, target in (("email", "email"), ("given_name", "firstName"), ("family_name", "lastName"))
    ),
)  # fmt: skip
"""Mappers without which a first login by SAML shows the form of the profile."""
