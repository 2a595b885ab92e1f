"""Identity providers whose one issuer serves accounts of any organization or of the general public.

The list is exact: a tenant of its own (``acme.my.salesforce.com``) has another host and is not in it.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple
from urllib.parse import urlsplit


class Joining(Enum):
    """Why an outsider gets tokens of the issuer."""

    ANYBODY = "anybody can create an account"
    ANY_CUSTOMER = "anybody can become a customer"
    ANY_INSTITUTION = "users of every connected institution can get a token"


class PublicIssuer(NamedTuple):
    """A shared issuer and what a partner uses instead."""

    service: str
    joining: Joining
    own_tenant: str = ""
    """The form of an issuer that belongs to one organization; empty if the service has none."""


_ENTRA_TENANT = "https://login.microsoftonline.com/TENANT_ID/v2.0"
_ENTRA = PublicIssuer("Microsoft Entra ID for many tenants", Joining.ANY_CUSTOMER, _ENTRA_TENANT)
_PERSONAL = PublicIssuer("Microsoft personal accounts", Joining.ANYBODY, _ENTRA_TENANT)
_GOOGLE = PublicIssuer("Google", Joining.ANYBODY)
_APPLE = PublicIssuer("Apple", Joining.ANYBODY)
_SALESFORCE = PublicIssuer("Salesforce", Joining.ANY_CUSTOMER, "https://DOMAIN.my.salesforce.com")
_FACEBOOK = PublicIssuer("Facebook", Joining.ANYBODY)
_GITHUB = PublicIssuer("GitHub", Joining.ANYBODY)
_GITLAB = PublicIssuer("GitLab.com", Joining.ANYBODY, "the partner's own GitLab server")
_BITBUCKET = PublicIssuer("Bitbucket", Joining.ANYBODY)
_SLACK = PublicIssuer("Slack", Joining.ANY_CUSTOMER)
_AMAZON = PublicIssuer("Amazon", Joining.ANYBODY)
_PAYPAL = PublicIssuer("PayPal", Joining.ANYBODY)
_LINKEDIN = PublicIssuer("LinkedIn", Joining.ANYBODY)
_DISCORD = PublicIssuer("Discord", Joining.ANYBODY)
_SPOTIFY = PublicIssuer("Spotify", Joining.ANYBODY)
_ORCID = PublicIssuer("ORCID", Joining.ANYBODY)
_CILOGON = PublicIssuer("CILogon", Joining.ANY_INSTITUTION, "the issuer of the partner's own institution")
_X = PublicIssuer("X", Joining.ANYBODY)
_YAHOO = PublicIssuer("Yahoo", Joining.ANYBODY)
_YANDEX = PublicIssuer("Yandex", Joining.ANYBODY)
_VK = PublicIssuer("VK", Joining.ANYBODY)

_BY_HOST = {
    "accounts.google.com": _GOOGLE,
    "www.google.com": _GOOGLE,
    "oauth2.googleapis.com": _GOOGLE,
    "appleid.apple.com": _APPLE,
    "account.apple.com": _APPLE,
    "login.live.com": _PERSONAL,
    "login.salesforce.com": _SALESFORCE,
    "test.salesforce.com": _SALESFORCE,
    "www.facebook.com": _FACEBOOK,
    "facebook.com": _FACEBOOK,
    "limited.facebook.com": _FACEBOOK,
    "graph.facebook.com": _FACEBOOK,
    "github.com": _GITHUB,
    "gitlab.com": _GITLAB,
    "bitbucket.org": _BITBUCKET,
    "api.bitbucket.org": _BITBUCKET,
    "auth.atlassian.com": PublicIssuer("Atlassian", Joining.ANYBODY),
    "slack.com": _SLACK,
    "www.slack.com": _SLACK,
    "access.line.me": PublicIssuer("LINE", Joining.ANYBODY),
    "api.login.yahoo.com": _YAHOO,
    "login.yahoo.com": _YAHOO,
    "auth.login.yahoo.co.jp": PublicIssuer("Yahoo! JAPAN", Joining.ANYBODY),
    "id.twitch.tv": PublicIssuer("Twitch", Joining.ANYBODY),
    "orcid.org": _ORCID,
    "www.orcid.org": _ORCID,
    "sandbox.orcid.org": _ORCID,
    "cilogon.org": _CILOGON,
    "www.cilogon.org": _CILOGON,
    "test.cilogon.org": _CILOGON,
    "auth.globus.org": PublicIssuer("Globus", Joining.ANY_INSTITUTION),
    "www.linkedin.com": _LINKEDIN,
    "linkedin.com": _LINKEDIN,
    "www.amazon.com": _AMAZON,
    "amazon.com": _AMAZON,
    "api.amazon.com": _AMAZON,
    "discord.com": _DISCORD,
    "discordapp.com": _DISCORD,
    "accounts.spotify.com": _SPOTIFY,
    "www.paypal.com": _PAYPAL,
    "www.sandbox.paypal.com": _PAYPAL,
    "www.paypalobjects.com": _PAYPAL,
    "twitter.com": _X,
    "api.twitter.com": _X,
    "x.com": _X,
    "kauth.kakao.com": PublicIssuer("Kakao", Joining.ANYBODY),
    "nid.naver.com": PublicIssuer("Naver", Joining.ANYBODY),
    "id.vk.com": _VK,
    "oauth.vk.com": _VK,
    "oauth.yandex.ru": _YANDEX,
    "oauth.yandex.com": _YANDEX,
    "login.yandex.ru": _YANDEX,
    "www.reddit.com": PublicIssuer("Reddit", Joining.ANYBODY),
    "www.dropbox.com": PublicIssuer("Dropbox", Joining.ANYBODY),
    "zoom.us": PublicIssuer("Zoom", Joining.ANY_CUSTOMER),
    "www.strava.com": PublicIssuer("Strava", Joining.ANYBODY),
    "huggingface.co": PublicIssuer("Hugging Face", Joining.ANYBODY),
    "identity.xero.com": PublicIssuer("Xero", Joining.ANY_CUSTOMER),
    "oauth.platform.intuit.com": PublicIssuer("Intuit", Joining.ANYBODY),
    "appcenter.intuit.com": PublicIssuer("Intuit", Joining.ANYBODY),
    "account.box.com": PublicIssuer("Box", Joining.ANY_CUSTOMER),
    "oauth.telegram.org": PublicIssuer("Telegram", Joining.ANYBODY),
}
_ENTRA_HOST = re.compile(
    r"(?:login\.microsoftonline\.(?:com|us)|login\.microsoft\.com|login\.windows\.net|sts\.windows\.net"
    r"|login\.partner\.microsoftonline\.cn|login\.chinacloudapi\.cn)\Z"
)
_PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"
_MANY_TENANTS = frozenset(
    {"common", "organizations", "consumers", "{tenantid}", "{tenant}", "%7btenantid%7d", "%7btenant%7d"}
)


def many_tenants(url: str) -> str:
    """Return the path segment of an Entra URL for many tenants; empty for any other URL."""
    host, tenant = _host_and_tenant(url)
    return tenant if _ENTRA_HOST.match(host) and tenant.lower() in _MANY_TENANTS else ""


def public_issuer(url: str) -> PublicIssuer | None:
    """Return the shared issuer that an issuer or an authorization endpoint belongs to, if any."""
    host, tenant = _host_and_tenant(url)
    if _ENTRA_HOST.match(host):
        if tenant.lower() == _PERSONAL_TENANT:
            return _PERSONAL
        return _ENTRA if tenant.lower() in _MANY_TENANTS else None
    return _BY_HOST.get(host)


def _host_and_tenant(url: str) -> tuple[str, str]:
    """The host in lower case, without port, and the first segment of the path."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return "", ""
    return host.rstrip("."), parts.path.lstrip("/").partition("/")[0]
