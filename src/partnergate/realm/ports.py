"""What the desired state needs from outside: fingerprints of secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from partnergate.model.partner import SecretRef


class Fingerprints(Protocol):
    """Keyed hashes of secrets; the key and the values stay with the adapter."""

    def __call__(self, ref: SecretRef, place: str) -> str:
        """The same for the same value at the same place, and different for any other pair.

        ``place`` names the realm, the provider and the URL that the secret is sent to, so that a
        secret which is to go somewhere else counts as changed.
        Raises ``SecretError`` when the reference cannot be resolved.
        """
        ...
