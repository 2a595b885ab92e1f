"""Converts a realm, in the format of Keycloak's partial export, to a ``RealmState``.

The format has, in addition to the keys of the export (with clients, groups and roles):

- ``organizations``: from their list, each with ``identityProviders``, the aliases linked to it;
- ``userProfile``: from a separate endpoint;
- ``scopeMappings`` and ``clientScopeMappings``: as the export has them; a reader by lists fills them
  from ``client-scopes/{id}/scope-mappings`` and ``clients/{id}/scope-mappings``.

Clients refer to flows by alias.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from partnergate.realm.representation.client import client_from
from partnergate.realm.representation.client_scope import client_scope_from
from partnergate.realm.representation.flow import flows_from
from partnergate.realm.representation.organization import organization_from
from partnergate.realm.representation.provider import mapper_from, provider_from
from partnergate.realm.representation.roles_groups import groups_from, role_from
from partnergate.realm.representation.settings import events_config_from, realm_from, user_profile_from
from partnergate.realm.state import sorted_state

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from partnergate.realm.state import RealmState, Resource


def state_of(whole: Mapping[str, Any]) -> RealmState:
    """Return every resource that partnergate can manage. Unmanaged resources have an empty owner."""
    return sorted_state(
        whole["realm"], _resources(whole), server_version=str(whole.get("keycloakVersion") or "")
    )


def providers_of(realm: str, part: Mapping[str, Any]) -> RealmState:
    """Return the providers and mappers of a part of a realm in the same format."""
    return sorted_state(realm, _providers(part))


def _resources(whole: Mapping[str, Any]) -> Iterator[Resource]:
    yield realm_from(whole)
    yield events_config_from(whole)
    yield user_profile_from(whole)
    yield from _providers(whole)
    yield from flows_from(whole.get("authenticationFlows") or (), whole.get("authenticatorConfig") or ())
    scopes_of = _scope_roles(whole)
    for scope in whole.get("clientScopes") or ():
        yield client_scope_from(scope, scope_roles=scopes_of.get(("clientScope", scope["name"]), ()))
    for client in whole.get("clients") or ():
        yield client_from(client, scope_roles=scopes_of.get(("client", client["clientId"]), ()))
    for role in (whole.get("roles") or {}).get("realm") or ():
        yield role_from(role, default_role=(whole.get("defaultRole") or {}).get("name", ""))
    for group in whole.get("groups") or ():
        yield from groups_from(group)
    for organization in whole.get("organizations") or ():
        yield organization_from(organization)


def _providers(whole: Mapping[str, Any]) -> Iterator[Resource]:
    providers = [provider_from(provider) for provider in whole.get("identityProviders") or ()]
    yield from providers
    owner_of = {provider.key.name: provider.owner for provider in providers}
    for mapper in whole.get("identityProviderMappers") or ():
        yield mapper_from(mapper, owner=owner_of.get(mapper["identityProviderAlias"], ""))


def _scope_roles(whole: Mapping[str, Any]) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return role names by ``client`` or ``clientScope`` and its name; client roles as ``client/role``."""
    found: dict[tuple[str, str], list[str]] = {}
    named = [("", mapping) for mapping in whole.get("scopeMappings") or ()]
    for client, mappings in (whole.get("clientScopeMappings") or {}).items():
        named += [(f"{client}/", mapping) for mapping in mappings]
    for prefix, mapping in named:
        for holder in ("client", "clientScope"):
            if holder in mapping:
                roles = found.setdefault((holder, mapping[holder]), [])
                roles += [prefix + role for role in mapping.get("roles") or ()]
    return {holder: tuple(sorted(roles)) for holder, roles in found.items()}
