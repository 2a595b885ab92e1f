"""The texts of the realm's error pages, which replace those of the server.

The server's own texts mention user names, passwords and account management, which users of partners do
not have, and they name the other user when a session of another partner is live. The texts are in
English, the language of a realm without internationalization; see ``docs/decisions/page-texts.md``.
"""

from __future__ import annotations

from typing import Final

LOCALE: Final = "en"
TEXTS: Final = {
    "access-denied": (
        "Your platform did not say who you are, or your email address is outside the domains that may "
        "enter. Please ask the administrator of your platform."
    ),
    "access-denied-when-idp-auth": (
        "{0} did not let you in, or you turned back. Please start again from the button on your platform."
    ),
    "differentUserAuthenticated": (
        "You are signed in through another platform in this browser. Please use the button on your own "
        "platform, which ends that sign-in first."
    ),
    "federatedIdentityExistsMessage": (
        "A user with this {0} already exists and is not linked to your platform. Please ask the "
        "administrator of your platform."
    ),
    "identityProviderUnexpectedErrorMessage": (
        "Your platform did not complete the sign-in. Please start again from its button; if that does not "
        "help, ask its administrator."
    ),
    "invalidUserMessage": (
        "Sign-in did not work. If you came from another platform, sign-in from there is not open at the "
        "moment: your account and your data are kept, and its administrator knows more. If you typed a "
        "password, it or the user name is wrong."
    ),
}


def text_fields() -> dict[str, str]:
    """Return the texts as fields of the realm."""
    return {f"localizationTexts.{LOCALE}.{key}": text for key, text in TEXTS.items()}
