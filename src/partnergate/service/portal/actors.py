"""Who makes a request, for the audit log: the identity that the authorization of the route verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.audit.actor import actor_of_token

if TYPE_CHECKING:
    from fastapi import Request

    from partnergate.audit.actor import Actor


def actor_of(request: Request) -> Actor:
    """Return the actor of a request to a route that needs a token."""
    principal = request.state.principal
    return actor_of_token(principal.user, principal.client_id)
