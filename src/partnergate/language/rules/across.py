"""What two partners may not have in common.

A fact is taken from each provider of each environment; facts of one kind with one value and two
partners are a conflict. Facts are small, so that files can be examined apart from each other.
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
    from partnergate.language.rules.finding import ProviderAt
    from partnergate.language.rules.kinds import Kinds
    from partnergate.language.text.tree import Path

    Values = Callable[[ProviderAt], Iterator[tuple[str, Path]]]


class Fact(NamedTuple):
    """A value that only one partner may have in an environment."""

    code: str
    value: str
    partner: str
    span: Span


class FactsIn(NamedTuple):
    """The facts of one provider in one environment; environments that say the same share them."""

    environment: str
    facts: tuple[Fact, ...]


@lru_cache(maxsize=4096)
def _same_url(url: str) -> str:
    """Two spellings of one address compare equal; what is no address (PG123) is compared as it is written."""
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
    yield p.provider.alias, (*p.path, "name") if p.path else ("partner",)


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
        "the alias {value} is also that of {others}",
        "rename the provider, not the partner",
    ),
    (
        "PG203",
        _issuer_and_client,
        OIDC,
        "{others} has the same issuer and client: {value}",
        "ask the partner for a client of its own; a login would count for either",
    ),
    (
        "PG204",
        _endpoint_and_client,
        CODE,
        "{others} has the same authorization endpoint and client: {value}",
        "ask the partner for a client of its own; a login would count for either",
    ),
    (
        "PG205",
        _entity_id,
        SAML,
        "{others} has the same entity id: {value}",
        "an assertion would count for either",
    ),
    (
        "PG206",
        _domain,
        ANY,
        "the e-mail domain {value} is also that of {others}",
        "a domain belongs to one partner",
    ),
    (
        "PG208",
        _signing_key,
        SAML,
        "{others} signs with the same key",
        "who holds the key can sign in users of both",
    ),
    (
        "PG209",
        _secret,
        CODE,
        "{others} uses the same secret: {value}",
        "give each partner a secret of its own",
    ),
    (
        "PG210",
        _ungated_issuer,
        OIDC,
        "{others} has the same issuer ({value}), and no email_domains keep their users apart",
        "add email_domains to both",
    ),
    (
        "PG212",
        _name,
        ANY,
        "{others} has the same name",
        "tell the two apart by their names; Keycloak keeps one organization of a name",
    ),
)
"""Code, the values it compares, the kinds of sign-in that have any, what to say, what to do."""

_BY_KIND: dict[type, tuple[tuple[str, Values], ...]] = {
    kind: tuple((code, values) for code, values, kinds, _, _ in ACROSS if kind in kinds) for kind in ANY
}


def facts_of(provider: ProviderAt, locate: Callable[[Path], Span]) -> Iterator[Fact]:
    """Every fact of one provider."""
    for code, values in _BY_KIND[type(provider.sign_in)]:
        for value, path in values(provider):
            yield Fact(code, value, provider.partner, locate(path))


def conflicts(facts: Iterable[FactsIn], report: Report) -> None:
    """Report each place that shares a value with another partner, or an alias with another provider."""
    by_value: defaultdict[tuple[str, str, str], list[Fact]] = defaultdict(list)
    domains: defaultdict[str, dict[str, Fact]] = defaultdict(dict)
    for environment, of_provider in facts:
        for fact in of_provider:
            by_value[fact.code, environment, fact.value].append(fact)
            if fact.code == "PG206":
                domains[environment].setdefault(fact.value, fact)
    words = {code: (message, hint) for code, _, _, message, hint in ACROSS}
    for (code, _, value), found in by_value.items():
        if len(found) > 1:
            _report_shared(code, value, found, words[code], report)
    for owned in domains.values():
        _report_nested(owned, report)


def _report_shared(code: str, value: str, found: list[Fact], words: tuple[str, str], report: Report) -> None:
    partners = {fact.partner for fact in found}
    if len(partners) == 1 and (code != "PG202" or len({fact.span.file for fact in found}) > 1):
        return  # of two files for one partner PG201 tells
    if len(partners) == 1:
        for fact in found[1:]:
            message = f"another provider of {fact.partner} has the alias {value}"
            report.add(code, fact.span, message, "give each provider a name of its own")
        return
    message, hint = words
    for fact in found:
        others = sorted(partners - {fact.partner})
        report.add(code, fact.span, message.format(value=value, others=", ".join(others[:5])), hint)


def _report_nested(owned: dict[str, Fact], report: Report) -> None:
    """PG207: a subdomain of a domain that another partner owns."""
    for domain, fact in owned.items():
        parent = domain.partition(".")[2]
        while "." in parent:
            above = owned.get(parent)
            if above is not None and above.partner != fact.partner:
                report.add(
                    "PG207",
                    fact.span,
                    f"{domain} lies inside {parent}, which is {above.partner}'s",
                    "ask both whose users these are",
                )
            parent = parent.partition(".")[2]
