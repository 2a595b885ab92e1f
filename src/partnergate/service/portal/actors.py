"""Who makes a request, for the audit log: the identity that the authorization of the route verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.audit.actor import actor_of_token

if TYPE_CHECKING:
    from partnergate.audit.actor import Actor
    from partnergate.service.api.tokens import Principal


def actor_of(principal: Principal) -> Actor:
    """Return the actor of a request to a route that needs a token.

    A partner's user is named by Keycloak's user ID, so that the identifier at the partner is not stored
    (docs/decisions/personal-data.md).
    """
    if principal.partner is not None:
        return actor_of_token(f"{principal.partner} user {principal.subject}", principal.client_id)
    return actor_of_token(principal.username or principal.subject, principal.client_id)
