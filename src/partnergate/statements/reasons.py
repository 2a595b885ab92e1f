"""Why usage or a login is excluded or unattributed, as a sentence for each reason."""

from __future__ import annotations

from partnergate.attribution.outcome import Exclusion, UnattributedReason

EXCLUSION_RULES: dict[str, str] = {
    Exclusion.TEST_USER: "test users of the partner file, from their first to their last day",
    Exclusion.SUSPENDED: "activity while the partner was suspended",
    Exclusion.STAGING: "activity in the staging environment, or before the partner was live",
    "unmeasured": "usage events without the number that the charge measures",
}
"""Reason -> the rule that excludes records of the partner from billing."""

UNATTRIBUTED_RULES: dict[str, str] = {
    UnattributedReason.NO_PROVIDER: "the session has no login through a partner's provider",
    UnattributedReason.UNKNOWN_ALIAS: "the provider did not belong to a partner at that time",
    UnattributedReason.FOREIGN_CLIENT: "the login was for a client outside the host's product",
    UnattributedReason.IMPERSONATION: "an administrator impersonated the user",
    UnattributedReason.SERVICE_ACCOUNT: "service accounts are not users",
    UnattributedReason.UNKNOWN_SESSION: "the usage event names a session without a known login",
    UnattributedReason.UNKNOWN_USER: "the usage event names a user without a known login",
    UnattributedReason.FUTURE: "the usage event has a timestamp in the future",
}
"""Reason -> why a session or usage event has no partner."""
