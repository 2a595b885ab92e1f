"""Checks how users of a partner sign in: keys, secrets, and signatures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.language.shape.finding import Finding
from partnergate.model.partner import Oauth2SignIn, OidcSignIn, SamlSignIn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.language.rules.rule_inputs import ProviderAt

_PROTOCOL_PARAMETERS = frozenset(
    {
        "client_id",
        "client_secret",
        "redirect_uri",
        "response_type",
        "response_mode",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "request",
        "request_uri",
        "registration",
        "kc_idp_hint",
        "client_assertion",
        "client_assertion_type",
        "code",
        "iss",
    }
)


def transient_name_id(provider: ProviderAt) -> Iterator[Finding]:
    """PG104: a transient NameID is different at every login."""
    if isinstance(provider.sign_in, SamlSignIn) and provider.sign_in.name_id_format == "transient":
        yield Finding(
            provider.sign("name_id_format"),
            "a transient NameID is different at every login: each login would create a new user",
            "ask the partner for persistent",
        )


def sha1_signatures(provider: ProviderAt) -> Iterator[Finding]:
    """PG110: SHA-1 signatures can be forged."""
    algorithm = getattr(provider.sign_in, "signature_algorithm", "")
    if algorithm.endswith("SHA1"):
        yield Finding(
            provider.sign("signature_algorithm"),
            f"{algorithm} signatures can be forged",
            "use RSA_SHA256, the default",
        )


def pkce_on(provider: ProviderAt) -> Iterator[Finding]:
    """PG117: without PKCE, a stolen code can be used."""
    if isinstance(provider.sign_in, OidcSignIn | Oauth2SignIn) and not provider.sign_in.pkce:
        yield Finding(
            provider.sign("pkce"),
            "without PKCE, an attacker can sign in with a stolen or injected code",
            "delete the key; servers that do not support PKCE ignore it",
        )


def one_issuer(provider: ProviderAt) -> Iterator[Finding]:
    """PG131: Keycloak reads a comma as a separator of issuers."""
    if isinstance(provider.sign_in, OidcSignIn) and "," in provider.sign_in.issuer:
        yield Finding(
            provider.sign("issuer"),
            "the issuer contains a comma: Keycloak would accept tokens from each part",
            "set one issuer; use providers for several identity providers",
        )


def secret_where_needed(provider: ProviderAt) -> Iterator[Finding]:
    """PG132: the client authentication method and the secret must match."""
    sign_in = provider.sign_in
    if isinstance(sign_in, SamlSignIn):
        return
    if sign_in.client_authentication == "private_key_jwt":
        if sign_in.client_secret is not None:
            yield Finding(
                provider.sign("client_secret"),
                "client_secret is never used: private_key_jwt signs with the realm's key",
                "delete client_secret",
                on_key=True,
            )
    elif sign_in.client_secret is None:
        yield Finding(
            provider.sign("client_id"),
            f"{sign_in.client_authentication} needs a client_secret: without it every login fails",
            "add client_secret: {vault: NAME}"
            + (", or use private_key_jwt" if isinstance(sign_in, OidcSignIn) else ""),
            on_key=True,
        )


def algorithm_with_key(provider: ProviderAt) -> Iterator[Finding]:
    """PG133: a signing algorithm has an effect only with ``private_key_jwt``."""
    sign_in = provider.sign_in
    if (
        isinstance(sign_in, OidcSignIn)
        and sign_in.signing_algorithm
        and sign_in.client_authentication != "private_key_jwt"
    ):
        yield Finding(
            provider.sign("signing_algorithm"),
            f"{sign_in.client_authentication} does not sign, so signing_algorithm has no effect",
            "delete the key, or use client_authentication: private_key_jwt",
            on_key=True,
        )


def openid_at_hand(provider: ProviderAt) -> Iterator[Finding]:
    """PG134: a server that supports ``openid`` can sign an ID token."""
    sign_in = provider.sign_in
    if (
        isinstance(sign_in, Oauth2SignIn)
        and "openid" in sign_in.scopes
        and not provider.realm.network.allow_loopback_http
    ):
        yield Finding(
            provider.sign("scopes"),
            "the server supports the scope openid and can sign the identity of the user",
            "ask the partner for its issuer and use protocol: oidc",
        )


def openid_scope(provider: ProviderAt) -> Iterator[Finding]:
    """PG148: without ``openid``, the partner sends no ID token."""
    if isinstance(provider.sign_in, OidcSignIn) and "openid" not in provider.sign_in.scopes:
        yield Finding(
            provider.sign("scopes"), "without the scope openid, the partner sends no ID token", "add openid"
        )


def own_parameters(provider: ProviderAt) -> Iterator[Finding]:
    """PG135: only the host may set protocol parameters."""
    for place, name in enumerate(getattr(provider.sign_in, "forward_parameters", ())):
        if name.lower() in _PROTOCOL_PARAMETERS:
            yield Finding(
                provider.sign("forward_parameters", place),
                f"{name} controls the protocol: the author of a link could change it",
                "delete it from the list",
            )


def signed_assertions(provider: ProviderAt) -> Iterator[Finding]:
    """PG138: an unsigned assertion inside a signed response can be replaced."""
    if isinstance(provider.sign_in, SamlSignIn) and not provider.sign_in.want_assertions_signed:
        yield Finding(
            provider.sign("want_assertions_signed"),
            "an unsigned assertion can be replaced inside a signed response",
            "delete the key, and ask the partner to sign assertions",
        )


def signed_requests(provider: ProviderAt) -> Iterator[Finding]:
    """PG139: the partner cannot distinguish unsigned requests from forged ones."""
    if isinstance(provider.sign_in, SamlSignIn) and not provider.sign_in.sign_requests:
        yield Finding(
            provider.sign("sign_requests"),
            "the partner cannot distinguish an unsigned login request from a forged one",
            "delete the key, and send the partner the host's metadata",
        )


def userinfo_endpoint(provider: ProviderAt) -> Iterator[Finding]:
    """PG140: the user info endpoint needs a URL."""
    sign_in = provider.sign_in
    if isinstance(sign_in, OidcSignIn) and sign_in.use_userinfo and not sign_in.userinfo_url:
        yield Finding(
            provider.sign("use_userinfo"),
            "use_userinfo is set, but userinfo_url is missing",
            "add userinfo_url",
            on_key=True,
        )


def way_to_check(provider: ProviderAt) -> Iterator[Finding]:
    """PG116: a signature needs a key that verifies it."""
    sign_in = provider.sign_in
    if isinstance(sign_in, SamlSignIn) and not sign_in.certificates and not sign_in.metadata_url:
        yield Finding(
            provider.sign("entity_id"),
            "signatures cannot be verified: no certificate is known",
            "add certificates, or metadata that contains them: {file: NAME} or {url: URL}",
            on_key=True,
        )
