"""The desired state with what the realm itself determines: its default role and its built-in client scopes.

Files do not name either. The name of the default role stays when a realm is renamed, and a realm can be
created without the client scopes that Keycloak has by default.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from partnergate.realm.comparable import thaw
from partnergate.realm.desired.clients import STANDARD_SCOPES
from partnergate.realm.desired.roles_groups import default_role_name
from partnergate.realm.state import ResourceKey, ResourceKind, sorted_state

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partnergate.realm.state import RealmState, Resource

_SCOPES: Final = "defaultClientScopes"


def fitted(desired: RealmState, actual: RealmState) -> RealmState:
    """``desired`` with the default role and the client scopes of ``actual``; unchanged for a new realm."""
    realm = _realm(actual)
    if realm is None:
        return desired
    missing = missing_scopes(actual)
    default = default_role(actual)
    usual = ResourceKey(kind=ResourceKind.ROLE, name=default_role_name(desired.realm))
    if not missing and default in {"", usual.name}:
        return desired
    resources = [_fitted(one, missing, usual, default) for one in desired.resources]
    return sorted_state(desired.realm, resources, server_version=desired.server_version)


def missing_scopes(actual: RealmState) -> frozenset[str]:
    """The client scopes of a new realm that this one does not have; empty for a realm that does not exist.

    A scope of that name for SAML does not count: the server does not assign it to the host's clients.
    """
    if _realm(actual) is None:
        return frozenset()
    present = {
        one.key.name
        for one in actual.resources
        if one.key.kind is ResourceKind.CLIENT_SCOPE and one.fields.get("protocol") == "openid-connect"
    }
    return frozenset(STANDARD_SCOPES) - present


def default_role(actual: RealmState) -> str:
    """The name of the realm's default role, by reference; empty if the realm does not exist."""
    realm = _realm(actual)
    named: Mapping[str, str] = (thaw(realm.fields.get("defaultRole")) or {}) if realm else {}
    return named.get("name", "")


def _realm(actual: RealmState) -> Resource | None:
    """The settings of a realm that was read: every realm has a default role."""
    settings = (one for one in actual.resources if one.key.kind is ResourceKind.REALM)
    return next((one for one in settings if "defaultRole" in one.fields), None)


def _fitted(one: Resource, missing: frozenset[str], usual: ResourceKey, default: str) -> Resource:
    if one.key == usual and default:
        return replace(one, key=ResourceKey(kind=usual.kind, name=default))
    scopes = one.fields.get(_SCOPES)
    if one.key.kind is not ResourceKind.CLIENT or not isinstance(scopes, tuple):
        return one
    return replace(one, fields=dict(one.fields) | {_SCOPES: tuple(s for s in scopes if s not in missing)})
