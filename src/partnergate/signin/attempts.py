"""What became of launches and logins of a partner, counted, with the reason of each that failed.

Keycloak writes no event when a partner says no, or when an answer fails before the realm looks at it
(docs/attacks.md). The launch service knows how many people it sent to sign in, so what is left after
everybody who got in and every refusal on record is how many came to nothing without a trace.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class LaunchOutcome(StrEnum):
    """One thing that happened to a launch. A bounded set: it labels metrics and rows."""

    UNKNOWN_PARTNER = "unknown_partner"
    SUSPENDED = "suspended"
    NOT_DEPLOYED = "not_deployed"
    UNKNOWN_ISSUER = "unknown_issuer"
    TARGET_NOT_ALLOWED = "target_not_allowed"
    BEGUN = "begun"
    """Allowed, and the browser was sent to be asked for its session."""
    KEPT_SESSION = "kept_session"
    """A live session of the same partner went on."""
    SENT_TO_SIGN_IN = "sent_to_sign_in"
    """There was no session, or one of another partner that was ended first."""
    NOT_OURS = "not_ours"
    """An answer that is forged, too old, used before, or of another browser."""
    CHECK_FAILED = "check_failed"
    """Keycloak answered the silent check with an error, or its token proves nothing."""
    UNAVAILABLE = "unavailable"
    """Keycloak did not answer."""


PROGRESS: Final = frozenset({LaunchOutcome.BEGUN, LaunchOutcome.KEPT_SESSION, LaunchOutcome.SENT_TO_SIGN_IN})
"""Not failures."""

NAMES: Final[dict[LaunchOutcome, str]] = {
    LaunchOutcome.UNKNOWN_PARTNER: "a link that names no partner",
    LaunchOutcome.SUSPENDED: "the partner is suspended",
    LaunchOutcome.NOT_DEPLOYED: "the partner is not open here",
    LaunchOutcome.UNKNOWN_ISSUER: "an issuer that is not the partner's",
    LaunchOutcome.TARGET_NOT_ALLOWED: "a target outside the product",
    LaunchOutcome.NOT_OURS: "an answer that was forged, old, used before, or of another browser",
    LaunchOutcome.CHECK_FAILED: "the realm answered the session check with an error",
    LaunchOutcome.UNAVAILABLE: "the realm did not answer",
}
"""In words, for the pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Attempts that failed for one reason."""

    reason: str
    """A ``LaunchOutcome``, or type and error of a realm event."""
    words: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerAttempts:
    """One partner, or nobody in particular, in one span."""

    partner: str
    """Empty for what names no partner."""
    launches: int
    signed_in: int
    """Sessions that began."""
    failures: tuple[Failure, ...]
    without_end: int
    """At least so many were sent to sign in, and neither a session nor a refusal followed."""

    @property
    def failed(self) -> int:
        """All of them."""
        return self.without_end + sum(f.number for f in self.failures)


def partner_attempts(
    partner: str,
    *,
    launches: Mapping[LaunchOutcome, int],
    signed_in: int,
    refused: Iterable[tuple[str, str, int]],
) -> PartnerAttempts:
    """One partner's counts. ``refused``: type, error and number of the realm's events that name it.

    People also sign in without the launch service, so the difference is a least number: it never
    accuses anybody of a failure that was a success.
    """
    events = [
        Failure(
            reason=f"{kind} {error}",
            words=_EVENT_WORDS.get(error, ""),
            number=-(-number // _TIMES.get(kind, 1)),
        )
        for kind, error, number in refused
    ]
    own = [
        Failure(reason=outcome.value, words=NAMES[outcome], number=number)
        for outcome, number in launches.items()
        if outcome not in PROGRESS and number
    ]
    sent = launches.get(LaunchOutcome.SENT_TO_SIGN_IN, 0)
    accounted = signed_in + sum(f.number for f in events)
    return PartnerAttempts(
        partner=partner,
        launches=launches.get(LaunchOutcome.BEGUN, 0),
        signed_in=signed_in,
        failures=tuple(sorted((*own, *events), key=lambda f: (-f.number, f.reason))),
        without_end=max(0, sent - accounted) if partner else 0,
    )


_TIMES: Final = {"IDENTITY_PROVIDER_FIRST_LOGIN_ERROR": 2}
"""Keycloak writes the refusal of a first login twice: the step, and then the flow."""

_EVENT_WORDS: Final = {
    "access_denied": "no identifier, or an e-mail address outside the agreed domains",
    "cookie_not_found": "an answer in another browser than the question",
    "different_user_authenticated": "a session of another user was live",
    "email_in_use": "the e-mail address is taken",
    "federated_identity_account_exists": "the identifier belongs to a user who is already here",
    "identity_provider_login_failure": "the answer was not accepted, or its code could not be redeemed",
    "identity_provider_error": "the provider answered with an error",
    "invalidRequestMessage": "an answer whose state is not the realm's",
    "invalid_saml_response": "a SAML answer that is misdirected, outdated or not well-formed",
    "invalid_signature": "a signature that does not fit the agreed keys",
    "invalid_token": "a token that is over or forged",
    "user_not_found": "the user is gone",
    "username_in_use": "the user name is taken",
}
