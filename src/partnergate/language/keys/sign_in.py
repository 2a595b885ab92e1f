"""The keys of ``sign_in`` for the three protocols, each with a closed set of keys."""

from __future__ import annotations

from partnergate.language.keys.refusals import OF_KEYCLOAK, REFUSED
from partnergate.language.keys.shared_shapes import (
    IDENTITY_KEYS,
    RECORDED_FILE,
    SECRET,
    TOP_KEYS,
    URL,
    belongs_elsewhere,
)
from partnergate.language.shape.collections import Key, KnownMistake, ListOf, Object, Variant
from partnergate.language.shape.loosening import loosened
from partnergate.language.shape.scalars import Choice, Flag, Text, Whole

TAG = Key(
    name="protocol",
    shape=Text(description="`oidc`, `saml`, or `oauth2`; each has a closed set of keys"),
    required=True,
)
_SCOPE = Text(
    description="Scope",
    pattern=r"^[\x21\x23-\x5b\x5d-\x7e]{1,200}$",
    form="one scope; to request several, write a list: [openid, email]",
    examples=("openid", "email"),
)
_CLOCK = Key(
    name="clock_skew_seconds",
    shape=Whole(description="Tolerated difference to the partner's clock", most=60),
    default=0,
)
_PROMPT = Key(
    name="prompt",
    shape=Choice(
        words=("login", "select_account", "consent"),
        description="What the partner shows even if the user is already signed in there",
    ),
)
_FORWARD = Key(
    name="forward_parameters",
    shape=ListOf(
        item=Text(
            description="Name of a query parameter",
            pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,60}$",
            form="the name of a query parameter",
            examples=("acr_values", "ui_locales"),
        ),
        description="Query parameters to forward from the host's login request; none by default",
    ),
)
_PKCE = Key(
    name="pkce",
    shape=Flag(
        description="Proof key for code exchange (S256). Off only with a waiver: a stolen code could be used"
    ),
    default=True,
)
_CLIENT_ID = Key(
    name="client_id",
    shape=Text(description="Client ID of the host at the partner", examples=("host-app",), longest=255),
    required=True,
)
OIDC_AUTHENTICATION = ("client_secret_basic", "client_secret_post", "private_key_jwt")
"""The values of ``client_authentication`` for OpenID Connect, the default first."""
OIDC_SCOPES = ("openid", "email", "profile")
"""The default of ``scopes``."""
_SECRET = Key(name="client_secret", shape=SECRET)


def _authentication(*words: str) -> Key:
    return Key(
        name="client_authentication",
        shape=Choice(
            words=words,
            description="How the host authenticates at the token endpoint",
            often=(
                ("none", "the host uses a secret: ask the partner for a confidential client"),
                ("client_secret_jwt", f"use {words[-1]}"),
            ),
        ),
        default="client_secret_basic",
    )


def _url(name: str, description: str, *, required: bool = False) -> Key:
    return Key(name=name, shape=URL, required=required, note=description)


def _binding(name: str, description: str) -> Key:
    shape = Choice(
        words=("post", "redirect"),
        description=f"{description}; by default the binding of the recorded URL",
        often=tuple(
            (f"urn:oasis:names:tc:saml:2.0:bindings:http-{word}", f"write {word}")
            for word in ("post", "redirect")
        ),
    )
    return Key(name=name, shape=shape, default="post")


def _recorded(name: str, what: str) -> Key:
    return Key(
        name=name,
        shape=Object(
            name=name,
            description=f"{what}. It fills the keys that are not set here",
            keys=(
                Key(name="file", shape=RECORDED_FILE, note="Recorded document in the partner directory"),
                _url("url", "URL at which the partner publishes it"),
            ),
            at_least_one=("file", "url"),
        ),
    )


_OIDC_KEYS = (
    TAG,
    _url("issuer", "Exact `iss` of the partner's tokens", required=True),
    _url("authorization_url", "Authorization endpoint"),
    _url("token_url", "Token endpoint"),
    _url("jwks_url", "Signing keys of the partner"),
    _url(
        "userinfo_url",
        "User info endpoint for claims that the ID token does not contain; used only with `use_userinfo`",
    ),
    _url("logout_url", "Where to forward a logout from the host"),
    _recorded("discovery", "OpenID configuration of the partner"),
    _CLIENT_ID,
    _SECRET,
    _authentication(*OIDC_AUTHENTICATION),
    Key(
        name="signing_algorithm",
        shape=Choice(
            words=("PS256", "ES256", "RS256"),
            description="Signature algorithm of the host's assertions, with `private_key_jwt`",
        ),
    ),
    Key(
        name="scopes",
        shape=ListOf(item=_SCOPE, description="Requested scopes; must include `openid`"),
        default=list(OIDC_SCOPES),
    ),
    Key(
        name="use_userinfo",
        shape=Flag(
            description="Whether to request the user info endpoint as well. Its responses are not signed"
        ),
        default=False,
    ),
    _PKCE,
    _CLOCK,
    _PROMPT,
    Key(
        name="backchannel_logout",
        shape=Flag(description="Whether the partner may end sessions with a signed logout token"),
        default=False,
    ),
    _FORWARD,
)

_CERTIFICATE = Text(
    description="Certificate as PEM or base64, or the name of a file in the partner directory",
    examples=("globex.2027.pem",),
    longest=20000,
)
_SAML_KEYS = (
    TAG,
    Key(
        name="entity_id",
        shape=Text(
            description="Exact entity ID of the partner's identity provider",
            pattern=r"^\S{1,1024}$",
            form="an entity ID without spaces",
            examples=("https://idp.globex.example/saml/metadata",),
        ),
        required=True,
    ),
    _url("sso_url", "Single sign-on service of the partner"),
    _binding("sso_binding", "How the browser sends login requests to `sso_url`"),
    _url("slo_url", "Single logout service, where a logout from the host is forwarded"),
    _binding("slo_binding", "How the browser sends logout requests to `slo_url`"),
    Key(
        name="certificates",
        shape=ListOf(
            item=_CERTIFICATE,
            description="Signing certificates of the partner: one, or two during a rotation",
            most=4,
        ),
    ),
    _recorded(
        "metadata", "SAML metadata of the partner; with `url`, Keycloak reloads the signing keys from there"
    ),
    Key(
        name="sp_entity_id",
        shape=Text(
            description="Entity ID of the host for this partner; by default the URL of the realm",
            pattern=r"^\S{1,1024}$",
            form="an entity ID without spaces",
        ),
    ),
    Key(
        name="name_id_format",
        shape=Choice(
            words=("persistent", "unspecified", "email", "transient"),
            often=tuple(
                (word, 'use "email" and name a stable attribute as the subject')
                for word in ("emailaddress", "urn:oasis:names:tc:saml:1.1:nameid-format:emailaddress")
            ),
            description="NameID format. `transient` is rejected because it changes with every login",
        ),
        default="persistent",
    ),
    Key(
        name="signature_algorithm",
        shape=Choice(
            words=("RSA_SHA256", "RSA_SHA512", "RSA_SHA256_MGF1", "RSA_SHA512_MGF1", "RSA_SHA1", "DSA_SHA1"),
            description="Signature algorithm of the host's requests. SHA-1 is rejected",
        ),
        default="RSA_SHA256",
    ),
    Key(
        name="want_assertions_signed",
        shape=Flag(description="Whether each assertion must be signed, not only the response"),
        default=True,
    ),
    Key(
        name="want_assertions_encrypted",
        shape=Flag(description="Whether assertions must be encrypted for the realm's key"),
        default=False,
    ),
    Key(
        name="sign_requests",
        shape=Flag(description="Whether the host signs its login requests"),
        default=True,
    ),
    Key(
        name="force_authn",
        shape=Flag(description="Whether the partner must ask the user to sign in again each time"),
        default=False,
    ),
    _CLOCK,
)
_OAUTH2_KEYS = (
    TAG,
    _url("authorization_url", "Authorization endpoint", required=True),
    _url("token_url", "Token endpoint", required=True),
    _url(
        "userinfo_url", "User info endpoint, the source of the identity; only TLS protects it", required=True
    ),
    _CLIENT_ID,
    _SECRET,
    _authentication("client_secret_basic", "client_secret_post"),
    Key(name="scopes", shape=ListOf(item=_SCOPE, description="Requested scopes")),
    _PKCE,
    _PROMPT,
    _FORWARD,
)
_ALL = {"oidc": _OIDC_KEYS, "saml": _SAML_KEYS, "oauth2": _OAUTH2_KEYS}


_ALIKE = {
    "saml": {
        "issuer": "entity_id",
        "authorization_url": "sso_url",
        "logout_url": "slo_url",
        "discovery": "metadata",
        "jwks_url": "certificates",
    },
    "oidc": {
        "entity_id": "issuer",
        "sso_url": "authorization_url",
        "slo_url": "logout_url",
        "metadata": "discovery",
    },
    "oauth2": {"sso_url": "authorization_url"},
}
"""Protocol -> key of another protocol -> equivalent key of this protocol."""


def _foreign(protocol: str) -> tuple[tuple[str, KnownMistake], ...]:
    own = {key.name for key in _ALL[protocol]}
    owners: dict[str, list[str]] = {}
    for other, keys in _ALL.items():
        for key in keys:
            if key.name not in own:
                owners.setdefault(key.name, []).append(other)
    return tuple(
        (
            name,
            KnownMistake(
                code="PG034",
                message=f'key "{name}" belongs to {" and ".join(others)}, but the protocol is {protocol}',
                hint=f"{f'write {alike}' if alike else 'delete the key'}, or correct the protocol",
                intended=alike,
            ),
        )
        for name, others in owners.items()
        for alike in (_ALIKE[protocol].get(name, ""),)
    )


def _case(protocol: str, description: str) -> tuple[str, Object]:
    return protocol, Object(
        name=f"sign_in ({protocol})",
        description=description,
        keys=_ALL[protocol],
        refused=(
            *_foreign(protocol),
            *REFUSED,
            *OF_KEYCLOAK,
            *belongs_elsewhere(IDENTITY_KEYS, "sign_in", "to identity"),
            *belongs_elsewhere((n for n in TOP_KEYS if n != "sign_in"), "sign_in", "to the top of the file"),
        ),
    )


SIGN_IN = Variant(
    tag="protocol",
    name="sign_in",
    description="How users of the partner sign in",
    tag_description=TAG.description,
    often=tuple(
        (word, 'write "oidc" for OpenID Connect') for word in ("openid", "openid-connect", "openid_connect")
    ),
    cases=(
        _case("oidc", "OpenID Connect: the partner signs an ID token"),
        _case("saml", "SAML 2.0: the partner signs an assertion; the host is the service provider"),
        _case(
            "oauth2", "OAuth 2.0 without OpenID Connect: the identity comes only from the user info endpoint"
        ),
    ),
)
SIGN_IN_KEYS = tuple(sorted({key.name for keys in _ALL.values() for key in keys}))
SIGN_IN_OVERRIDE: Object = loosened(SIGN_IN)
