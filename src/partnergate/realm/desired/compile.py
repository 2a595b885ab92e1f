"""Compiles partner files and realm templates to the desired state of a realm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.model.partner import Stage
from partnergate.realm.desired.client_scope import client_scope_resources
from partnergate.realm.desired.clients import client_resource
from partnergate.realm.desired.events_config import events_config_resource
from partnergate.realm.desired.flows import gate_flows, realm_flows
from partnergate.realm.desired.mappers import mapper_resources
from partnergate.realm.desired.organization import organization_resource
from partnergate.realm.desired.provider import provider_resource
from partnergate.realm.desired.realm_settings import realm_settings_resource
from partnergate.realm.desired.roles_groups import (
    default_role_resource,
    group_resources,
    role_resources,
)
from partnergate.realm.desired.user_profile import user_profile_resource
from partnergate.realm.state import sorted_state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.model.environment import RealmSpec
    from partnergate.model.partner import PartnerSpec
    from partnergate.realm.ports import Fingerprints
    from partnergate.realm.state import RealmState, Resource


def desired_state(
    workspace_realm: RealmSpec,
    partners: tuple[PartnerSpec, ...],
    *,
    fingerprints: Fingerprints,
    server_version: str,
) -> RealmState:
    """Return the desired state, which does not depend on the order of the partners."""
    of_partners = partner_resources(workspace_realm, partners, fingerprints=fingerprints)
    return whole_state(workspace_realm, partners, of_partners, server_version=server_version)


def partner_resources(
    realm: RealmSpec, partners: tuple[PartnerSpec, ...], *, fingerprints: Fingerprints
) -> tuple[Resource, ...]:
    """Return the resources of the partner files, which are the same on every server version."""
    return tuple(
        resource
        for partner in partners
        if is_deployed(realm, partner)
        for resource in _partner_resources(realm, partner, fingerprints)
    )


def whole_state(
    realm: RealmSpec,
    partners: tuple[PartnerSpec, ...],
    of_partners: tuple[Resource, ...],
    *,
    server_version: str,
) -> RealmState:
    """Return the state with the resources of the partners and of the templates for a server version."""
    deployed = tuple(partner for partner in partners if is_deployed(realm, partner))
    of_realm = _realm_resources(realm, deployed, server_version=server_version)
    return sorted_state(realm.realm, [*of_realm, *of_partners])


def is_deployed(realm: RealmSpec, partner: PartnerSpec) -> bool:
    """Whether the partner has resources in the realm.

    A suspended partner keeps its disabled provider, so that its users and their history remain.
    """
    return partner.stage is Stage.SUSPENDED or (
        partner.stage in realm.stages and partner.stage not in {Stage.DRAFT, Stage.RETIRED}
    )


def _realm_resources(
    realm: RealmSpec, partners: tuple[PartnerSpec, ...], *, server_version: str
) -> Iterator[Resource]:
    yield realm_settings_resource(realm)
    yield user_profile_resource(realm, partners)
    yield events_config_resource(realm, server_version=server_version)
    yield default_role_resource(realm)
    yield from role_resources(realm)
    yield from group_resources(realm)
    yield from realm_flows(provider.alias for partner in partners for provider in partner.providers)
    yield from client_scope_resources(realm)
    for client in realm.clients:
        yield client_resource(realm, client)


def _partner_resources(
    realm: RealmSpec, partner: PartnerSpec, fingerprints: Fingerprints
) -> Iterator[Resource]:
    enabled = partner.stage is not Stage.SUSPENDED
    for provider in partner.providers:
        yield provider_resource(realm, partner, provider, enabled=enabled, fingerprints=fingerprints)
        yield from gate_flows(partner, provider)
        yield from mapper_resources(partner, provider)
    yield organization_resource(partner, enabled=enabled)
