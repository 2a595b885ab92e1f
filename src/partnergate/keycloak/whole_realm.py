"""Reads a whole realm, by export or by lists, into one shape.

The shape is Keycloak's partial export plus three keys: ``organizations`` (each with
``identityProviders``, the linked aliases), ``userProfile`` and, on every provider of an
organization, ``organizationId``. Values that differ between the two ways without a difference in
meaning are made equal: built-in flows and secrets are dropped, ids of flows become aliases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from partnergate.errors import KeycloakForbiddenError
from partnergate.keycloak.background import BackgroundTask
from partnergate.keycloak.connection import segment
from partnergate.keycloak.lock import LOCK_ROLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import ThreadPoolExecutor

    from partnergate.keycloak.connection import KeycloakConnection

Representation = dict[str, Any]

EXPORT_SECONDS = 300.0
"""The transaction time-out of the server, which first loads the organization of each provider."""
PAGE = 1000
"""Each page costs the server a search; a page of this size still fits in memory."""
WORKERS = 4
_EXPORT_ONLY = ("components", "requiredActions", "users")
"""Not managed, and lists would need extra calls for them."""
_CLIENT_ONLY_WHEN_LISTED = ("access", "secret", "registrationAccessToken")


def represented(connection: KeycloakConnection) -> Representation:
    """Read the realm by the fastest permitted way."""
    try:
        return exported(connection)
    except KeycloakForbiddenError:
        return listed(connection)


def exported(connection: KeycloakConnection) -> Representation:
    """Read by partial export: few calls for any number of providers. Needs ``manage-realm``.

    The export has no organizations and no links to them, so lists are read in parallel with it; the
    export takes the longest.
    """
    providers = BackgroundTask(lambda: list(pages(connection, "identity-provider/instances")))
    profile = BackgroundTask(lambda: connection.get("users/profile"))
    organizations = BackgroundTask(lambda: _organization_list(connection))
    whole: Representation = connection.post_for_json(
        "partial-export", read_seconds=EXPORT_SECONDS, exportClients=True, exportGroupsAndRoles=True
    )
    whole["userProfile"] = profile.result()
    whole["identityProviders"] = providers.result()
    whole["organizations"] = _organizations(whole, organizations.result)
    return _normalized(whole)


def listed(connection: KeycloakConnection) -> Representation:
    """Read by paged lists, for an account with view permissions only."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - the export does not need it

    whole: Representation = dict(connection.get(""))
    whole["keycloakVersion"] = server_version(connection)
    whole["userProfile"] = connection.get("users/profile")
    whole["localizationTexts"] = {
        locale: connection.get(f"localization/{segment(locale)}") for locale in connection.get("localization")
    }
    whole["identityProviders"] = list(pages(connection, "identity-provider/instances"))
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        per_provider = pool.map(
            lambda p: connection.get(f"identity-provider/instances/{segment(p['alias'])}/mappers"),
            whole["identityProviders"],
        )
        whole["identityProviderMappers"] = [mapper for mappers in per_provider for mapper in mappers]
    whole["clients"] = list(pages(connection, "clients"))
    whole["clientScopes"] = connection.get("client-scopes")
    whole["defaultDefaultClientScopes"] = [s["name"] for s in connection.get("default-default-client-scopes")]
    whole["defaultOptionalClientScopes"] = [
        s["name"] for s in connection.get("default-optional-client-scopes")
    ]
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        whole["scopeMappings"], whole["clientScopeMappings"] = _scope_mappings(connection, whole, pool)
    whole["roles"] = {"realm": _roles(connection, whole["clients"])}
    whole["groups"] = [_group(connection, g) for g in pages(connection, "groups", briefRepresentation=False)]
    whole["authenticationFlows"], whole["authenticatorConfig"] = _flows(connection)
    whole["organizations"] = _organizations(whole, lambda: _organization_list(connection))
    return _normalized(whole)


def with_providers_again(
    connection: KeycloakConnection, whole: Representation, aliases: frozenset[str]
) -> tuple[Representation, Representation]:
    """Return ``whole`` with only these providers and their mappers replaced by their present state."""
    # From the list, because a failed import leaves a phantom that only a GET by alias returns.
    providers = [
        provider
        for alias in sorted(aliases)
        for provider in pages(connection, "identity-provider/instances", search=alias)
        if provider["alias"] == alias
    ]
    mappers = [
        mapper
        for provider in providers
        for mapper in connection.get(f"identity-provider/instances/{segment(provider['alias'])}/mappers")
    ]
    part: Representation = {"identityProviders": providers, "identityProviderMappers": mappers}
    return whole | {
        "identityProviders": [p for p in whole["identityProviders"] if p["alias"] not in aliases] + providers,
        "identityProviderMappers": [
            m for m in whole["identityProviderMappers"] if m["identityProviderAlias"] not in aliases
        ]
        + mappers,
    }, part


def server_version(connection: KeycloakConnection) -> str:
    """The server version; empty when the account may not read it, as most realm accounts may not."""
    information = connection.get("/admin/serverinfo") or {}
    return str((information.get("systemInfo") or {}).get("version") or "")


def pages(connection: KeycloakConnection, path: str, **query: Any) -> Iterator[Representation]:
    """Every item of a list. Without ``first`` and ``max``, several lists silently stop at 100."""
    first = 0
    while page := connection.get(path, first=first, max=PAGE, **query):
        yield from page
        if len(page) < PAGE:
            return
        first += PAGE


def _organization_list(connection: KeycloakConnection) -> list[Representation]:
    return list(pages(connection, "organizations", briefRepresentation=False))


def _organizations(whole: Representation, listed: Callable[[], list[Representation]]) -> list[Representation]:
    """The organizations, each with the aliases of its providers; empty when the feature is off."""
    if not whole.get("organizationsEnabled"):
        return []
    linked: dict[str, list[str]] = {}
    for provider in whole["identityProviders"]:
        if organization := provider.get("organizationId"):
            linked.setdefault(organization, []).append(provider["alias"])
    return [
        organization | {"identityProviders": sorted(linked.get(organization["id"], ()))}
        for organization in listed()
    ]


def _scope_mappings(
    connection: KeycloakConnection, whole: Representation, pool: ThreadPoolExecutor
) -> tuple[list[Representation], dict[str, list[Representation]]]:
    """The role scope mappings of client scopes and clients, as the export lists them."""
    holders = [("clientScope", s["name"], f"client-scopes/{s['id']}") for s in whole["clientScopes"]]
    holders += [("client", c["clientId"], f"clients/{c['id']}") for c in whole["clients"]]
    found = pool.map(lambda holder: connection.get(f"{holder[2]}/scope-mappings"), holders)
    of_realm: list[Representation] = []
    of_clients: dict[str, list[Representation]] = {}
    for (kind, name, _), mappings in zip(holders, found, strict=True):
        if roles := mappings.get("realmMappings"):
            of_realm.append({kind: name, "roles": [role["name"] for role in roles]})
        for client, inner in (mappings.get("clientMappings") or {}).items():
            roles = [role["name"] for role in inner["mappings"]]
            of_clients.setdefault(client, []).append({kind: name, "roles": roles})
    return of_realm, of_clients


def _roles(connection: KeycloakConnection, clients: list[Representation]) -> list[Representation]:
    names = {client["id"]: client["clientId"] for client in clients}
    roles = list(pages(connection, "roles", briefRepresentation=False))
    for role in roles:
        if not role.get("composite"):
            continue
        inner: Representation = {}
        for part in connection.get(f"roles-by-id/{role['id']}/composites"):
            if part.get("clientRole"):
                client = names.get(part["containerId"], part["containerId"])
                inner.setdefault("client", {}).setdefault(client, []).append(part["name"])
            else:
                inner.setdefault("realm", []).append(part["name"])
        role["composites"] = inner
    return roles


def _group(connection: KeycloakConnection, group: Representation) -> Representation:
    children = (
        [
            _group(connection, child)
            for child in pages(connection, f"groups/{group['id']}/children", briefRepresentation=False)
        ]
        if group.get("subGroupCount")
        else []
    )
    return {k: v for k, v in group.items() if k not in {"access", "subGroupCount"}} | {"subGroups": children}


def _flows(connection: KeycloakConnection) -> tuple[list[Representation], list[Representation]]:
    """The flows that are not built in, with inner flows beside them as in the export, and their configs."""
    flows: list[Representation] = []
    configs: dict[str, Representation] = {}
    for top in connection.get("authentication/flows"):
        if top.get("builtIn"):
            continue
        flows.append(top)
        for execution in connection.get(f"authentication/flows/{segment(top['alias'])}/executions"):
            if execution.get("authenticationFlow"):
                flows.append(connection.get(f"authentication/flows/{execution['flowId']}"))
            if config := execution.get("authenticationConfig"):
                configs[config] = connection.get(f"authentication/config/{config}")
    return flows, list(configs.values())


def _normalized(whole: Representation) -> Representation:
    """Equal meaning as equal values: drops built-in flows, secrets and ids that differ by server."""
    aliases = {flow["id"]: flow["alias"] for flow in whole["authenticationFlows"]}
    whole["authenticationFlows"] = [f for f in whole["authenticationFlows"] if not f.get("builtIn")]
    used = {
        execution["authenticatorConfig"]
        for flow in whole["authenticationFlows"]
        for execution in flow["authenticationExecutions"]
        if "authenticatorConfig" in execution
    }
    whole["authenticatorConfig"] = [c for c in whole["authenticatorConfig"] if c["alias"] in used]
    for name in _EXPORT_ONLY:
        whole.pop(name, None)
    whole["localizationTexts"] = whole.get("localizationTexts") or {}
    for name in ("defaultDefaultClientScopes", "defaultOptionalClientScopes"):
        whole[name] = sorted(whole.get(name) or ())
    whole["roles"] = {"realm": [r for r in whole["roles"]["realm"] if r["name"] != LOCK_ROLE]}
    whole["clients"] = [
        {k: v for k, v in client.items() if k not in _CLIENT_ONLY_WHEN_LISTED}
        | {
            "authenticationFlowBindingOverrides": {
                name: aliases.get(flow, flow)
                for name, flow in client.get("authenticationFlowBindingOverrides", {}).items()
            }
        }
        for client in whole["clients"]
    ]
    return whole
