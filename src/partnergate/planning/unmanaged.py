"""What somebody made by hand around the partners: seen by every plan, and left alone by each.

A provider is a way into the realm, and what hangs on it decides as whom its users get in.
A mapper below a provider of ours is not among it: the plan deletes that.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from partnergate.model.partner import PARTNER_ID
from partnergate.realm.state import ResourceKey, ResourceKind
from partnergate.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from partnergate.realm.state import Resource

PROVIDERS: Final = "PGS003"
"""The code of the warning, by which a pipeline can refuse a plan."""
ORGANIZATIONS: Final = "PGS004"
TAKEN_OUT: Final = "PGS005"
_NAMED: Final = 20
_PROVIDER: Final = ResourceKind.IDENTITY_PROVIDER
_MAPPER: Final = ResourceKind.IDENTITY_PROVIDER_MAPPER
_ORGANIZATION: Final = ResourceKind.ORGANIZATION
_TELLING: Final[Mapping[ResourceKind, tuple[str, ...]]] = {
    _PROVIDER: ("displayName", "enabled", "providerId"),
    _ORGANIZATION: ("domains", "enabled", "identityProviders", "name"),
}
"""Where everything would be too much. Of a mapper everything tells."""


def unmanaged(
    wanted: Mapping[ResourceKey, Resource], present: Mapping[ResourceKey, Resource]
) -> tuple[Resource, ...]:
    """The providers, mappers and organizations that no file names and nobody marked, by key."""
    found = (
        _telling(resource)
        for key, resource in present.items()
        if not resource.owner and key not in wanted and _is_shown(key, wanted)
    )
    return tuple(sorted(found, key=lambda one: (one.key.kind, one.key.parent, one.key.name)))


def each_in_words(found: Iterable[Resource]) -> Iterator[tuple[ResourceKey, str]]:
    """Each provider together with its mappers, and each organization, on one line."""
    everything = tuple(found)
    mappers: dict[str, list[Resource]] = {}
    for one in everything:
        if one.key.kind is _MAPPER:
            mappers.setdefault(one.key.parent, []).append(one)
    for one in everything:
        if one.key.kind is _PROVIDER:
            yield one.key, _provider(one, mappers.get(one.key.name, []))
        elif one.key.kind is _ORGANIZATION:
            yield one.key, _organization(one)


def unmanaged_in_words(found: Iterable[Resource]) -> Iterator[tuple[str, str]]:
    """A code and a sentence for the providers, and one for the organizations."""
    named = list(each_in_words(found))
    for kind, code, noun in (
        (_PROVIDER, PROVIDERS, "provider"),
        (_ORGANIZATION, ORGANIZATIONS, "organization"),
    ):
        if those := [words for key, words in named if key.kind is kind]:
            yield code, _sentence(those, noun)


def taken_out(found: Iterable[Resource], linked: Iterable[str]) -> Iterator[str]:
    """A sentence for each provider that the plan links to its partner and that such an organization holds."""
    ours = frozenset(linked)
    for one in found:
        held = one.fields.get("identityProviders")
        if one.key.kind is _ORGANIZATION and isinstance(held, tuple):
            yield from (
                f"provider {alias} is taken out of organization {one.key.name}, which was made by hand"
                for alias in held
                if alias in ours
            )


def _is_shown(key: ResourceKey, wanted: Mapping[ResourceKey, Resource]) -> bool:
    """A provider that is taken over is taken over whole, so that its mappers are changes."""
    if key.kind is _MAPPER:
        return ResourceKey(kind=_PROVIDER, name=key.parent) not in wanted
    return key.kind is _PROVIDER or key.kind is _ORGANIZATION


def _telling(resource: Resource) -> Resource:
    names = _TELLING.get(resource.key.kind, tuple(resource.fields))
    fields = {name: resource.fields[name] for name in names if name in resource.fields}
    return replace(resource, fields=fields, secrets=())


def _sentence(named: list[str], noun: str) -> str:
    """How many there are, and the first of them."""
    more = f" and {len(named) - _NAMED} more, which the plan file names" if len(named) > _NAMED else ""
    is_or_are, it_or_them = ("is", "it") if len(named) == 1 else ("are", "them")
    return (
        f"{counted(len(named), noun)} {is_or_are} not managed and left alone, "
        f"and no file names {it_or_them}: {', '.join(named[:_NAMED])}{more}"
    )


def _provider(resource: Resource, mappers: list[Resource]) -> str:
    said = [str(resource.fields.get("providerId", "unknown")), _state(resource)]
    if mappers:
        said.append(counted(len(mappers), "mapper"))
    if any(PARTNER_ID in mapper.fields.values() for mapper in mappers):
        said.append(f"sets {PARTNER_ID}")
    return f"{resource.key.name} ({', '.join(said)})"


def _organization(resource: Resource) -> str:
    said = [_state(resource)]
    for name, noun in (("domains", "domain"), ("identityProviders", "provider")):
        values = resource.fields.get(name)
        if isinstance(values, tuple) and values:
            said.append(f"{noun if len(values) == 1 else noun + 's'} {' '.join(map(str, values))}")
    return f"{resource.key.name} ({', '.join(said)})"


def _state(resource: Resource) -> str:
    return "open" if resource.fields.get("enabled") is True else "disabled"
