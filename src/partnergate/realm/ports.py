"""What planning may ask of a realm: reading only. Writing is a port of ``applying``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from partnergate.model.partner import Alias, SecretRef
    from partnergate.realm.state import RealmState


class RealmReader(Protocol):
    """The actual state of one realm."""

    def read_state(self) -> RealmState:
        """Everything partnergate could manage, normalised; foreign resources have an empty owner.

        Raises ``KeycloakNotFoundError`` when the realm is not there.
        """
        ...

    def linked_users(self, alias: Alias) -> int:
        """How many users have a link to the provider."""
        ...

    def server_version(self) -> str:
        """The server's version as it names it, for example ``26.7.3``."""
        ...


class Fingerprints(Protocol):
    """Keyed hashes of secrets; the key and the values stay with the adapter."""

    def __call__(self, ref: SecretRef, place: str) -> str:
        """The same for the same value at the same place, and different for any other pair.

        ``place`` names the realm, the provider and the URL that the secret is sent to, so that a
        secret which is to go somewhere else counts as changed.
        Raises ``SecretError`` when the reference cannot be resolved.
        """
        ...
