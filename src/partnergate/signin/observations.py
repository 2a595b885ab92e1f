"""What was observed during a test login, as plain values. Parsing and requests are in ``doctor``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable
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


class PartnerPage(StrEnum):
    """The kind of the partner's page on which a login ended."""

    OTHER = "other"
    PASSWORD_REJECTED = "password_rejected"  # noqa: S105 - a kind of page
    CONSENT = "consent"
    NOT_AUTOMATED = "not_automated"
    """It asks for input that the test does not have, such as a second factor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """One claim or attribute as received, with all its values.

    A claim inside another one has the path to it as its name, such as ``profile.email``.
    """

    name: str
    values: tuple[str, ...]
    friendly_name: str = ""
    """SAML: another name by which Keycloak finds the attribute."""


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
    received: datetime | None = None
    """When the message was received, by our clock."""
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
    partner_page: PartnerPage = PartnerPage.OTHER
    partner_error: str = ""
    """The error that the partner returned (OAuth 2.0), or the last segment of a SAML status code."""
    token_error: str = ""
    """The error from the partner's token endpoint."""
    tls_expired: bool = False
    message: Message | None = None
    arrived: tuple[Arrived, ...] | None = None
    """None when the user's claims could not be observed."""
    only_in_userinfo: tuple[str, ...] = ()
    """OpenID Connect: mapped claims of the user-info endpoint only, which Keycloak does not call."""
    host_event: str = ""
    """The type of Keycloak's error event, which identifies the step that failed."""
    host_error: str = ""
    """The error of that event."""
    host_page: str = ""
    """The text of the Keycloak page."""


def values_by_name(arrived: Iterable[Arrived]) -> dict[str, list[str]]:
    """Return the values that are not empty by every name under which Keycloak finds them."""
    found: dict[str, list[str]] = {}
    for claim in arrived:
        for name in dict.fromkeys(filter(None, (claim.name, claim.friendly_name))):
            found.setdefault(name, []).extend(value for value in claim.values if value)
    return found
