"""Outcomes of a partner's launches and logins: counts, and a reason for each failure.

Keycloak writes no event when the partner rejects a login, or when a response fails before the realm
processes it (docs/attacks.md). The launch service counts how many users it sent to sign in. That
number minus the sessions and the recorded errors is the number of attempts without an outcome.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class LaunchOutcome(StrEnum):
    """The outcome of a step of a launch. A bounded set: it is a metric label and a database value."""

    UNKNOWN_PARTNER = "unknown_partner"
    SUSPENDED = "suspended"
    NOT_DEPLOYED = "not_deployed"
    UNKNOWN_ISSUER = "unknown_issuer"
    TARGET_NOT_ALLOWED = "target_not_allowed"
    STARTED = "started"
    """Allowed: the browser was redirected to the session check."""
    KEPT_SESSION = "kept_session"
    """A live session of the same partner continued."""
    CONFIRMATION_SHOWN = "confirmation_shown"
    """A session of another partner is live: the user decides whether it ends."""
    SENT_TO_SIGN_IN = "sent_to_sign_in"
    """No session existed, or a session of another partner ended first, as the user confirmed."""
    INVALID_STATE = "invalid_state"
    """The response was forged, expired, used before, or from another browser."""
    CHECK_FAILED = "check_failed"
    """Keycloak returned an error for the session check."""
    UNAVAILABLE = "unavailable"
    """Keycloak did not respond."""


PROGRESS: Final = frozenset(
    {
        LaunchOutcome.STARTED,
        LaunchOutcome.KEPT_SESSION,
        LaunchOutcome.CONFIRMATION_SHOWN,
        LaunchOutcome.SENT_TO_SIGN_IN,
    }
)
"""Outcomes that are not failures."""

DESCRIPTIONS: Final[dict[LaunchOutcome, str]] = {
    LaunchOutcome.UNKNOWN_PARTNER: "the link names no known partner",
    LaunchOutcome.SUSPENDED: "the partner is suspended",
    LaunchOutcome.NOT_DEPLOYED: "the partner is not deployed to this environment",
    LaunchOutcome.UNKNOWN_ISSUER: "the issuer does not belong to the partner",
    LaunchOutcome.TARGET_NOT_ALLOWED: "the target is outside the product",
    LaunchOutcome.INVALID_STATE: "the response was forged, expired, used before, or from another browser",
    LaunchOutcome.CHECK_FAILED: "the realm returned an error for the session check",
    LaunchOutcome.UNAVAILABLE: "the realm did not respond",
}
"""Descriptions for the pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Failed attempts with the same reason."""

    reason: str
    """A ``LaunchOutcome``, or the type and error of a realm event."""
    description: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerAttempts:
    """The attempts of one partner, or of no known partner, in a time range."""

    partner: str
    """Empty for attempts that name no known partner."""
    launches: int
    signed_in: int
    """Sessions that started."""
    failures: tuple[Failure, ...]
    no_outcome: int
    """Minimum number of users sent to sign in without a session or an error event afterwards."""

    @property
    def failed(self) -> int:
        """All failed attempts."""
        return self.no_outcome + sum(f.number for f in self.failures)


def partner_attempts(
    partner: str,
    *,
    launches: Mapping[LaunchOutcome, int],
    signed_in: int,
    refused: Iterable[tuple[str, str, int]],
) -> PartnerAttempts:
    """Count one partner's attempts. ``refused``: type, error and number of the realm's error events.

    Users can also sign in without the launch service, so ``no_outcome`` is a lower bound: it never
    counts a successful login as a failure.
    """
    events = [
        Failure(
            reason=f"{kind} {error}",
            description=_EVENT_DESCRIPTIONS.get(error, ""),
            number=-(-number // _EVENTS_PER_FAILURE.get(kind, 1)),
        )
        for kind, error, number in _without_follow_ups(refused)
    ]
    own = [
        Failure(reason=outcome.value, description=DESCRIPTIONS[outcome], number=number)
        for outcome, number in launches.items()
        if outcome not in PROGRESS and number
    ]
    sent = launches.get(LaunchOutcome.SENT_TO_SIGN_IN, 0)
    accounted = signed_in + sum(f.number for f in events)
    return PartnerAttempts(
        partner=partner,
        launches=launches.get(LaunchOutcome.STARTED, 0),
        signed_in=signed_in,
        failures=tuple(sorted((*own, *events), key=lambda f: (-f.number, f.reason))),
        no_outcome=max(0, sent - accounted) if partner else 0,
    )


def _without_follow_ups(refused: Iterable[tuple[str, str, int]]) -> list[tuple[str, str, int]]:
    """Drop the events that Keycloak writes after another one of the same attempt."""
    numbers = {(kind, error): number for kind, error, number in refused}
    for (kind, error), first in _FOLLOW_UPS.items():
        if (kind, error) in numbers:
            numbers[kind, error] -= numbers.get((kind, first), 0)
    return [(kind, error, number) for (kind, error), number in numbers.items() if number > 0]


_FOLLOW_UPS: Final = {
    (
        "IDENTITY_PROVIDER_LOGIN_ERROR",
        "identityProviderUnexpectedErrorMessage",
    ): "different_user_authenticated"
}
"""Event -> the error of the event before it, of the same type. Keycloak 26.7.3 writes only the first."""

_EVENTS_PER_FAILURE: Final = {"IDENTITY_PROVIDER_FIRST_LOGIN_ERROR": 2}
"""Keycloak writes two events when a first login is denied: one for the step, one for the flow."""

_EVENT_DESCRIPTIONS: Final = {
    "access_denied": "the user identifier is missing, or the email address is outside the agreed domains",
    "cookie_not_found": "the response arrived in another browser than the request",
    "different_user_authenticated": "another user had a live session in the browser",
    "email_in_use": "the email address is already in use",
    "federated_identity_account_exists": "the identifier belongs to an existing user",
    "identity_provider_login_failure": "the response was not accepted, or its code could not be redeemed",
    "identityProviderUnexpectedErrorMessage": "the login stopped for a reason that the server does not name",
    "identity_provider_error": "the provider returned an error",
    "invalidRequestMessage": "the state of the response is not from this realm",
    "invalid_saml_response": "the SAML response was misdirected, expired or malformed",
    "invalid_signature": "the signature does not match the agreed keys",
    "invalid_token": "the token is expired or forged",
    "user_not_found": "the user no longer exists",
    "username_in_use": "the username is already in use",
}
