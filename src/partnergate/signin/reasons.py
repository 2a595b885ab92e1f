"""Why a test login failed: a closed list, each with what a partner reads and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Reason(StrEnum):
    """One of these and no other; ``UNKNOWN`` is the honest last one."""

    WRONG_CLIENT_SECRET = "wrong_client_secret"  # noqa: S105 - a reason's name
    REDIRECT_URI_NOT_REGISTERED = "redirect_uri_not_registered"
    ISSUER_MISMATCH = "issuer_mismatch"
    BAD_SIGNATURE = "bad_signature"
    EXPIRED_CERTIFICATE = "expired_certificate"
    WRONG_AUDIENCE = "wrong_audience"
    CLOCK_SKEW = "clock_skew"
    MISSING_CLAIM = "missing_claim"
    EMAIL_DOMAIN_REFUSED = "email_domain_refused"
    USER_DENIED = "user_denied"
    DUPLICATE_USER = "duplicate_user"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What is shown with a reason."""

    text: str
    """To the partner: what went wrong, without blame and without jargon that has no field on a screen."""
    advice: str
    protocols: tuple[str, ...] = ("oidc", "saml", "oauth2")
    """Where it can occur."""


EXPLANATIONS: Final[dict[Reason, Explanation]] = {
    Reason.WRONG_CLIENT_SECRET: Explanation(
        text="Your token endpoint does not accept our client id and client secret.",
        advice="Compare the client id, and agree on a new client secret. "
        "Check that the client may authenticate in the way the hand-off sheet names.",
        protocols=("oidc", "oauth2"),
    ),
    Reason.REDIRECT_URI_NOT_REGISTERED: Explanation(
        text="Your provider refuses to send users back to our address.",
        advice="Register the redirect URI (SAML: the assertion consumer service URL) of the hand-off sheet, "
        "letter by letter, without a wildcard.",
    ),
    Reason.ISSUER_MISMATCH: Explanation(
        text="The answer was issued under another name than the one that was agreed.",
        advice="Compare the issuer (SAML: the entity id) with the one in the partner file, "
        "to the last slash. Another tenant or environment is the usual cause.",
        protocols=("oidc", "saml"),
    ),
    Reason.BAD_SIGNATURE: Explanation(
        text="The signature of the answer does not fit the keys or certificates that we know of you.",
        advice="Sign with the key that is published (OpenID Connect) or whose certificate is in the partner "
        "file (SAML), with RS256, RSA-SHA256 or stronger. SAML: sign the assertion itself. "
        "After a change of keys, have the new certificate added beside the old one.",
        protocols=("oidc", "saml"),
    ),
    Reason.EXPIRED_CERTIFICATE: Explanation(
        text="A certificate has ended: the signing certificate (SAML), or that of your server's address.",
        advice="Renew the certificate. For SAML, send the new one so that it is added beside the old one.",
    ),
    Reason.WRONG_AUDIENCE: Explanation(
        text="The answer is meant for another application than ours.",
        advice="OpenID Connect: the aud claim must be our client id. "
        "SAML: the audience must be our entity id, and the recipient our consumer service URL.",
        protocols=("oidc", "saml"),
    ),
    Reason.CLOCK_SKEW: Explanation(
        text="By our clock the answer is not valid yet, or not any more.",
        advice="Set the clocks of your servers by NTP, and issue answers that hold for some minutes.",
        protocols=("oidc", "saml"),
    ),
    Reason.MISSING_CLAIM: Explanation(
        text="The answer lacks something that a login needs.",
        advice="Send the claims or attributes that the hand-off sheet marks as needed, "
        "above all the stable identifier of the user.",
    ),
    Reason.EMAIL_DOMAIN_REFUSED: Explanation(
        text="The e-mail address of this user is outside the domains that may enter.",
        advice="Test with a user of an agreed domain, or ask to have the domain added.",
    ),
    Reason.USER_DENIED: Explanation(
        text="The user, or your provider on the user's behalf, refused the sign-in.",
        advice="Consent to the sign-in, and check that the user is assigned to the application.",
    ),
    Reason.DUPLICATE_USER: Explanation(
        text="The identifier belongs to a user who is already here and is not linked to this sign-in.",
        advice="The identifier must be unique, also when letter case is ignored. "
        "The host looks at the user that exists and removes or links it by hand.",
    ),
    Reason.UNKNOWN: Explanation(
        text="The login failed and none of the known reasons explains it.",
        advice="The host's operator finds the event in the realm's log by the time of the test; "
        "partnergate doctor looks at everything around the login.",
    ),
}
