"""Maps the observations of a failed login to one reason of the closed list. Pure.

Reasons are checked in the order of a login, because an early failure hides later ones. Within a
message, the signature comes first, because the content is not trustworthy without it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from partnergate.signin.observations import Signature
from partnergate.signin.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.signin.observations import Expected, Message, Observations

_DENIED: Final = frozenset({"access_denied", "AuthnFailed", "RequestDenied"})
_WRONG_CLIENT: Final = frozenset({"invalid_client", "unauthorized_client"})
_ADDRESS_WORDS: Final = ("redirect", "callback", "reply", "return url", "consumer", "acs", "destination")
_TAKEN_EVENTS: Final = frozenset({"federated_identity_account_exists", "username_in_use", "email_in_use"})
_DENIED_BY_FLOW: Final = {
    "IDENTITY_PROVIDER_FIRST_LOGIN_ERROR": Reason.MISSING_CLAIM,
    "IDENTITY_PROVIDER_POST_LOGIN_ERROR": Reason.EMAIL_DOMAIN_REFUSED,
}
"""What our own flows deny, by event type: a missing user identifier, an email domain that is not allowed."""
_DEFAULT_SKEW: Final = timedelta(seconds=5)
"""Allowance for the time between the response and its inspection."""


def reason_of(seen: Observations) -> Reason:
    """Return the first reason that applies, in login order; ``UNKNOWN`` when none does."""
    return next(reasons_of(seen), Reason.UNKNOWN)


def reasons_of(seen: Observations) -> Iterator[Reason]:
    """Yield every reason that applies, in login order."""
    yield from _partner_reasons(seen)
    if seen.message is not None:
        yield from _message_reasons(seen.message, seen.expected, seen)
    if _is_misdirected(seen):
        yield Reason.WRONG_AUDIENCE
    yield from _user_reasons(seen)
    if seen.host_error == "access_denied" and seen.host_event in _DENIED_BY_FLOW:
        yield _DENIED_BY_FLOW[seen.host_event]
    if seen.host_error in _TAKEN_EVENTS or "already exists" in seen.host_page:
        yield Reason.DUPLICATE_USER


def _partner_reasons(seen: Observations) -> Iterator[Reason]:
    text = seen.partner_refusal.lower()
    if seen.partner_refused and any(word in text for word in _ADDRESS_WORDS):
        yield Reason.REDIRECT_URI_NOT_REGISTERED
    if seen.partner_error in _DENIED:
        yield Reason.USER_DENIED
    if seen.tls_expired:
        yield Reason.EXPIRED_CERTIFICATE
    if seen.token_error in _WRONG_CLIENT:
        yield Reason.WRONG_CLIENT_SECRET


def _message_reasons(message: Message, expected: Expected, seen: Observations) -> Iterator[Reason]:
    if message.signature is Signature.EXPIRED_KEY:
        yield Reason.EXPIRED_CERTIFICATE
    if message.signature in {Signature.INVALID, Signature.MISSING}:
        yield Reason.BAD_SIGNATURE
    if message.encrypted:
        return
    if expected.issuer and message.issuer != expected.issuer:
        yield Reason.ISSUER_MISMATCH
    if expected.audience and expected.audience not in message.audiences:
        yield Reason.WRONG_AUDIENCE
    skew = timedelta(seconds=expected.skew_seconds) + _DEFAULT_SKEW
    early = [t for t in (message.not_before, message.issued) if t is not None and t - skew > seen.at]
    late = message.not_after is not None and message.not_after + skew < seen.at
    if early or late:
        yield Reason.CLOCK_SKEW


def _is_misdirected(seen: Observations) -> bool:
    """SAML: whether the assertion names another recipient than the URL that received it."""
    if seen.message is None or not seen.message.recipients or not seen.expected.recipient:
        return False
    return any(recipient != seen.expected.recipient for recipient in seen.message.recipients)


def _user_reasons(seen: Observations) -> Iterator[Reason]:
    if seen.arrived is None:
        return
    received = {claim.name: [v for v in claim.values if v] for claim in seen.arrived}
    if any(not received.get(name) for name in seen.expected.required):
        yield Reason.MISSING_CLAIM
    domains = {domain.lower() for domain in seen.expected.email_domains}
    addresses = received.get(seen.expected.email_claim) or []
    if domains and any(a.rpartition("@")[2].lower() not in domains for a in addresses):
        yield Reason.EMAIL_DOMAIN_REFUSED
