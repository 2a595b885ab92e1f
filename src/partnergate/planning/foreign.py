"""Providers in the realm that no file names and nobody marked: each is a way in that was made by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from partnergate.realm.state import ResourceKind
from partnergate.wording import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partnergate.realm.state import Resource, ResourceKey

NOT_MANAGED: Final = "PGS003"
"""The code of the warning, by which a pipeline can refuse a plan."""
_NAMED: Final = 20


def foreign_providers(
    wanted: Mapping[ResourceKey, Resource], present: Mapping[ResourceKey, Resource]
) -> tuple[Resource, ...]:
    """Those that are neither desired nor ours, by alias. A plan leaves them alone."""
    found = (
        resource
        for key, resource in present.items()
        if key.kind is ResourceKind.IDENTITY_PROVIDER and not resource.owner and key not in wanted
    )
    return tuple(sorted(found, key=lambda resource: resource.key.name))


def in_words(found: tuple[Resource, ...]) -> str:
    """How many there are, and each with its type and whether it lets users in."""
    named = ", ".join(_one(resource) for resource in found[:_NAMED])
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    count = f"{counted(len(found), 'provider')} {'is' if len(found) == 1 else 'are'}"
    return f"{count} not managed and left alone, and no file names them: {named}{more}"


def _one(resource: Resource) -> str:
    kind = resource.fields.get("providerId", "unknown")
    state = "open" if resource.fields.get("enabled") is True else "disabled"
    return f"{resource.key.name} ({kind}, {state})"
