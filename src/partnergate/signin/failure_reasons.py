"""The reasons why a test login fails: a closed list with an explanation and advice for the partner."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Reason(StrEnum):
    """The closed list of reasons. ``UNKNOWN`` applies when no other reason does."""

    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - a reason's name
    CONSENT_REQUIRED = "consent_required"
    SIGN_IN_PAGE_NOT_AUTOMATED = "sign_in_page_not_automated"
    WRONG_CLIENT_SECRET = "wrong_client_secret"  # noqa: S105 - a reason's name
    REDIRECT_URI_NOT_REGISTERED = "redirect_uri_not_registered"
    ISSUER_MISMATCH = "issuer_mismatch"
    BAD_SIGNATURE = "bad_signature"
    EXPIRED_CERTIFICATE = "expired_certificate"
    WRONG_AUDIENCE = "wrong_audience"
    CLOCK_SKEW = "clock_skew"
    MISSING_CLAIM = "missing_claim"
    CLAIMS_ONLY_IN_USERINFO = "claims_only_in_userinfo"
    EMAIL_DOMAIN_REFUSED = "email_domain_refused"
    USER_DENIED = "user_denied"
    DUPLICATE_USER = "duplicate_user"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The text shown with a reason."""

    text: str
    """What went wrong, for the partner, in terms of fields that the partner can see."""
    advice: str
    protocols: tuple[str, ...] = ("oidc", "saml", "oauth2")
    """The protocols in which the reason can occur."""


EXPLANATIONS: Final[dict[Reason, Explanation]] = {
    Reason.WRONG_PASSWORD: Explanation(
        text="Your sign-in page does not accept the user name and password of the test user.",
        advice="Check both, and whether the test user is active. This is not a fault of the integration.",
    ),
    Reason.CONSENT_REQUIRED: Explanation(
        text="Your provider asks the test user for consent to share data with us.",
        advice="Grant consent for all users of the application, so that no user sees the page. "
        "To accept it for the test user, pass --accept-consent.",
    ),
    Reason.SIGN_IN_PAGE_NOT_AUTOMATED: Explanation(
        text="Your sign-in page asks for something that the test cannot enter.",
        advice="Pass --user and --password-env if the page asks for a password. For a second factor, or a "
        "page that needs JavaScript, sign in manually with --guided --open.",
    ),
    Reason.WRONG_CLIENT_SECRET: Explanation(
        text="Your token endpoint does not accept our client ID and client secret.",
        advice="Compare the client ID, and agree on a new client secret. "
        "Check that the client is allowed to use the client authentication method on the hand-off sheet.",
        protocols=("oidc", "oauth2"),
    ),
    Reason.REDIRECT_URI_NOT_REGISTERED: Explanation(
        text="Your provider does not accept our redirect URI.",
        advice="Register the redirect URI (SAML: the assertion consumer service URL) from the hand-off "
        "sheet. Enter the exact value, without a wildcard.",
    ),
    Reason.ISSUER_MISMATCH: Explanation(
        text="The issuer of the response is not the agreed issuer.",
        advice="Compare the issuer (SAML: the entity ID) with the one in the partner file, "
        "including the trailing slash. The usual cause is another tenant or environment.",
        protocols=("oidc", "saml"),
    ),
    Reason.BAD_SIGNATURE: Explanation(
        text="The signature of the response does not match your known keys or certificates.",
        advice="Sign with the published key (OpenID Connect) or with the key of a certificate in the partner "
        "file (SAML). Use RS256, RSA-SHA256 or stronger. SAML: sign the assertion itself. "
        "After a key rotation, send the new certificate so that it is added next to the old one.",
        protocols=("oidc", "saml"),
    ),
    Reason.EXPIRED_CERTIFICATE: Explanation(
        text="A certificate has expired: the signing certificate (SAML) or your server's TLS certificate.",
        advice="Renew the certificate. For SAML, send the new one so that it is added next to the old one.",
    ),
    Reason.WRONG_AUDIENCE: Explanation(
        text="The response is intended for another application.",
        advice="OpenID Connect: the aud claim must be our client ID. "
        "SAML: the audience must be our entity ID, and the recipient our assertion consumer service URL.",
        protocols=("oidc", "saml"),
    ),
    Reason.CLOCK_SKEW: Explanation(
        text="By our clock, the response is not valid yet or has expired.",
        advice="Synchronize your servers' clocks with NTP, and issue responses valid for a few minutes.",
        protocols=("oidc", "saml"),
    ),
    Reason.MISSING_CLAIM: Explanation(
        text="A required claim or attribute is missing from the response.",
        advice="Send the claims or attributes that the hand-off sheet marks as required, "
        "especially the stable identifier of the user.",
    ),
    Reason.CLAIMS_ONLY_IN_USERINFO: Explanation(
        text="Claims that we use are not in your ID token, but only in your user-info response.",
        advice="The host sets use_userinfo: true under sign_in, or you add the claims to the ID token.",
        protocols=("oidc",),
    ),
    Reason.EMAIL_DOMAIN_REFUSED: Explanation(
        text="The email address of this user is not in an allowed domain.",
        advice="Test with a user of an allowed domain, or ask to add the domain.",
    ),
    Reason.USER_DENIED: Explanation(
        text="The user, or your provider on the user's behalf, denied the sign-in.",
        advice="Consent to the sign-in, and check that the user is assigned to the application.",
    ),
    Reason.DUPLICATE_USER: Explanation(
        text="The identifier belongs to an existing user who is not linked to this sign-in.",
        advice="The identifier must be unique, ignoring letter case. "
        "The host reviews the existing user and removes or links it manually.",
    ),
    Reason.UNKNOWN: Explanation(
        text="The login failed, and none of the known reasons applies.",
        advice="The host's operator can find the event in the realm's log by the time of the test. "
        "To check the configuration, run partnergate doctor.",
    ),
}
