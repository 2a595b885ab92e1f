"""The three protocols, each with its own closed set of keys."""

from __future__ import annotations

from partnergate.language.keys.refusals import OF_KEYCLOAK, REFUSED
from partnergate.language.keys.shared_shapes import (
    FILE_BESIDE,
    IDENTITY_KEYS,
    SECRET,
    TOP_KEYS,
    URL,
    belongs_elsewhere,
)
from partnergate.language.shape.collections import Key, ListOf, Object, Refusal, Variant
from partnergate.language.shape.loosening import loosened
from partnergate.language.shape.scalars import Choice, Flag, Text, Whole

TAG = Key(
    name="protocol",
    shape=Text(description="`oidc`, `saml` or `oauth2`; each has its own closed set of keys"),
    required=True,
)
_SCOPE = Text(
    description="A scope",
    pattern=r"^[\x21\x23-\x5b\x5d-\x7e]{1,200}$",
    form="one scope: a list holds several, [openid, email]",
    examples=("openid", "email"),
)
_CLOCK = Key(
    name="clock_skew_seconds",
    shape=Whole(description="How far the partner's clock may be off", most=60),
    default=0,
)
_PROMPT = Key(
    name="prompt",
    shape=Choice(
        words=("login", "select_account", "consent"),
        description="What the partner is asked to show even when the user is signed in there",
    ),
)
_FORWARD = Key(
    name="forward_parameters",
    shape=ListOf(
        item=Text(
            description="The name of a query parameter",
            pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,60}$",
            form="the name of a query parameter",
            examples=("acr_values", "ui_locales"),
        ),
        description="Query parameters that are handed on from the host's login request; none by default",
    ),
)
_PKCE = Key(
    name="pkce",
    shape=Flag(description="Proof key (S256). Off only by waiver: without it a stolen code can be used"),
    default=True,
)
_CLIENT_ID = Key(
    name="client_id",
    shape=Text(description="What the partner calls the host", examples=("host-app",), longest=255),
    required=True,
)
_SECRET = Key(name="client_secret", shape=SECRET)


def _authentication(*words: str) -> Key:
    return Key(
        name="client_authentication",
        shape=Choice(
            words=words,
            description="How the host proves who it is at the token endpoint",
            often=(
                ("none", "the host keeps a secret: ask the partner for a confidential client"),
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
        description=f"{description}; recorded metadata says it for the address that it gives",
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
            description=f"{what}. What the file records fills the keys that are not written here",
            keys=(
                Key(name="file", shape=FILE_BESIDE, note="The recorded document, beside the partner file"),
                _url("url", "Where the partner publishes it"),
            ),
            at_least_one=("file", "url"),
        ),
    )


_OIDC_KEYS = (
    TAG,
    _url("issuer", "The exact `iss` of the partner's tokens", required=True),
    _url("authorization_url", "Where users sign in"),
    _url("token_url", "Where codes become tokens"),
    _url("jwks_url", "The partner's signing keys"),
    _url("userinfo_url", "Claims that the ID token lacks; asked only with `use_userinfo`"),
    _url("logout_url", "Where a logout of the host is handed on to"),
    _recorded("discovery", "The partner's OpenID configuration"),
    _CLIENT_ID,
    _SECRET,
    _authentication("client_secret_basic", "client_secret_post", "private_key_jwt"),
    Key(
        name="signing_algorithm",
        shape=Choice(
            words=("PS256", "ES256", "RS256"), description="Of the host's assertions, with `private_key_jwt`"
        ),
    ),
    Key(
        name="scopes",
        shape=ListOf(item=_SCOPE, description="What the host asks for; `openid` is always among them"),
        default=["openid", "email", "profile"],
    ),
    Key(
        name="use_userinfo",
        shape=Flag(description="Ask the user-info endpoint as well. Its answers are not signed"),
        default=False,
    ),
    _PKCE,
    _CLOCK,
    _PROMPT,
    Key(
        name="backchannel_logout",
        shape=Flag(description="The partner may end sessions by a signed logout token"),
        default=False,
    ),
    _FORWARD,
)

_CERTIFICATE = Text(
    description="A certificate as PEM or base64, or the bare name of a file beside the partner file",
    examples=("globex.2027.pem",),
    longest=20000,
)
_SAML_KEYS = (
    TAG,
    Key(
        name="entity_id",
        shape=Text(
            description="The exact entity id of the partner's identity provider",
            pattern=r"^\S{1,1024}$",
            form="an entity id without spaces",
            examples=("https://idp.globex.example/saml/metadata",),
        ),
        required=True,
    ),
    _url("sso_url", "Where users sign in (single sign-on service)"),
    _binding("sso_binding", "How the browser carries login requests to `sso_url`"),
    _url("slo_url", "Where a logout of the host is handed on to (single logout service)"),
    _binding("slo_binding", "How the browser carries logout requests to `slo_url`"),
    Key(
        name="certificates",
        shape=ListOf(
            item=_CERTIFICATE,
            description="The partner's signing certificates: one, or two during a rotation",
            most=4,
        ),
    ),
    _recorded(
        "metadata", "The partner's SAML metadata; with `url` Keycloak re-reads the signing keys from there"
    ),
    Key(
        name="sp_entity_id",
        shape=Text(
            description="What the host calls itself towards this partner; the realm's URL by default",
            pattern=r"^\S{1,1024}$",
            form="an entity id without spaces",
        ),
    ),
    Key(
        name="name_id_format",
        shape=Choice(
            words=("persistent", "unspecified", "email", "transient"),
            often=tuple(
                (word, 'it is called "email" here; with it, subject has to be a stable attribute')
                for word in ("emailaddress", "urn:oasis:names:tc:saml:1.1:nameid-format:emailaddress")
            ),
            description="The format of NameID. `transient` is refused: it changes with every login",
        ),
        default="persistent",
    ),
    Key(
        name="signature_algorithm",
        shape=Choice(
            words=("RSA_SHA256", "RSA_SHA512", "RSA_SHA256_MGF1", "RSA_SHA512_MGF1", "RSA_SHA1", "DSA_SHA1"),
            description="Of the host's requests. The SHA-1 algorithms are refused",
        ),
        default="RSA_SHA256",
    ),
    Key(
        name="want_assertions_signed",
        shape=Flag(description="Each assertion must be signed itself, not only the response around it"),
        default=True,
    ),
    Key(
        name="want_assertions_encrypted",
        shape=Flag(description="Assertions must be encrypted for the realm's key"),
        default=False,
    ),
    Key(name="sign_requests", shape=Flag(description="The host signs its login requests"), default=True),
    Key(
        name="force_authn",
        shape=Flag(description="The partner must ask the user to sign in again each time"),
        default=False,
    ),
    _CLOCK,
)
_OAUTH2_KEYS = (
    TAG,
    _url("authorization_url", "Where users sign in", required=True),
    _url("token_url", "Where codes become tokens", required=True),
    _url("userinfo_url", "Where the identity comes from; trust rests on TLS to this host", required=True),
    _CLIENT_ID,
    _SECRET,
    _authentication("client_secret_basic", "client_secret_post"),
    Key(name="scopes", shape=ListOf(item=_SCOPE, description="What the host asks for")),
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
"""Protocol -> a key of another protocol -> what is called so here."""


def _foreign(protocol: str) -> tuple[tuple[str, Refusal], ...]:
    own = {key.name for key in _ALL[protocol]}
    owners: dict[str, list[str]] = {}
    for other, keys in _ALL.items():
        for key in keys:
            if key.name not in own:
                owners.setdefault(key.name, []).append(other)
    return tuple(
        (
            name,
            Refusal(
                code="PG034",
                message=f'key "{name}" belongs to {" and ".join(others)}; this sign-in is {protocol}',
                hint=f"{f'write {alike}' if alike else 'delete the key'}, or correct the protocol",
                meant=alike,
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
    description="How the partner's users sign in",
    tag_description=TAG.description,
    often=tuple(
        (word, 'OpenID Connect is called "oidc" here')
        for word in ("openid", "openid-connect", "openid_connect")
    ),
    cases=(
        _case("oidc", "OpenID Connect: the partner signs an ID token"),
        _case("saml", "SAML 2.0: the partner signs an assertion; the host is the service provider"),
        _case("oauth2", "Plain OAuth 2.0: the identity comes from the user-info endpoint alone"),
    ),
)
SIGN_IN_KEYS = tuple(sorted({key.name for keys in _ALL.values() for key in keys}))
SIGN_IN_OVERRIDE: Object = loosened(SIGN_IN)
