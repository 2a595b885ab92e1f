"""The rules for attributing the sessions of a whole realm, and the instant from which they are in effect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from partnergate.model.environment import RealmSpec

BUILT_IN_CLIENTS: Final = frozenset(
    {
        "account",
        "account-console",
        "admin-cli",
        "broker",
        "realm-management",
        "security-admin-console",
    }
)
"""Keycloak's own; a login to them does not use the host's product."""
DEFAULT_LIFESPAN_S: Final = 36_000
STAGING: Final = "staging"


@dataclass(frozen=True, slots=True, kw_only=True)
class RealmRules:
    """Which clients count, whether anything is billed, and the longest lifetime of a session."""

    clients: frozenset[str] = frozenset()
    """The host's clients; empty means all but Keycloak's own."""
    staging: bool = False
    lifespan_s: int = DEFAULT_LIFESPAN_S
    """``ssoSessionMaxLifespan``; a session without a known end is over after it."""

    def counts(self, client: str) -> bool:
        """Whether the client is a part of the host's product."""
        return client in self.clients if self.clients else client not in BUILT_IN_CLIENTS


def realm_rules(realm: RealmSpec) -> RealmRules:
    """Return the rules of a realm template. The environment ``staging`` is never billed."""
    settings = dict(realm.settings)
    lifespan = settings.get("ssoSessionMaxLifespan", DEFAULT_LIFESPAN_S)
    return RealmRules(
        clients=frozenset(c.client_id for c in realm.clients if not c.session_check),
        staging=realm.environment == STAGING,
        lifespan_s=lifespan if isinstance(lifespan, int) and lifespan > 0 else DEFAULT_LIFESPAN_S,
    )
