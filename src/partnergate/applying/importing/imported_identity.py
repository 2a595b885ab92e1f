"""The part ``identity`` of an imported file, and the mappers that no file can express."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from partnergate.realm.mappers.kind import NotExpressible
from partnergate.realm.mappers.mapper_kinds import identity_keys, imported
from partnergate.realm.representation.provider import mapper_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from partnergate.applying.importing.known_targets import KnownTargets
    from partnergate.applying.importing.provider_config import Config
    from partnergate.realm.state import Resource

_OWN_CONFIG: Final = (
    ("email", "emailClaim"),
    ("first_name", "givenNameClaim"),
    ("last_name", "familyNameClaim"),
)
"""Keys that OAuth 2.0 has in the config of the provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotImported:
    """A mapper that the partner file cannot express, so that apply would delete it."""

    name: str
    type: str
    reason: str


def identity_of(
    config: Config,
    protocol: str,
    subject: str,
    *,
    mappers: Iterable[Resource],
    domains: list[str],
    known: KnownTargets,
) -> tuple[dict[str, Any], tuple[NotImported, ...]]:
    """The part ``identity`` of the file, and the mappers that it cannot express."""
    found: dict[str, Any] = {"subject": subject}
    left: list[NotImported] = []
    for one in mappers:
        mapper = mapper_of(one)
        match known.checked(imported(mapper, protocol)):
            case NotExpressible(reason=reason):
                left.append(NotImported(name=mapper.name, type=mapper.type, reason=reason))
            case part:
                # The subject depends on the provider as well, so it is not taken from one mapper.
                _merge(found, {key: value for key, value in part.items() if key != "subject"})
    if protocol == "oauth2":
        found |= {name: value for name, key in _OWN_CONFIG if (value := config.text(key))}
    if domains:
        found["email_domains"] = domains
    elif config.flag("filteredByClaim"):
        _lost_gate(config)
    return {key: found[key] for key in _order() if key in found}, tuple(left)


def _lost_gate(config: Config) -> None:
    """A filter by any claim denies users whom the file would allow."""
    condition = f"{config.text('claimFilterName')} matching {config.text('claimFilterValue')}"
    effect = "users without that claim can sign in: if they are email domains, write them in email_domains"
    config.adjust("identity.email_domains", found=f"only users with {condition}", written="", effect=effect)


def _merge(found: dict[str, Any], part: Mapping[str, Any]) -> None:
    """Add the part that one mapper accounts for: entries are collected, a single value is replaced."""
    for key, value in part.items():
        match value:
            case dict():
                found[key] = found.get(key, {}) | value
            case list():
                found[key] = found.get(key, []) + [one for one in value if one not in found.get(key, [])]
            case _:
                found[key] = value


def _order() -> tuple[str, ...]:
    own = (key.key.name for key in identity_keys())
    return ("subject", "email", "first_name", "last_name", "email_domains", *own)
