"""What a test login saw, as plain facts; the reading of messages and the asking happen elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

Protocol = Literal["oidc", "saml", "oauth2"]


class Signature(StrEnum):
    """How a signature stands to the keys that are known of the partner."""

    VALID = "valid"
    EXPIRED_KEY = "expired_key"
    """It fits, and the certificate that it fits has ended."""
    INVALID = "invalid"
    MISSING = "missing"
    UNCHECKED = "unchecked"
    """No key was at hand to check it with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """One claim or attribute as it arrived, with all its values."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """An ID token or a SAML assertion, read without being believed."""

    signature: Signature
    algorithm: str = ""
    issuer: str = ""
    audiences: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    """SAML: where it says it may be handed in."""
    not_before: datetime | None = None
    not_after: datetime | None = None
    issued: datetime | None = None
    nonce_fits: bool = True
    encrypted: bool = False
    """Nobody but the server can look inside, so what is inside is not judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the partner file and the realm ask of an answer."""

    protocol: Protocol
    issuer: str = ""
    audience: str = ""
    recipient: str = ""
    skew_seconds: int = 0
    needed: tuple[str, ...] = ()
    """Claims or attributes without which nobody enters."""
    email_claim: str = ""
    email_domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Observations:
    """Everything that was seen of one failed login. Empty fields were not seen."""

    at: datetime
    expected: Expected
    partner_refused: int = 0
    """The status with which the partner's own sign-in address refused our request."""
    partner_refusal: str = ""
    """What the partner's page said then."""
    partner_error: str = ""
    """The error that the partner sent back (OAuth 2.0), or the last part of a SAML status code."""
    token_error: str = ""
    """The error of the partner's token endpoint."""
    tls_expired: bool = False
    message: Message | None = None
    arrived: tuple[Arrived, ...] | None = None
    """None when nothing that tells about the user was seen."""
    host_event: str = ""
    """The type of Keycloak's event about the refusal, which says at which step it was refused."""
    host_error: str = ""
    """The error of that event."""
    host_page: str = ""
    """What Keycloak's page said."""
