"""Known vulnerabilities of Keycloak by version, for plan warnings. Only those that affect partner sign-in.

``advisories.json`` lists them, and ``doctor --advisories FILE`` reads a newer list. Sources are the CVE
records and the issues of Keycloak named in each entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from partnergate.realm.state import ResourceKind
from partnergate.realm.versions import OLDEST_SUPPORTED, at_least, version_tuple

if TYPE_CHECKING:
    from datetime import date

_LINE: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Advisory:
    """One vulnerability."""

    code: str
    """The CVE number, or an identifier of the table's author."""
    message: str
    """What goes wrong, as a clause without a full stop."""
    fixed: tuple[str, ...]
    """The first fixed version of each maintained line, sorted; empty when no release fixes it yet."""
    issue: int
    """The number of the issue in keycloak/keycloak; 0 without an issue."""
    concerns: tuple[ResourceKind, ...] = (ResourceKind.IDENTITY_PROVIDER,)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvisoryTable:
    """Every known vulnerability, as of one day. ``advisory_file`` reads and publishes the format."""

    format_version: int
    """Version of this format; 1."""
    published: date
    """The day on which the sources were last read."""
    advisories: tuple[Advisory, ...]
    """Sorted as they were published; each code once."""

    def age_days(self, today: date) -> int:
        """Return how many days ago the sources were read; negative for a day in the future."""
        return (today - self.published).days


def advisories_for(server_version: str, table: AdvisoryTable) -> tuple[Advisory, ...]:
    """Return the vulnerabilities of a version, mitigated or not; empty for an unknown version."""
    if not version_tuple(server_version):
        return ()
    found = tuple(advisory for advisory in table.advisories if not _is_fixed(server_version, advisory.fixed))
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
            concerns=tuple(ResourceKind),
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
