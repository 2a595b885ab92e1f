"""What was observed during a test login, as plain values. Parsing and requests are in ``doctor``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

Protocol = Literal["oidc", "saml", "oauth2"]


class Signature(StrEnum):
    """The result of verifying a signature with the partner's known keys."""

    VALID = "valid"
    EXPIRED_KEY = "expired_key"
    """The signature is correct, but its certificate has expired."""
    INVALID = "invalid"
    MISSING = "missing"
    UNCHECKED = "unchecked"
    """No key was available to verify it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """One claim or attribute as received, with all its values."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """An ID token or a SAML assertion, parsed but not trusted."""

    signature: Signature
    algorithm: str = ""
    issuer: str = ""
    audiences: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    """SAML: the Recipient and Destination URLs."""
    not_before: datetime | None = None
    not_after: datetime | None = None
    issued: datetime | None = None
    nonce_matches: bool = True
    encrypted: bool = False
    """Only Keycloak can decrypt the message, so its content is not checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the partner file and the realm require of a response."""

    protocol: Protocol
    issuer: str = ""
    audience: str = ""
    recipient: str = ""
    skew_seconds: int = 0
    required: tuple[str, ...] = ()
    """Claims or attributes that a login requires."""
    email_claim: str = ""
    email_domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Observations:
    """Everything observed about one login. Empty fields were not observed."""

    at: datetime
    expected: Expected
    partner_refused: int = 0
    """The HTTP error status from the partner's sign-in URL."""
    partner_refusal: str = ""
    """The text of the partner's error page."""
    partner_error: str = ""
    """The error that the partner returned (OAuth 2.0), or the last segment of a SAML status code."""
    token_error: str = ""
    """The error from the partner's token endpoint."""
    tls_expired: bool = False
    message: Message | None = None
    arrived: tuple[Arrived, ...] | None = None
    """None when the user's claims could not be observed."""
    host_event: str = ""
    """The type of Keycloak's error event, which identifies the step that failed."""
    host_error: str = ""
    """The error of that event."""
    host_page: str = ""
    """The text of the Keycloak page."""
