"""Checks URLs that are valid on their own but do not fit their key."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING

from partnergate.language.rules.addresses import address
from partnergate.language.rules.public_issuers import many_tenants, public_issuer
from partnergate.language.shape.finding import Finding
from partnergate.model.partner import OidcSignIn, SamlSignIn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.language.rules.rule_inputs import ProviderAt
    from partnergate.language.text.tree import Path

_SIGNS_IN = frozenset({"authorize", "authorization", "auth"})
_GIVES_TOKENS = frozenset({"token", "access_token"})
_HOLDS_KEYS = frozenset({"jwks", "jwks.json", "certs", "keys"})
_OF_OTHERS = {
    "authorization_url": _GIVES_TOKENS | _HOLDS_KEYS | {"userinfo"},
    "token_url": _SIGNS_IN | _HOLDS_KEYS | {"userinfo"},
    "jwks_url": _SIGNS_IN | _GIVES_TOKENS | {"userinfo", "openid-configuration"},
    "userinfo_url": _SIGNS_IN | _GIVES_TOKENS | _HOLDS_KEYS,
}
"""Last path segments that clearly belong to another endpoint."""
_PLACEHOLDER = re.compile(
    r"(?:todo|tbd|fixme|x{3,}|change[-_ ]?me|replace[-_ ]?me|placeholder|your[-_ ].*|my[-_ ]client[-_ ]id"
    r"|(?:the[-_ ])?client[-_ ]?id|<.*>|\{.*\}|\[.*\]|n/?a|none|null|unknown|\?+|-+|\.\.\.)\Z",
    re.IGNORECASE,
)
_PLACEHOLDER_IN_URL = re.compile(
    r"[/.](?:your[-_]?[a-z0-9-]+|change[-_]?me|replace[-_]?me|placeholder|todo|tbd)(?=[/.:]|\Z)"
    r"|[/.]example\.(?:com|org|net)(?=[/:]|\Z)",
    re.IGNORECASE,
)


def issuer_of_tokens(provider: ProviderAt) -> Iterator[Finding]:
    """PG156: Keycloak compares the issuer with ``iss`` character by character."""
    if not isinstance(provider.sign_in, OidcSignIn):
        return
    issuer, path = provider.sign_in.issuer, provider.sign("issuer")
    before, found, _ = issuer.partition("/.well-known/")
    if found:
        yield Finding(path, "this is the URL of the OpenID configuration, not the issuer", f"write {before}")
    elif "?" in issuer:
        yield Finding(
            path, "an issuer cannot have a query (?)", "copy issuer from the partner's OpenID configuration"
        )
    elif (many := many_tenants(issuer)) and not address(issuer).flaw:  # PG123 reports {tenantid}
        yield Finding(
            path,
            f"no token has the issuer {many}: each token contains its own tenant, and every login fails",
            f"replace {many} with the tenant ID of the partner, and record the configuration of that issuer",
        )


def one_purpose(provider: ProviderAt) -> Iterator[Finding]:
    """PG158: two endpoints of a server never have the same URL."""
    sign_in = provider.sign_in
    if isinstance(sign_in, SamlSignIn):
        if sign_in.sso_url == sign_in.metadata_url:
            yield Finding(
                provider.sign("sso_url"),
                "users would be sent to the metadata document to sign in",
                "use the Location of SingleSignOnService from the metadata",
            )
        return
    keys = ("authorization_url", "token_url", "jwks_url", "userinfo_url")
    known = [(key, url) for key in keys if (url := getattr(sign_in, key, None))]
    if isinstance(sign_in, OidcSignIn):
        known.insert(0, ("issuer", sign_in.issuer))
    for (first, url), (second, other) in combinations(known, 2):
        if url.rstrip("/") == other.rstrip("/"):
            yield Finding(
                provider.sign(second),
                f"{second} and {first} have the same URL",
                f"copy {second} from the partner's documentation"
                if first != "issuer"
                else f"delete {second} and record the configuration: partnergate partner add",
            )


def right_endpoint(provider: ProviderAt) -> Iterator[Finding]:
    """PG159: a URL that ends like another endpoint usually is that endpoint."""
    for key, others in _OF_OTHERS.items():
        url = getattr(provider.sign_in, key, None) or ""
        last = url.partition("?")[0].rstrip("/").rpartition("/")[2]
        if last.lower() in others:
            yield Finding(
                provider.sign(key),
                f"{key} ends with /{last}, like another endpoint",
                "compare the URLs with the partner's OpenID configuration; two of them may be swapped",
            )


def no_placeholder(provider: ProviderAt) -> Iterator[Finding]:
    """PG160: placeholders that were never filled in."""
    for key in ("client_id", "sp_entity_id", "entity_id"):
        value = getattr(provider.sign_in, key, None)
        if value and (
            _PLACEHOLDER.match(value) or (key != "client_id" and _PLACEHOLDER_IN_URL.search(value))
        ):
            yield Finding(provider.sign(key), f'"{value}" is a placeholder', f"ask the partner for {key}")
    for path, url in provider.urls:
        if found := _PLACEHOLDER_IN_URL.search(url):
            yield Finding(path, f'"{found[0][1:]}" is a placeholder', "ask the partner for the URL")


def own_accounts(provider: ProviderAt) -> Iterator[Finding]:
    """PG161: outsiders with an account at the same service could sign in as users of the partner."""
    sign_in = provider.sign_in
    key = "issuer" if isinstance(sign_in, OidcSignIn) else "authorization_url"
    url = getattr(sign_in, key, None)
    if not url or provider.identity.email_domains:
        return
    found = public_issuer(url)
    if found is None or (isinstance(sign_in, OidcSignIn) and many_tenants(url)):
        return  # PG156 has reported a tenant that no token has
    yield Finding(
        provider.sign(key),
        f"{address(url).host} is shared by everyone who uses {found.service}: {found.joining.value}, "
        "and sign in as a user of this partner",
        (f"use the partner's own tenant ({found.own_tenant}), or " if found.own_tenant else "")
        + "add identity.email_domains with the partner's domains",
    )


@lru_cache(maxsize=64)
def _address_of(server_url: str, realm: str) -> str:
    return f"{server_url.rstrip('/')}/realms/{realm}"


def another_server(provider: ProviderAt) -> Iterator[Finding]:
    """PG157: the realm cannot be its own partner."""
    realm = provider.realm
    own = _address_of(realm.server_url, realm.realm)
    named: tuple[tuple[Path, str], ...] = provider.urls
    if isinstance(provider.sign_in, SamlSignIn):
        entity = provider.sign_in.entity_id
        named = (*named, (provider.sign("entity_id"), entity))
        if entity == provider.sign_in.sp_entity_id:
            yield Finding(
                provider.sign("sp_entity_id"),
                "the host's entity ID is the same as the partner's",
                "delete the key: the host's entity ID is the URL of the realm",
            )
    for path, url in named:
        if url.startswith(own) and url[len(own) : len(own) + 1] in ("", "/"):
            yield Finding(
                path,
                f"this is the host's own realm {realm.realm}: users would be redirected in a loop",
                "ask the partner for its own value; partnergate handoff prints the host's values",
            )
