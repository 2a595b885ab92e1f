"""The client secret that the realm already sends to a partner: the only one that a check may send.

The sidecar loads partner files as soon as they change, before anyone has applied them. So a check first
compares the token URL, the client and the fingerprint of the secret with those of the realm.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from partnergate.errors import KeycloakError, SecretError
from partnergate.model.partner import SamlSignIn, SecretSource
from partnergate.realm.desired.provider import secret_destination, sign_in_fields
from partnergate.realm.ownership import SECRET_MARK

if TYPE_CHECKING:
    from collections.abc import Callable

    from partnergate.errors import PartnergateError
    from partnergate.keycloak.connection import KeycloakConnection
    from partnergate.keycloak.secrets import KeyedFingerprints
    from partnergate.model.environment import RealmSpec
    from partnergate.model.partner import ProviderSpec

_PLACE: Final = ("tokenUrl", "clientId", "clientAuthMethod")


class NotSent(NamedTuple):
    """No secret is sent; ``reason`` completes the sentence "not checked: ..."."""

    reason: str
    advice: str = "run the command where the secret and the realm can be read"


_NOT_APPLIED: Final = NotSent("the file is not applied yet", "run partnergate apply, then check again")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedSecrets:
    """Looks up secrets by provider. Without a connection or a fingerprint key, none is sent."""

    realm: RealmSpec
    connection: KeycloakConnection | None
    fingerprints: Callable[[], KeyedFingerprints] = field(repr=False)
    """Called when a secret is needed; raises ``SecretError`` without a fingerprint key."""
    for_partner: bool = False
    """Whether the partner reads the reasons, so that they contain nothing about the host."""

    def __call__(self, provider: ProviderSpec) -> str | NotSent:
        """Return the secret if the realm has it for the same token URL and client; otherwise the reason."""
        sign_in = provider.sign_in
        if isinstance(sign_in, SamlSignIn):
            return NotSent("the partner has no client", "")
        if (ref := sign_in.client_secret) is None:
            return NotSent("only the realm has the key of the client", "run a test login")
        if ref.source is SecretSource.VAULT:
            return NotSent("only the realm can read the client secret", "run a test login")
        if self.connection is None:
            return NotSent("the realm cannot be read here, so the deployed secret is unknown")
        try:
            found = self.connection.get_or_none(f"identity-provider/instances/{provider.alias}")
        except KeycloakError as error:
            return self._failed("the realm cannot be read", error)
        deployed = {name: str(value) for name, value in ((found or {}).get("config") or {}).items()}
        fields = sign_in_fields(sign_in, provider.identity)
        if any(deployed.get(name) != fields[f"config.{name}"] for name in _PLACE):
            return _NOT_APPLIED
        place = secret_destination(self.realm.server_url, self.realm.realm, provider.alias, fields)
        try:
            fingerprints = self.fingerprints()
            secret = fingerprints.resolve(ref)
        except SecretError as error:
            return self._failed("the client secret is not available here", error)
        # The value that is compared is the value that is sent, even if the file changes in between.
        mark = deployed.get(SECRET_MARK, "")
        if not hmac.compare_digest(fingerprints.of_value(secret, place).encode(), mark.encode()):
            return _NOT_APPLIED
        return secret

    def _failed(self, reason: str, error: PartnergateError) -> NotSent:
        if self.for_partner:
            return NotSent(reason, "the host runs the check again")
        return NotSent(f"{reason}: {error.what}", error.advice)
