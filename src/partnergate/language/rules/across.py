"""Conflicts between partners.

Some values must be unique to one partner in an environment. They are collected from each provider in each
environment. The same value from two partners is a conflict. The collected values are small, so that files
can be checked in separate processes.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from partnergate.language.rules.addresses import is_common
from partnergate.language.rules.kinds import ANY, CODE, OIDC, SAML
from partnergate.model.certificates import certificate_facts
from partnergate.model.partner import Oauth2SignIn, OidcSignIn, SamlSignIn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from partnergate.diagnostics import Span
    from partnergate.language.report import Report
    from partnergate.language.rules.kinds import Kinds
    from partnergate.language.rules.rule_inputs import ProviderAt
    from partnergate.language.text.tree import Path

    Values = Callable[[ProviderAt], Iterator[tuple[str, Path]]]


class UniqueValue(NamedTuple):
    """A value that only one partner may use in an environment."""

    code: str
    value: str
    partner: str
    span: Span


class UniqueValuesIn(NamedTuple):
    """The unique values of one provider in one environment. Environments with equal values share them."""

    environment: str
    unique_values: tuple[UniqueValue, ...]


@lru_cache(maxsize=4096)
def _same_url(url: str) -> str:
    """Normalize a URL, so that different spellings compare equal. An invalid URL (PG123) stays unchanged."""
    if is_common(url):
        return f"{url.rstrip('/')}?"
    try:
        parts = urlsplit(url)
        port = "" if parts.port in (None, 443) else f":{parts.port}"
    except ValueError:
        return url
    return (
        f"{parts.scheme}://{(parts.hostname or '').rstrip('.')}{port}{parts.path.rstrip('/')}?{parts.query}"
    )


def _alias(p: ProviderAt) -> Iterator[tuple[str, Path]]:
    """User names begin with the alias in lower case, so aliases that differ only in case collide."""
    yield p.provider.alias.lower(), (*p.path, "name") if p.path else ("partner",)


def _name(p: ProviderAt) -> Iterator[tuple[str, Path]]:
    if p.name:
        yield p.name.casefold(), ("name",)


def _issuer_and_client(p: ProviderAt) -> Iterator[tuple[str, Path]]:
    if isinstance(p.sign_in, OidcSignIn):
        yield f"{_same_url(p.sign_in.issuer).rstrip('?')} with client {p.sign_in.client_id}", p.sign("issuer")


def _endpoint_and_client(p: ProviderAt) -> Iterator[tuple[str, Path]]:
    if isinstance(p.sign_in, OidcSignIn | Oauth2SignIn):
        url = _same_url(p.sign_in.authorization_url)
        yield f"{url.rstrip('?')} with client {p.sign_in.client_id}", p.sign("authorization_url")


def _entity_id(p: ProviderAt) -> Iterator[tuple[str, Path]]:
    if isinstance(p.sign_in, SamlSignIn):
        yield p.sign_in.entity_id, p.sign("entity_id")


def _domain(p: ProviderAt) -> Iterator[tuple[str, Path]]:
    for place, domain in enumerate(p.identity.email_domains):
        yield domain, p.who("email_domains", place)


def _signing_key(p: ProviderAt) -> Iterator[tuple[str, Path]]:
    if isinstance(p.sign_in, SamlSignIn):
        for place, text in enumerate(p.sign_in.certificates):
            if (facts := certificate_facts(text)) is not None:
                yield facts.key_fingerprint[:16], p.sign("certificates", place)


def _secret(p: ProviderAt) -> Iterator[tuple[str, Path]]:
    secret = getattr(p.sign_in, "client_secret", None)
    if secret is not None:
        yield f"{secret.source} {secret.name}", p.sign("client_secret", secret.source)


def _ungated_issuer(p: ProviderAt) -> Iterator[tuple[str, Path]]:
    if isinstance(p.sign_in, OidcSignIn) and not p.identity.email_domains:
        yield _same_url(p.sign_in.issuer).rstrip("?"), p.sign("issuer")


ACROSS: tuple[tuple[str, Values, Kinds, str, str], ...] = (
    (
        "PG202",
        _alias,
        ANY,
        "alias {value} is already used by {others}",
        "rename the provider; the alias of a partner must not change",
    ),
    (
        "PG203",
        _issuer_and_client,
        OIDC,
        "{others} uses the same issuer and client: {value}",
        "ask the partner for a client of its own; a login would be accepted for both partners",
    ),
    (
        "PG204",
        _endpoint_and_client,
        CODE,
        "{others} uses the same authorization endpoint and client: {value}",
        "ask the partner for a client of its own; a login would be accepted for both partners",
    ),
    (
        "PG205",
        _entity_id,
        SAML,
        "{others} uses the same entity ID: {value}",
        "ask the partner for its own entity ID; an assertion would be accepted for both partners",
    ),
    (
        "PG206",
        _domain,
        ANY,
        "email domain {value} is already used by {others}",
        "a domain belongs to one partner: remove it from the other",
    ),
    (
        "PG208",
        _signing_key,
        SAML,
        "{others} signs with the same key",
        "the owner of the key can sign in users of both partners: ask for separate keys",
    ),
    (
        "PG209",
        _secret,
        CODE,
        "{others} uses the same secret: {value}",
        "create a separate secret for each partner",
    ),
    (
        "PG210",
        _ungated_issuer,
        OIDC,
        "{others} uses the same issuer ({value}), and no email_domains separate their users",
        "add email_domains to both partners",
    ),
    (
        "PG212",
        _name,
        ANY,
        "{others} has the same name",
        "use different names: Keycloak allows only one organization with a name",
    ),
)
"""Code, function that collects the values, kinds of sign-in that have them, message, hint."""

_BY_KIND: dict[type, tuple[tuple[str, Values], ...]] = {
    kind: tuple((code, values) for code, values, kinds, _, _ in ACROSS if kind in kinds) for kind in ANY
}


def unique_values_of(provider: ProviderAt, locate: Callable[[Path], Span]) -> Iterator[UniqueValue]:
    """Return every unique value of one provider."""
    for code, values in _BY_KIND[type(provider.sign_in)]:
        for value, path in values(provider):
            yield UniqueValue(code, value, provider.partner, locate(path))


def conflicts(unique_values: Iterable[UniqueValuesIn], report: Report) -> None:
    """Report every value that another partner also uses, and every alias of another provider."""
    by_value: defaultdict[tuple[str, str, str], list[UniqueValue]] = defaultdict(list)
    domains: defaultdict[str, dict[str, UniqueValue]] = defaultdict(dict)
    aliases: defaultdict[str, dict[str, UniqueValue]] = defaultdict(dict)
    for environment, of_provider in unique_values:
        for unique in of_provider:
            by_value[unique.code, environment, unique.value].append(unique)
            if unique.code == "PG206":
                domains[environment].setdefault(unique.value, unique)
            elif unique.code == "PG202":
                aliases[environment].setdefault(unique.value, unique)
    words = {code: (message, hint) for code, _, _, message, hint in ACROSS}
    for (code, _, value), found in by_value.items():
        if len(found) > 1:
            _report_shared(code, value, found, words[code], report)
    for owned in domains.values():
        _report_nested(owned, report)
    for of_environment in aliases.values():
        _report_continued(of_environment, report)


def _report_shared(
    code: str, value: str, found: list[UniqueValue], words: tuple[str, str], report: Report
) -> None:
    partners = {unique.partner for unique in found}
    if len(partners) == 1 and (code != "PG202" or len({unique.span.file for unique in found}) > 1):
        return  # PG201 already reports two files for one partner
    if len(partners) == 1:
        for unique in found[1:]:
            message = f"another provider of {unique.partner} has the alias {value}"
            report.add(code, unique.span, message, "use a different name for each provider")
        return
    message, hint = words
    for unique in found:
        others = sorted(partners - {unique.partner})
        report.add(code, unique.span, message.format(value=value, others=", ".join(others[:5])), hint)


def _report_continued(aliases: dict[str, UniqueValue], report: Report) -> None:
    """PG202: ``acme.eu`` continues ``acme``, so users of both could need one user name, such as acme.eu.7."""
    for alias, unique in aliases.items():
        parts = alias.split(".")
        for length in range(1, len(parts)):
            if (start := ".".join(parts[:length])) in aliases:
                report.add(
                    "PG202",
                    unique.span,
                    f"alias {alias} continues the alias {start} of {aliases[start].partner}: "
                    "users of both could need the same user name",
                    "use another alias for one of them",
                )


def _report_nested(owned: dict[str, UniqueValue], report: Report) -> None:
    """PG207: a subdomain of a domain that belongs to another partner."""
    for domain, unique in owned.items():
        parent = domain.partition(".")[2]
        while "." in parent:
            above = owned.get(parent)
            if above is not None and above.partner != unique.partner:
                report.add(
                    "PG207",
                    unique.span,
                    f"{domain} is a subdomain of {parent}, which belongs to {above.partner}",
                    "ask both partners which users the domain belongs to",
                )
            parent = parent.partition(".")[2]
