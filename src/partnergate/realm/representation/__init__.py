"""Converts Keycloak representations to resources and back. Pure, with one module for each kind.

- ``whole``: a realm as a ``RealmState``
- ``provider``: identity providers and their mappers
- ``client``, ``client_scope``, ``flow``, ``organization``, ``roles_groups``: the kinds of that name
- ``settings``: realm settings, event settings and user profile
- ``attributes``: attributes and the ownership mark in them
"""

from partnergate.realm.representation.client import client_to
from partnergate.realm.representation.client_scope import client_scope_to
from partnergate.realm.representation.flow import flow_to
from partnergate.realm.representation.organization import organization_to
from partnergate.realm.representation.provider import mapper_to, provider_to
from partnergate.realm.representation.roles_groups import group_to, role_to
from partnergate.realm.representation.settings import events_config_to, realm_to, user_profile_to
from partnergate.realm.representation.whole import providers_of, state_of

__all__ = (
    "client_scope_to",
    "client_to",
    "events_config_to",
    "flow_to",
    "group_to",
    "mapper_to",
    "organization_to",
    "provider_to",
    "providers_of",
    "realm_to",
    "role_to",
    "state_of",
    "user_profile_to",
)
