"""Maps the observations of a failed login to one reason of the closed list, and describes them. Pure.

Evidence of the pages and of the realm's events comes first, because it is what happened. The rest is
checked in the order of a login, because an early failure hides later ones. Within a message, the
signature comes first, because the content is not trustworthy without it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from partnergate.signin.failure_reasons import Reason
from partnergate.signin.observations import PartnerPage, Signature, values_by_name

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
_PAGES: Final = {
    PartnerPage.PASSWORD_REJECTED: Reason.WRONG_PASSWORD,
    PartnerPage.CONSENT: Reason.CONSENT_REQUIRED,
    PartnerPage.NOT_AUTOMATED: Reason.SIGN_IN_PAGE_NOT_AUTOMATED,
}
_DEFAULT_SKEW: Final = timedelta(seconds=5)
"""Allowance for the time between the response and its inspection."""


def reason_of(observed: Observations) -> Reason:
    """Return the first reason that applies, evidence first; ``UNKNOWN`` when none does."""
    return next(reasons_of(observed), Reason.UNKNOWN)


def reasons_of(observed: Observations) -> Iterator[Reason]:
    """Yield every reason that applies: what the realm recorded, then in login order."""
    yield from _host_reasons(observed)
    yield from _partner_reasons(observed)
    if observed.message is not None:
        yield from _message_reasons(observed.message, observed.expected, observed)
    if _is_misdirected(observed):
        yield Reason.WRONG_AUDIENCE
    yield from _user_reasons(observed)


def _host_reasons(observed: Observations) -> Iterator[Reason]:
    """What the realm itself recorded, after it accepted the partner's message."""
    if observed.host_error == "access_denied" and observed.host_event in _DENIED_BY_FLOW:
        yield _DENIED_BY_FLOW[observed.host_event]
    if observed.host_error in _TAKEN_EVENTS or "already exists" in observed.host_page:
        yield Reason.DUPLICATE_USER


def _partner_reasons(observed: Observations) -> Iterator[Reason]:
    if reason := _PAGES.get(observed.partner_page):
        yield reason
        return
    text = observed.partner_refusal.lower()
    if observed.partner_refused and any(word in text for word in _ADDRESS_WORDS):
        yield Reason.REDIRECT_URI_NOT_REGISTERED
    if observed.partner_error in _DENIED:
        yield Reason.USER_DENIED
    if observed.tls_expired:
        yield Reason.EXPIRED_CERTIFICATE
    if observed.token_error in _WRONG_CLIENT:
        yield Reason.WRONG_CLIENT_SECRET


def _message_reasons(message: Message, expected: Expected, observed: Observations) -> Iterator[Reason]:
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
    at = message.received or observed.at
    early = [t for t in (message.not_before, message.issued) if t is not None and t - skew > at]
    late = message.not_after is not None and message.not_after + skew < at
    if early or late:
        yield Reason.CLOCK_SKEW


def _is_misdirected(observed: Observations) -> bool:
    """SAML: whether the assertion names another recipient than the URL that received it."""
    if observed.message is None or not observed.message.recipients or not observed.expected.recipient:
        return False
    return any(recipient != observed.expected.recipient for recipient in observed.message.recipients)


def _user_reasons(observed: Observations) -> Iterator[Reason]:
    if observed.arrived is None:
        return
    received = values_by_name(observed.arrived)
    if observed.only_in_userinfo:
        yield Reason.CLAIMS_ONLY_IN_USERINFO
    if any(not received.get(name) for name in observed.expected.required):
        yield Reason.MISSING_CLAIM
    domains = {domain.lower() for domain in observed.expected.email_domains}
    addresses = received.get(observed.expected.email_claim) or []
    if domains and any(a.rpartition("@")[2].lower() not in domains for a in addresses):
        yield Reason.EMAIL_DOMAIN_REFUSED


def details_of(observed: Observations) -> tuple[str, ...]:
    """Describe the relevant observations, one per line."""
    message, expected = observed.message, observed.expected
    lines = [
        f"the partner's page returned status {observed.partner_refused}: {observed.partner_refusal}"
        if observed.partner_refused
        else observed.partner_refusal,
        f"the partner returned the error {observed.partner_error}"
        if observed.partner_error and observed.partner_error != "Success"
        else "",
        f"the host's page shows: {observed.host_page}" if observed.host_page else "",
        f"the realm recorded {observed.host_error} ({observed.host_event})" if observed.host_error else "",
    ]
    if message is not None and not message.encrypted:
        lines.append(
            f"signature {message.signature.value.replace('_', ' ')}, algorithm {message.algorithm or 'none'}"
        )
        if expected.issuer and message.issuer != expected.issuer:
            lines.append(f"issuer {message.issuer}, expected {expected.issuer}")
        if expected.audience and expected.audience not in message.audiences:
            lines.append(f"audience {', '.join(message.audiences) or 'none'}, expected {expected.audience}")
        if message.not_after is not None:
            at = message.received or observed.at
            lines.append(f"valid until {message.not_after:%Y-%m-%d %H:%M:%S} UTC, received at {at:%H:%M:%S}")
    if observed.only_in_userinfo:
        lines.append(
            f"only in the user-info response: {', '.join(observed.only_in_userinfo)} (set use_userinfo: true)"
        )
    return tuple(line for line in lines if line)
