"""Domains: the registered part of a name, public suffixes, and public mail services."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from partnergate.language.shape.finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from publicsuffixlist import PublicSuffixList

    from partnergate.language.rules.rule_inputs import ProviderAt

_LARGE_SERVICES = """
126.com 163.com 21cn.com abv.bg aim.com aol.com att.net bk.ru bluewin.ch bol.com.br btinternet.com
centrum.cz comcast.net daum.net duck.com fastmail.com fastmail.fm foxmail.com free.fr freenet.de
gmail.com googlemail.com guerrillamail.com hanmail.net hey.com hotmail.com hushmail.com icloud.com
inbox.lv inbox.ru interia.pl laposte.net libero.it list.ru live.com mac.com mail.com mail.ru
mailbox.org mailfence.com mailinator.com me.com msn.com naver.com o2.pl onet.pl onmicrosoft.com
orange.fr outlook.com passport.com pm.me posteo.de proton.me protonmail.ch protonmail.com qq.com
rambler.ru rediffmail.com rocketmail.com runbox.com sapo.pt seznam.cz sfr.fr sina.com sky.com
t-online.de tiscali.it tuta.com tuta.io tutanota.com tutanota.de ukr.net uol.com.br verizon.net
virgilio.it wanadoo.fr web.de wp.pl ya.ru yeah.net ymail.com zoho.com zohomail.com
"""
_PUBLIC_MAIL = frozenset(_LARGE_SERVICES.split())
"""The largest mail services, and services that a whole country uses."""
_MAIL_OF_MANY_COUNTRIES = frozenset({"gmx", "hotmail", "yahoo", "yandex"})
"""Services with the same name under many suffixes, such as ``yahoo.co.uk``."""


@cache
def _suffixes() -> PublicSuffixList:
    """The snapshot of publicsuffix.org in the package. Nothing is fetched."""
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415 - 20 ms, and most commands need none

    return PublicSuffixList(accept_encoded_idn=False)  # decoding the names instead is three times faster


def _decoded(domain: str) -> str:
    """Return the domain in Unicode, as the list spells it."""
    if "xn--" not in domain:
        return domain
    try:
        return domain.encode("ascii").decode("idna")
    except UnicodeError:
        return domain


@lru_cache(maxsize=16384)
def registrable(domain: str) -> str | None:
    """Return the registered part of a domain; none if the domain is a public suffix itself."""
    return _suffixes().privatesuffix(_decoded(domain))


def have_one_owner(one: str, other: str) -> bool:
    """Whether two host names have the same registered domain."""
    if one == other:
        return True
    if one.split(".")[-2:] != other.split(".")[-2:]:
        return False  # a registered domain has at least two labels
    return registrable(one) is not None and registrable(one) == registrable(other)


def owned_domains(provider: ProviderAt) -> Iterator[Finding]:
    """PG129: an address at a public mail service or below a public suffix proves nothing."""
    for place, domain in enumerate(provider.identity.email_domains):
        if _is_public_mail(domain):
            yield Finding(
                provider.who("email_domains", place),
                f"anybody can get an address at {domain}",
                "list only domains that the partner owns",
            )
        elif registrable(domain) is None:
            yield Finding(
                provider.who("email_domains", place),
                f"{domain} is a public suffix like com: anybody can register a domain below it",
                "write the complete domain of the partner",
            )


def _is_public_mail(domain: str) -> bool:
    if domain in _PUBLIC_MAIL:
        return True
    name, _, ending = domain.partition(".")
    return name in _MAIL_OF_MANY_COUNTRIES and "." in domain and registrable(ending) is None
