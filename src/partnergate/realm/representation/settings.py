"""Converts realm settings, event settings and the user profile, which are managed field by field."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from partnergate.realm.comparable import freeze, thaw
from partnergate.realm.normalize import resource
from partnergate.realm.ownership import OWNER_MARK
from partnergate.realm.state import Resource, ResourceKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partnergate.realm.state import FieldValue

EVENT_FIELDS: Final = (
    "adminEventsDetailsEnabled", "adminEventsEnabled", "enabledEventTypes", "eventsEnabled",
    "eventsExpiration", "eventsListeners",
)  # fmt: skip
_OTHER_RESOURCES: Final = frozenset({
    *EVENT_FIELDS, "attributes", "authenticationFlows", "authenticatorConfig", "clientScopeMappings",
    "clientScopes", "clients", "components", "groups", "id", "identityProviderMappers",
    "identityProviders", "keycloakVersion", "localizationTexts", "organizations", "realm", "roles",
    "scopeMappings", "userProfile", "users",
})  # fmt: skip
_NO_POLICY: Final = "DISABLED"


def realm_from(whole: Mapping[str, Any]) -> Resource:
    """Return every setting of the realm; planning compares those that templates declare."""
    fields = {name: freeze(value) for name, value in whole.items() if name not in _OTHER_RESOURCES}
    fields |= {f"attributes.{name}": value for name, value in (whole.get("attributes") or {}).items()}
    for locale, texts in (whole.get("localizationTexts") or {}).items():
        fields |= {f"localizationTexts.{locale}.{key}": text for key, text in texts.items()}
    return resource(ResourceKind.REALM, whole["realm"], fields)


def realm_to(resource: Resource) -> dict[str, Any]:
    """Return the declared settings, to merge over those of the realm."""
    representation: dict[str, Any] = {"realm": resource.key.name}
    attributes: dict[str, Any] = {}
    texts: dict[str, dict[str, Any]] = {}
    for name, value in resource.fields.items():
        if name.startswith("localizationTexts."):
            _, locale, key = name.split(".", 2)
            texts.setdefault(locale, {})[key] = value
        elif name.startswith("attributes."):
            attributes[name.removeprefix("attributes.")] = value
        else:
            representation[name] = thaw(value)
    nested = {"attributes": attributes, "localizationTexts": texts}
    return representation | {name: values for name, values in nested.items() if values}


def events_config_from(whole: Mapping[str, Any]) -> Resource:
    """Return the event settings, which the representation of the realm also contains."""
    return resource(
        ResourceKind.EVENTS_CONFIG,
        whole["realm"],
        {
            "adminEventsDetailsEnabled": bool(whole.get("adminEventsDetailsEnabled")),
            "adminEventsEnabled": bool(whole.get("adminEventsEnabled")),
            "enabledEventTypes": tuple(sorted(whole.get("enabledEventTypes") or ())),
            "eventsEnabled": bool(whole.get("eventsEnabled")),
            "eventsExpiration": int(whole.get("eventsExpiration") or 0),
            "eventsListeners": tuple(sorted(whole.get("eventsListeners") or ())),
        },
    )


def events_config_to(resource: Resource) -> dict[str, Any]:
    """Return the declared event settings, to merge over those of the realm."""
    return {name: thaw(value) for name, value in resource.fields.items()}


def user_profile_from(whole: Mapping[str, Any]) -> Resource:
    """Return the user profile with one field for each attribute."""
    profile = whole.get("userProfile") or {}
    fields: dict[str, FieldValue] = {
        f"attributes.{attribute['name']}": freeze({
            name: _normal(name, value)
            for name, value in attribute.items()
            if name != "name" and value not in (None, "", False, {}, [])
        })
        for attribute in profile.get("attributes") or ()
    }  # fmt: skip
    fields["unmanagedAttributePolicy"] = profile.get("unmanagedAttributePolicy") or _NO_POLICY
    return resource(ResourceKind.USER_PROFILE, whole["realm"], fields)


def user_profile_to(resource: Resource, present: Mapping[str, Any]) -> dict[str, Any]:
    """Return the complete profile: the current one with the declared attributes merged over it.

    Owned attributes that are no longer declared are removed.
    """
    declared = {
        name.removeprefix("attributes."): _profile_attribute(thaw(value))
        for name, value in resource.fields.items()
        if name.startswith("attributes.")
    }
    kept = [
        {"name": attribute["name"]} | declared.pop(attribute["name"])
        if attribute["name"] in declared
        else attribute
        for attribute in present.get("attributes") or ()
        if attribute["name"] in declared or OWNER_MARK not in (attribute.get("annotations") or {})
    ]
    kept += [{"name": name} | attribute for name, attribute in sorted(declared.items())]
    profile = {name: value for name, value in present.items() if name != "unmanagedAttributePolicy"}
    policy = resource.fields.get("unmanagedAttributePolicy", _NO_POLICY)
    return (
        profile
        | {"attributes": kept}
        | ({} if policy == _NO_POLICY else {"unmanagedAttributePolicy": policy})
    )


def _normal(name: str, value: Any) -> Any:
    """Sort permissions, because their order has no meaning."""
    if name != "permissions":
        return value
    return {who: sorted(allowed) for who, allowed in value.items() if allowed}


def _profile_attribute(attribute: dict[str, Any]) -> dict[str, Any]:
    """Return an attribute as objects: a frozen empty object thaws as a list."""
    validations = attribute.get("validations") or {}
    return attribute | {"validations": {name: value or {} for name, value in validations.items()}}
