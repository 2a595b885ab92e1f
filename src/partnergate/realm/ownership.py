"""The names that partnergate gives to what it makes in a realm, and the marks it leaves there."""

from __future__ import annotations

from typing import Final

OWNER_MARK: Final = "partnergate.owner"
"""Key of a provider's or mapper's config, or of an attribute, that names the owner."""
SECRET_MARK: Final = "partnergate.secret"  # noqa: S105 - the name of a key
"""Key of a provider's config that holds the fingerprint of its client secret."""
REALM_OWNER: Final = "realm"
"""The owner of what templates declare; no partner may be called so."""
UNCHECKED: Final = "unchecked"
"""In place of a fingerprint: the value is not at hand, so nobody could compare it."""
MASK: Final = "**********"
"""What the server shows in place of a secret."""

NO_DOMAIN: Final = ".partnergate.invalid"
"""Ends the domain of an organization that has none, on servers that ask for one. Nobody can own it."""
DEFAULT_ROLE_PREFIX: Final = "default-roles-"
"""Starts the name of the role that every user of a realm has; it comes with the realm."""
FIRST_LOGIN_FLOW: Final = "partnergate-first-login"
NOBODY_FLOW: Final = "partnergate-first-login-nobody"
"""The part of the first login that refuses a user without an identifier."""
BROWSER_FLOW: Final = "partnergate-browser"
SESSION_CHECK_FLOW: Final = "partnergate-session-check"
DOMAIN_GATE_PREFIX: Final = "partnergate-domains-"
PARTNER_SCOPE: Final = "partnergate"
ROLES_SCOPE: Final = "partnergate-roles"

IDENTITY_PROVIDER_NOTE: Final = "identity_provider"
"""The session note in which Keycloak keeps the alias a session came through."""
