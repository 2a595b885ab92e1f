"""The user profile: only administrators can edit attributes; mappers act as administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.model.partner import PARTNER_ID
from partnergate.realm.comparable import freeze
from partnergate.realm.mappers.kind import TargetKind
from partnergate.realm.mappers.mapper_kinds import targets
from partnergate.realm.normalize import resource
from partnergate.realm.ownership import OWNER_MARK, REALM_OWNER
from partnergate.realm.state import Resource, ResourceKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partnergate.model.environment import RealmSpec
    from partnergate.model.partner import PartnerSpec
    from partnergate.realm.state import FieldValue


def user_profile_resource(realm: RealmSpec, partners: tuple[PartnerSpec, ...]) -> Resource:
    """Return the built-in attributes and the declared ones. None is required: a form would stop a login.

    Attributes that the host added manually are not changed.
    """
    ours = {
        target.name
        for partner in partners
        for provider in partner.providers
        for target in targets(provider.identity, TargetKind.USER_ATTRIBUTE)
    }
    fields: dict[str, FieldValue] = {
        "attributes.username": freeze(_builtin("username", {
            "length": {"max": 255, "min": 3},
            "up-username-not-idn-homograph": {},
            "username-prohibited-characters": {},
        })),
        "attributes.email": freeze(_builtin("email", {"email": {}, "length": {"max": 255}})),
        "attributes.firstName": freeze(_builtin("firstName", _PERSON)),
        "attributes.lastName": freeze(_builtin("lastName", _PERSON)),
    }  # fmt: skip
    fields |= {f"attributes.{name}": freeze(_owned(name)) for name in {PARTNER_ID, *ours}}
    fields["unmanagedAttributePolicy"] = "DISABLED"
    return resource(ResourceKind.USER_PROFILE, realm.realm, fields, owner=REALM_OWNER)


_PERSON = {"length": {"max": 255}, "person-name-prohibited-characters": {}}


def _builtin(name: str, validations: Mapping[str, object]) -> dict[str, object]:
    return {
        "displayName": f"${{{name}}}",
        "permissions": {"edit": ["admin"], "view": ["admin", "user"]},
        "validations": validations,
    }


def _owned(name: str) -> dict[str, object]:
    """Return an attribute that only an administrator can edit; mappers act as one."""
    return {
        "annotations": {OWNER_MARK: REALM_OWNER},
        "displayName": name,
        "permissions": {"edit": ["admin"], "view": ["admin"]},
    }
