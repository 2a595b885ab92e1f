"""A token verifier for the sidecar whose tokens are names, so that tests show who makes a request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from partnergate.service.api.tokens import InvalidTokenError, Principal

if TYPE_CHECKING:
    from collections.abc import Mapping


def principal(*roles: str, partner: str | None = None, username: str = "") -> Principal:
    """A principal with these roles. The user ID of a partner's user is ``u-`` and the partner."""
    return Principal(
        client_id="c",
        roles=frozenset(roles),
        partner=partner,
        subject=f"u-{partner or username}",
        username=username,
    )


USUAL = {
    "operator": principal("partnergate-operator", username="anna"),
    "acme": principal("partner-billing", partner="acme"),
    "globex": principal("partner-billing", partner="globex"),
}
"""An operator of the host, and the billing contacts of two partners."""


@dataclass(frozen=True, slots=True)
class NamedTokens:
    """Accepts the names of the principals as tokens, and no other token."""

    known: Mapping[str, Principal] = field(default_factory=lambda: USUAL)

    def needs_keys(self, token: str) -> bool:
        """Names need no keys."""
        return False

    def verify(self, token: str) -> Principal:
        """The principal of that name."""
        if token not in self.known:
            raise InvalidTokenError("the token is not valid")
        return self.known[token]
