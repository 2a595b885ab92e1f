"""Desired state: from partner files and realm templates to the resources that a realm should have.

- ``compile``: ``desired_state`` and its parts, over all resources
- ``realm_settings``, ``events_config``, ``user_profile``, ``page_texts``: settings of the realm
- ``client_scope``, ``clients``, ``roles_groups``: the host's clients, scopes, roles and groups
- ``flows``, ``domain_gate``: authentication flows, and the check of email domains
- ``provider``, ``provider_oidc``, ``provider_saml``, ``provider_oauth2``: identity providers
- ``mappers``: their mappers, one for each kind that applies
- ``organization``: a partner as an organization
"""

from partnergate.realm.desired.compile import desired_state, is_deployed, partner_resources, whole_state

__all__ = ("desired_state", "is_deployed", "partner_resources", "whole_state")
