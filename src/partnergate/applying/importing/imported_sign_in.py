"""The part ``sign_in`` of an imported file, by protocol.

A value that a file cannot have, or that is not secure, becomes the secure one, with an adjustment that
names both. Defaults are those of the server where the config has no value.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from partnergate.applying.importing.derived_addresses import entity_of, issuer_of, keys_of
from partnergate.model.partner import SecretSource
from partnergate.model.secret_names import reserved_prefix, secret_names
from partnergate.realm.desired.provider_saml import NAME_ID_FORMATS

if TYPE_CHECKING:
    from partnergate.applying.importing.provider_config import Config

_VAULT: Final = re.compile(r"\$\{vault\.(.+)\}", re.DOTALL)
_LONGEST_SKEW: Final = 60
_SECONDS: Final = re.compile(r"-?\d{1,18}")
_AUTHENTICATIONS: Final = {
    "oidc": ("client_secret_basic", "client_secret_post", "private_key_jwt"),
    "oauth2": ("client_secret_basic", "client_secret_post"),
}
_PROMPTS: Final = ("login", "select_account", "consent")
_ASSERTIONS: Final = ("PS256", "ES256", "RS256")
_SIGNATURES: Final = ("RSA_SHA256", "RSA_SHA512", "RSA_SHA256_MGF1", "RSA_SHA512_MGF1")
_DEFAULT_AUTHENTICATION: Final = "client_secret_post"
"""What Keycloak uses when the provider does not name a method."""


def oidc(config: Config, partner: str) -> dict[str, Any]:
    """The keys for OpenID Connect that differ from their defaults."""
    userinfo = config.address("userInfoUrl", "userinfo_url")
    return _written({
        "issuer": _issuer(config),
        "authorization_url": config.address("authorizationUrl", "authorization_url"),
        "token_url": config.address("tokenUrl", "token_url"),
        "jwks_url": _jwks_url(config),
        "userinfo_url": userinfo,
        "logout_url": config.address("logoutUrl", "logout_url"),
        "use_userinfo": bool(userinfo) and not config.flag("disableUserInfo"),
        "backchannel_logout": config.flag("backchannelSupported"),
        "clock_skew_seconds": _clock_skew(config),
        **_oauth_client(config, partner, "oidc"),
        "scopes": _oidc_scopes(config),
    })  # fmt: skip


def oauth2(config: Config, partner: str) -> dict[str, Any]:
    """The keys for OAuth 2.0 that differ from their defaults."""
    return _written({
        "authorization_url": config.address("authorizationUrl", "authorization_url"),
        "token_url": config.address("tokenUrl", "token_url"),
        "userinfo_url": config.address("userInfoUrl", "userinfo_url"),
        **_oauth_client(config, partner, "oauth2"),
        "scopes": config.items("defaultScope", None),
    })  # fmt: skip


def saml(config: Config, subject: str, realm_url: str) -> dict[str, Any]:
    """The keys for SAML that differ from their defaults."""
    slo_url = config.address("singleLogoutServiceUrl", "slo_url")
    post_logout = config.flag("postBindingLogout")
    for key in ("validateSignature", "wantAssertionsSigned"):
        if not config.flag(key):
            effect = "unsigned assertions are rejected: check that the partner signs each assertion"
            config.adjust("sign_in", found=f"{key} false", written="true", effect=effect)
    entity_id = config.text("entityId")
    unsigned = {} if config.flag("wantAuthnRequestsSigned") else {"sign_requests": False}
    return _written({
        "entity_id": _entity_id(config),
        "sso_url": config.address("singleSignOnServiceUrl", "sso_url"),
        "sso_binding": "" if config.flag("postBindingAuthnRequest") else "redirect",
        "slo_url": slo_url,
        "slo_binding": "redirect" if slo_url and not post_logout else "",
        **_signing_keys(config),
        "sp_entity_id": "" if entity_id == realm_url else entity_id,
        "name_id_format": _name_id_format(config, subject),
        "signature_algorithm": _signature_algorithm(config),
        "want_assertions_encrypted": config.flag("wantAssertionsEncrypted"),
        "force_authn": config.flag("forceAuthn"),
        "clock_skew_seconds": _clock_skew(config),
    }) | unsigned  # fmt: skip


def _written(values: dict[str, Any]) -> dict[str, Any]:
    """The values without those that mean the default: empty, zero and false."""
    return {name: value for name, value in values.items() if value}


def _issuer(config: Config) -> str:
    found = config.text("issuer")
    if "," in found:
        first = config.items("issuer")[0] if config.items("issuer") else ""
        effect = "tokens of the other issuers are rejected: write a provider for each issuer that is used"
        config.adjust("sign_in.issuer", found=found, written=first, effect=effect)
        return first
    if found:
        return found
    derived, source = issuer_of(config)
    if derived:
        effect = f"tokens of other issuers are rejected; it comes from {source}: confirm it with the partner"
        config.adjust("sign_in.issuer", found="", written=derived, effect=effect)
    return derived


def _entity_id(config: Config) -> str:
    if found := config.text("idpEntityId"):
        return found
    derived, source = entity_of(config)
    if derived:
        effect = f"assertions of other issuers are rejected; it comes from {source}: confirm it"
        config.adjust("sign_in.entity_id", found="", written=derived, effect=effect)
    return derived


def _jwks_url(config: Config) -> str:
    found = config.address("jwksUrl", "jwks_url")
    derived, source = ("", "") if found else keys_of(config)
    used = found or derived
    if not config.flag("validateSignature"):
        effect = "ID tokens with an invalid signature are rejected, which the provider accepts today"
        config.adjust("sign_in.jwks_url", found="no check of signatures", written=used, effect=effect)
    elif not config.flag("useJwksUrl"):
        effect = "the keys at this address replace the fixed key: check that the partner signs with them"
        config.adjust("sign_in.jwks_url", found="a fixed key", written=used, effect=effect)
    if derived:
        effect = f"it comes from {source}: confirm it with the partner, or record its discovery document"
        config.adjust("sign_in.jwks_url", found="", written=derived, effect=effect)
    return used


def _clock_skew(config: Config) -> int:
    text = config.text("allowedClockSkew")
    if not text:
        return 0
    seconds = int(text) if _SECONDS.fullmatch(text) else None
    if seconds is not None and 0 <= seconds <= _LONGEST_SKEW:
        return seconds
    used = _LONGEST_SKEW if seconds is not None and seconds > 0 else 0
    effect = "messages outside this tolerance are rejected: check the clock of the partner"
    config.adjust("sign_in.clock_skew_seconds", found=text, written=str(used), effect=effect)
    return used


def _oidc_scopes(config: Config) -> list[str]:
    """The server requests ``openid`` alone when there are none, and adds it when it is missing."""
    found = config.items("defaultScope", None)
    scopes = found if "openid" in found else ["openid", *found]
    return [] if scopes == ["openid", "email", "profile"] else scopes


def _oauth_client(config: Config, partner: str, protocol: str) -> dict[str, Any]:
    authentication = _authentication(config, protocol)
    by_key = authentication == "private_key_jwt"
    values = {
        "client_id": config.text("clientId"),
        "client_secret": {} if by_key else _secret(config, partner),
        "client_authentication": "" if authentication == "client_secret_basic" else authentication,
        "signing_algorithm": _signing_algorithm(config) if by_key else "",
        "prompt": _prompt(config),
        "forward_parameters": _forwarded(config),
    }
    if not config.flag("pkceEnabled") or config.text("pkceMethod") != "S256":
        effect = "login requests contain a code challenge; partners that do not support PKCE ignore it"
        found = config.text("pkceMethod") if config.flag("pkceEnabled") else "no PKCE"
        config.adjust("sign_in.pkce", found=found or "PKCE without a method", written="S256", effect=effect)
    return values


def _authentication(config: Config, protocol: str) -> str:
    found = config.text("clientAuthMethod") or _DEFAULT_AUTHENTICATION
    if found in _AUTHENTICATIONS[protocol]:
        return found
    effect = "the token endpoint receives the secret in the header: ask the partner to accept that"
    config.adjust("sign_in.client_authentication", found=found, written="client_secret_basic", effect=effect)
    return "client_secret_basic"


def _signing_algorithm(config: Config) -> str:
    found = config.text("clientAssertionSigningAlg")
    if not found or found in _ASSERTIONS:
        return found
    effect = "assertions are signed with the algorithm of the realm: ask the partner to accept it"
    config.adjust("sign_in.signing_algorithm", found=found, written="", effect=effect)
    return ""


def _secret(config: Config, partner: str) -> dict[str, str]:
    """A reference with the name that a secret of the partner has, because every other one is refused.

    A vault reference stays one. A masked secret gets the name of a variable to set, or of a file if
    the variable is reserved.
    """
    vault, variable, file = (
        next(iter(secret_names(partner, config.provider.key.name, source)), "")
        for source in (SecretSource.VAULT, SecretSource.ENV, SecretSource.FILE)
    )
    value = config.text("clientSecret")
    if found := _VAULT.fullmatch(value):
        if found[1] != vault:
            effect = "copy the secret to this name in Keycloak's vault before you adopt the provider"
            config.adjust("sign_in.client_secret", found=value, written=vault, effect=effect)
        return {"vault": vault}
    if not config.provider.secrets:
        effect = "the provider has no secret: ask the partner for a confidential client"
        config.adjust("sign_in.client_secret", found="", written=variable, effect=effect)
    by_file = reserved_prefix(variable) or not variable[:1].isalpha()
    return {"file": file} if by_file else {"env": variable}


def _prompt(config: Config) -> str:
    found = config.text("prompt")
    if not found or found in _PROMPTS:
        return found
    effect = "the partner decides what it shows"
    config.adjust("sign_in.prompt", found=found, written="", effect=effect)
    return ""


def _forwarded(config: Config) -> list[str]:
    found = config.items("forwardParameters")
    return [] if found == ["acr_values"] else found


def _signing_keys(config: Config) -> dict[str, Any]:
    """The partner's metadata, or its certificates."""
    address = config.address("metadataDescriptorUrl", "metadata")
    certificates = config.items("signingCertificate")
    if address and (config.flag("useMetadataDescriptorUrl") or not certificates):
        if not config.flag("useMetadataDescriptorUrl"):
            effect = "Keycloak loads the signing keys from this address"
            config.adjust("sign_in.metadata", found="", written=address, effect=effect)
        return {"metadata": {"url": address}}
    return {"certificates": certificates}


def _name_id_format(config: Config, subject: str) -> str:
    """An unknown format stays as it is, so that the checks of the file name it."""
    found = config.text("nameIDPolicyFormat")
    word = {urn: word for word, urn in NAME_ID_FORMATS.items()}.get(found)
    if word or not found:
        return "" if word in {None, "persistent"} else str(word)
    if subject == "name_id":
        return found.rpartition(":")[2]
    effect = "the partner chooses the format; users are identified by an attribute"
    config.adjust("sign_in.name_id_format", found=found, written="unspecified", effect=effect)
    return "unspecified"


def _signature_algorithm(config: Config) -> str:
    found = config.text("signatureAlgorithm")
    if not found or found == "RSA_SHA256":
        return ""
    if found in _SIGNATURES:
        return found
    effect = "requests of the host are signed with it: check that the partner accepts it"
    config.adjust("sign_in.signature_algorithm", found=found, written="RSA_SHA256", effect=effect)
    return ""
