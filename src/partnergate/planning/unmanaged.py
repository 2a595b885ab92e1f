"""Resources that no file declares and partnergate does not own: every plan lists them, none changes them.

A provider is a way into the realm, and its mappers decide what its users may do. A mapper below an
owned provider is not unmanaged: the plan deletes it.
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
"""The code of the warning, by which a pipeline can reject a plan."""
ORGANIZATIONS: Final = "PGS004"
UNLINKED: Final = "PGS005"
_NAMED: Final = 20
_PROVIDER: Final = ResourceKind.IDENTITY_PROVIDER
_MAPPER: Final = ResourceKind.IDENTITY_PROVIDER_MAPPER
_ORGANIZATION: Final = ResourceKind.ORGANIZATION
UNMANAGED_KINDS: Final = (_PROVIDER.value, _MAPPER.value, _ORGANIZATION.value)
_SHOWN_FIELDS: Final[Mapping[ResourceKind, tuple[str, ...]]] = {
    _PROVIDER: ("displayName", "enabled", "providerId"),
    _ORGANIZATION: ("domains", "enabled", "identityProviders", "name"),
}
"""The fields that identify a resource; for a mapper, every field."""


def unmanaged(
    wanted: Mapping[ResourceKey, Resource], present: Mapping[ResourceKey, Resource]
) -> tuple[Resource, ...]:
    """The providers, mappers and organizations that no file declares and that have no owner, by key."""
    found = (
        _abridged(resource)
        for key, resource in present.items()
        if not resource.owner and key not in wanted and _is_shown(key, wanted)
    )
    return tuple(sorted(found, key=lambda one: (one.key.kind, one.key.parent, one.key.name)))


def described_each(found: Iterable[Resource]) -> Iterator[tuple[ResourceKey, str]]:
    """One line for each provider with its mappers, and for each organization."""
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


def described(found: Iterable[Resource]) -> Iterator[tuple[str, str]]:
    """(code, sentence) for the providers, and for the organizations."""
    named = list(described_each(found))
    for kind, code, noun in (
        (_PROVIDER, PROVIDERS, "provider"),
        (_ORGANIZATION, ORGANIZATIONS, "organization"),
    ):
        if those := [words for key, words in named if key.kind is kind]:
            yield code, _sentence(those, noun)


def unlinked_providers(found: Iterable[Resource], linked: Iterable[str]) -> Iterator[str]:
    """A sentence for each provider that the plan unlinks from an unmanaged organization."""
    ours = frozenset(linked)
    for one in found:
        held = one.fields.get("identityProviders")
        if one.key.kind is _ORGANIZATION and isinstance(held, tuple):
            yield from (
                f"provider {alias} is unlinked from organization {one.key.name}, which no file declares"
                for alias in held
                if alias in ours
            )


def _is_shown(key: ResourceKey, wanted: Mapping[ResourceKey, Resource]) -> bool:
    """Whether the resource is listed. A provider that is adopted becomes a change, with its mappers."""
    if key.kind is _MAPPER:
        return ResourceKey(kind=_PROVIDER, name=key.parent) not in wanted
    return key.kind is _PROVIDER or key.kind is _ORGANIZATION


def _abridged(resource: Resource) -> Resource:
    names = _SHOWN_FIELDS.get(resource.key.kind, tuple(resource.fields))
    fields = {name: resource.fields[name] for name in names if name in resource.fields}
    return replace(resource, fields=fields, secrets=())


def _sentence(named: list[str], noun: str) -> str:
    """Describe the resources by number and by the first names."""
    more = f" and {len(named) - _NAMED} more, listed in the plan file" if len(named) > _NAMED else ""
    is_or_are, it_or_them = ("is", "it") if len(named) == 1 else ("are", "them")
    return (
        f"{counted(len(named), noun)} {is_or_are} unmanaged and not changed, "
        f"because no file declares {it_or_them}: {', '.join(named[:_NAMED])}{more}"
    )


def _provider(resource: Resource, mappers: list[Resource]) -> str:
    properties = [str(resource.fields.get("providerId", "unknown")), _state(resource)]
    if mappers:
        properties.append(counted(len(mappers), "mapper"))
    if any(PARTNER_ID in mapper.fields.values() for mapper in mappers):
        properties.append(f"sets {PARTNER_ID}")
    return f"{resource.key.name} ({', '.join(properties)})"


def _organization(resource: Resource) -> str:
    properties = [_state(resource)]
    for name, noun in (("domains", "domain"), ("identityProviders", "provider")):
        values = resource.fields.get(name)
        if isinstance(values, tuple) and values:
            properties.append(f"{noun if len(values) == 1 else noun + 's'} {' '.join(map(str, values))}")
    return f"{resource.key.name} ({', '.join(properties)})"


def _state(resource: Resource) -> str:
    return "enabled" if resource.fields.get("enabled") is True else "disabled"
