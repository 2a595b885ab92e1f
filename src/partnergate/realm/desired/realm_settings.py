"""The realm settings: only the fields listed here are managed, the rest belongs to the host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from partnergate.realm.comparable import freeze
from partnergate.realm.desired.page_texts import text_fields
from partnergate.realm.normalize import resource
from partnergate.realm.ownership import REALM_OWNER
from partnergate.realm.state import Resource, ResourceKind

if TYPE_CHECKING:
    from partnergate.model.environment import RealmSpec
    from partnergate.realm.state import FieldValue

SECURE_SETTINGS: Final[dict[str, FieldValue]] = {
    "bruteForceProtected": True,
    "duplicateEmailsAllowed": True,
    "editUsernameAllowed": False,
    "enabled": True,
    "failureFactor": 10,
    "loginWithEmailAllowed": False,
    "maxFailureWaitSeconds": 900,
    "offlineSessionMaxLifespanEnabled": True,
    "organizationsEnabled": True,
    "permanentLockout": False,
    "refreshTokenMaxReuse": 0,
    "registrationAllowed": False,
    "registrationEmailAsUsername": False,
    "rememberMe": False,
    "resetPasswordAllowed": False,
    "revokeRefreshToken": True,
    "sslRequired": "all",
    "verifyEmail": False,
    "waitIncrementSeconds": 60,
}


def realm_settings_resource(realm: RealmSpec) -> Resource:
    """Return secure settings, overridden by those of the templates.

    A realm on the same machine uses plain HTTP, so it requires TLS only from other machines.
    """
    fields = SECURE_SETTINGS | text_fields()
    if realm.network.allow_loopback_http:
        fields["sslRequired"] = "external"
    fields |= {name: freeze(value) for name, value in realm.settings}
    return resource(ResourceKind.REALM, realm.realm, fields, owner=REALM_OWNER)
