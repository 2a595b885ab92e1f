"""Addresses that a provider of a realm does not have, derived from those that it has.

Keycloak does not require the issuer and accepts every issuer without it. A partner file requires it,
so an import derives it: from the address of the discovery document, which contains it by definition,
from the address schemes of widespread software, or else from the host name. A wrong one denies
logins; it never allows one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from partnergate.applying.importing.provider_config import with_tls

if TYPE_CHECKING:
    from partnergate.applying.importing.provider_config import Config


def _schemes(*schemes: tuple[str, str]) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Each pattern of an address with the template of what is derived from it."""
    return tuple((re.compile(pattern), template) for pattern, template in schemes)


_DISCOVERY: Final = re.compile(r"(.+?)/?\.well-known/openid-configuration")
_ISSUERS: Final = _schemes(
    (r"(.+/realms/[^/]+)/protocol/openid-connect/.+", r"\1"),
    (r"(https://login\.microsoftonline\.[a-z]+/[0-9a-f-]{36})/oauth2/v2\.0/.+", r"\1/v2.0"),
    (r"https://login\.microsoftonline\.com/([0-9a-f-]{36})/oauth2/.+", r"https://sts.windows.net/\1/"),
    (r"(https://[^/]+/oauth2/(?!v\d+/)[^/]+)/v\d+/.+", r"\1"),
    (r"(https://[^/]+)/oauth2/v\d+/.+", r"\1"),
    (r"(https://[^/]+\.auth0\.com)/.+", r"\1/"),
)
"""Endpoint of Keycloak, Entra ID (2.0 and 1.0), Okta (with and without an authorization server), Auth0."""
_KEYS: Final = _schemes(
    (r"(.+/realms/[^/]+)/protocol/openid-connect/.+", r"\1/protocol/openid-connect/certs"),
    (r"(https://login\.microsoftonline\.[a-z]+/[^/]+)/oauth2/v2\.0/.+", r"\1/discovery/v2.0/keys"),
    (r"(https://login\.microsoftonline\.[a-z]+/[^/]+)/oauth2/.+", r"\1/discovery/keys"),
    (r"(https://[^/]+/oauth2/(?:(?!v\d+/)[^/]+/)?v\d+)/.+", r"\1/keys"),
    (r"(https://[^/]+\.auth0\.com)/.+", r"\1/.well-known/jwks.json"),
)
_ENTITIES: Final = _schemes(
    (r"(.+/realms/[^/]+)/protocol/saml.*", r"\1"),
    (r"https://login\.microsoftonline\.com/([0-9a-f-]{36})/saml2", r"https://sts.windows.net/\1/"),
    (r"https://([^/]+)/adfs/ls/?", r"http://\1/adfs/services/trust"),
    (r"https://[^/]+\.okta\.com/app/[^/]+/([^/]+)/sso/saml", r"http://www.okta.com/\1"),
    (
        r"https://accounts\.google\.com/o/saml2/idp\?idpid=(\w+)",
        r"https://accounts.google.com/o/saml2?idpid=\1",
    ),
)
"""Sign-on service of Keycloak, Entra ID, AD FS, Okta, Google Workspace."""


def issuer_of(config: Config) -> tuple[str, str]:
    """(issuer, what it was derived from); both empty when there is no address at all."""
    if found := _DISCOVERY.fullmatch(with_tls(config.text("metadataDescriptorUrl"))):
        return found[1], "the address of the discovery document"
    for key in ("authorizationUrl", "tokenUrl"):
        if derived := _derived(with_tls(config.text(key)), _ISSUERS):
            return derived, f"the scheme of {config.text(key)}"
    return _origin(with_tls(config.text("authorizationUrl")))


def keys_of(config: Config) -> tuple[str, str]:
    """(address of the signing keys, what it was derived from)."""
    for key in ("authorizationUrl", "tokenUrl"):
        if derived := _derived(with_tls(config.text(key)), _KEYS):
            return derived, f"the scheme of {config.text(key)}"
    origin, source = _origin(with_tls(config.text("authorizationUrl")))
    return (f"{origin}/.well-known/jwks.json", source) if origin else ("", "")


def entity_of(config: Config) -> tuple[str, str]:
    """(entity ID of the partner, what it was derived from)."""
    address = with_tls(config.text("singleSignOnServiceUrl"))
    if derived := _derived(address, _ENTITIES):
        return derived, f"the scheme of {address}"
    return _origin(address)


def _derived(address: str, schemes: tuple[tuple[re.Pattern[str], str], ...]) -> str:
    for pattern, template in schemes:
        if found := pattern.fullmatch(address):
            return found.expand(template)
    return ""


def _origin(address: str) -> tuple[str, str]:
    try:
        parts = urlsplit(address)
    except ValueError:
        return "", ""
    if not parts.scheme or not parts.netloc:
        return "", ""
    return f"{parts.scheme}://{parts.netloc}", f"only the host name of {address}"
