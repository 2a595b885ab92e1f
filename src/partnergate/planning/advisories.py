"""Known vulnerabilities of Keycloak by version, for plan warnings. Only those that affect partner sign-in.

Sources are the CVE records and the issues of Keycloak named in each entry. ``fixed`` names the
first fixed version of each maintained line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from partnergate.realm.state import ResourceKind
from partnergate.realm.versions import OLDEST_SUPPORTED, at_least, version_tuple

_LINE: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Advisory:
    """One vulnerability."""

    code: str
    message: str
    fixed: tuple[str, ...]
    """Sorted; empty when no release fixes it yet."""
    issue: int
    """The number of the issue in keycloak/keycloak; 0 without an issue."""
    concerns: frozenset[ResourceKind] = frozenset({ResourceKind.IDENTITY_PROVIDER})
    """A plan that changes a resource of one of these kinds warns of it; other plans do not."""
    mitigated_by: str = ""
    """The configuration that prevents the vulnerability; empty when none does."""

    @property
    def advice(self) -> str:
        """Return the version to update to."""
        if not self.fixed:
            return f"no release fixes it yet; see keycloak issue {self.issue}"
        see = f"; see keycloak issue {self.issue}" if self.issue else ""
        return f"update to {' or '.join(self.fixed)} or newer{see}"


ADVISORIES: Final = (
    Advisory(
        code="CVE-2026-3009",
        message="a disabled provider still logs users in",
        fixed=("26.2.14", "26.4.10", "26.5.5"),
        issue=46911,
    ),
    Advisory(
        code="CVE-2026-4366",
        message="the server follows redirects of partner addresses into the inner network",
        fixed=("26.6.1", "26.7.0"),
        issue=47276,
    ),
    Advisory(
        code="CVE-2026-9087",
        message="the proof by email at a first login is not bound to the partner's user",
        fixed=("26.4.13", "26.6.3"),
        issue=49175,
        mitigated_by="no account is ever linked by email",
    ),
    Advisory(
        code="CVE-2026-11800",
        message="the JWT authorization grant accepts a confused algorithm",
        fixed=("26.6.4", "26.7.0"),
        issue=50357,
        mitigated_by="the JWT authorization grant is off",
    ),
    Advisory(
        code="CVE-2026-16442",
        message="a link-only SAML provider logs in by an unsolicited response",
        fixed=("26.6.5", "26.7.1"),
        issue=51470,
        mitigated_by="no provider is link-only and unsolicited responses are off",
    ),
    Advisory(
        code="CVE-2026-16443",
        message="an import of SAML metadata can switch signature validation off",
        fixed=("26.6.5", "26.7.1"),
        issue=51471,
        mitigated_by="metadata is never imported by the server; signature validation is written out",
    ),
    Advisory(
        code="CVE-2026-15571",
        message="the hash that guards account linking can be predicted",
        fixed=("26.6.6", "26.7.2"),
        issue=51832,
    ),
    Advisory(
        code="CVE-2026-18201",
        message="creating a provider can bind it to an organization without the permission",
        fixed=("26.6.7", "26.7.3"),
        issue=51283,
        mitigated_by="organizations are linked through their own endpoint alone",
    ),
    Advisory(
        code="CVE-2026-18217",
        message="the SAML redirect binding lets parameters be added where redirect addresses have wildcards",
        fixed=("26.7.5",),
        issue=51781,
        concerns=frozenset({ResourceKind.CLIENT, ResourceKind.IDENTITY_PROVIDER}),
    ),
    Advisory(
        code="CVE-2026-15943",
        message="a masked client secret is sent to a changed token address",
        fixed=("26.8.1",),
        issue=50945,
        mitigated_by="a masked secret is never sent to a changed address",
    ),
    Advisory(
        code="CVE-2026-18569",
        message="a forged logout token is accepted from a provider without signature validation",
        fixed=("26.8.1",),
        issue=51381,
        mitigated_by="signature validation is on for every provider",
    ),
    Advisory(
        code="CVE-2026-82968",
        message="the proof at account linking is not bound, so the wrong account can be linked",
        fixed=("26.8.1",),
        issue=52321,
        mitigated_by="no account is ever linked",
    ),
    Advisory(
        code="CVE-2026-18967",
        message="an unsolicited SAML response can be replayed",
        fixed=(),
        issue=51782,
        mitigated_by="unsolicited responses are off",
    ),
    Advisory(
        code="CVE-2026-12388",
        message="who may manage providers can grant admin roles by a mapper",
        fixed=(),
        issue=50444,
        concerns=frozenset({ResourceKind.IDENTITY_PROVIDER_MAPPER}),
    ),
)


def advisories_for(server_version: str) -> tuple[Advisory, ...]:
    """Return the vulnerabilities of a version, mitigated or not; empty for an unknown version."""
    if not version_tuple(server_version):
        return ()
    found = tuple(advisory for advisory in ADVISORIES if not _is_fixed(server_version, advisory.fixed))
    return (*_too_old(server_version), *found)


def _too_old(server_version: str) -> tuple[Advisory, ...]:
    if at_least(server_version, OLDEST_SUPPORTED):
        return ()
    message = f"Keycloak {server_version} is older than the oldest supported version"
    return (
        Advisory(
            code="PGV001",
            message=message,
            fixed=(OLDEST_SUPPORTED,),
            issue=0,
            concerns=frozenset(ResourceKind),
        ),
    )


def _is_fixed(server_version: str, fixed: tuple[str, ...]) -> bool:
    """Whether the release line has the fix, or is newer than every fixed line."""
    if not fixed:
        return False
    line = version_tuple(server_version)[:_LINE]
    for version in fixed:
        if version_tuple(version)[:_LINE] == line:
            return at_least(server_version, version)
    return line > version_tuple(fixed[-1])[:_LINE]
