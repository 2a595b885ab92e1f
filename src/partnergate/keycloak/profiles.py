"""User profiles of a realm, for the counts of identity quality. Needs ``view-users``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from partnergate.keycloak.connection import segment

if TYPE_CHECKING:
    from partnergate.keycloak.connection import KeycloakConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class UserProfile:
    """Names and email address of a user in clear; never stored or printed."""

    first_name: str | None = field(repr=False)
    last_name: str | None = field(repr=False)
    email: str | None = field(repr=False)


class KeycloakProfiles:
    """Reads profiles, one at a time."""

    def __init__(self, connection: KeycloakConnection) -> None:
        self._connection = connection

    def profile(self, user_id: str) -> UserProfile | None:
        """The profile of one user, or None when the user was deleted. Raises ``KeycloakForbiddenError``."""
        found = self._connection.get_or_none(f"users/{segment(user_id)}")
        if found is None:
            return None
        return UserProfile(
            first_name=found.get("firstName"), last_name=found.get("lastName"), email=found.get("email")
        )
