"""The names of the resources that partnergate creates in a realm, and the marks of ownership."""

from __future__ import annotations

from typing import Final

OWNER_MARK: Final = "partnergate.owner"
"""Key of the owner in a config or in attributes."""
SECRET_MARK: Final = "partnergate.secret"  # noqa: S105 - the name of a key
"""Key of the fingerprint of the client secret in the config of a provider."""
REALM_OWNER: Final = "realm"
"""The owner of what templates declare; reserved as a partner ID."""
UNCHECKED: Final = "unchecked"
"""The fingerprint of a value that is not available and cannot be compared."""
MASK: Final = "**********"
"""What the server returns instead of a secret."""

NO_DOMAIN: Final = ".partnergate.invalid"
"""Suffix of the placeholder domain on servers that need one. It cannot be registered."""
DEFAULT_ROLE_PREFIX: Final = "default-roles-"
"""Prefix of the default role of a realm, which every user has."""
FIRST_LOGIN_FLOW: Final = "partnergate-first-login"
MISSING_SUBJECT_FLOW: Final = "partnergate-first-login-empty-subject"
"""The inner flow of the first login that rejects a user without an identifier."""
BROWSER_FLOW: Final = "partnergate-browser"
SESSION_CHECK_FLOW: Final = "partnergate-session-check"
DOMAIN_GATE_PREFIX: Final = "partnergate-domains-"
PARTNER_SCOPE: Final = "partnergate"
ROLES_SCOPE: Final = "partnergate-roles"

IDENTITY_PROVIDER_NOTE: Final = "identity_provider"
"""The session note with the alias of the provider of the session."""
