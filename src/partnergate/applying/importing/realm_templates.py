"""Realm templates of an imported realm: the base template and that of the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from partnergate.realm.ownership import REALM_OWNER, SESSION_CHECK_FLOW
from partnergate.realm.state import ResourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from partnergate.applying.importing.provider_import import ImportedPartner
    from partnergate.realm.state import RealmState, Resource

EXAMPLE_CLIENT: Final = {"client_id": "host-app", "redirect_uris": ["https://host.example/callback"]}
"""Used when the realm has no owned client, so that the template is valid."""
_USUAL_RETENTION_DAYS = 90
_SECONDS_OF_A_DAY = 86_400


def base_template(state: RealmState, partners: Iterable[ImportedPartner]) -> dict[str, Any]:
    """Roles and groups that are owned or granted by a partner, and the retention of events."""
    grants = [grant for partner in partners for grant in partner.document["identity"].get("roles", ())]
    roles = {one.key.name for one in _owned(state, ResourceKind.ROLE)}
    roles = {name for name in roles if not name.startswith("default-roles-")}
    roles |= {grant["grant"] for grant in grants if "grant" in grant}
    groups = {one.key.name for one in _owned(state, ResourceKind.GROUP)}
    groups |= {grant["group"] for grant in grants if "group" in grant}
    descriptions = {
        one.key.name: one.fields.get("description")
        for one in state.resources
        if one.key.kind is ResourceKind.ROLE
    }
    return {
        "partnergate": 1,
        "roles": [
            {"name": name} | ({"description": str(descriptions[name])} if descriptions.get(name) else {})
            for name in sorted(roles)
        ],
        "groups": [{"path": path} for path in sorted(groups)],
        "events": {"retention_days": _retention_days(state)},
    }


def environment_template(
    state: RealmState, *, environment: str, server_url: str, loopback_http: bool
) -> dict[str, Any]:
    """The address of the realm, and the owned clients, or the example client without any."""
    clients = [_client(one.key.name, dict(one.fields)) for one in _owned(state, ResourceKind.CLIENT)]
    return {
        "partnergate": 1,
        "environment": environment,
        "server_url": server_url,
        "realm": state.realm,
        "stages": ["staging", "live"],
        **({"network": {"allow_loopback_http": True}} if loopback_http else {}),
        "clients": clients or [EXAMPLE_CLIENT],
    }


def _owned(state: RealmState, kind: ResourceKind) -> Iterator[Resource]:
    return (one for one in state.resources if one.owner == REALM_OWNER and one.key.kind is kind)


def _retention_days(state: RealmState) -> int:
    events = next(one for one in state.resources if one.key.kind is ResourceKind.EVENTS_CONFIG)
    seconds = events.fields.get("eventsExpiration")
    return (seconds // _SECONDS_OF_A_DAY if isinstance(seconds, int) else 0) or _USUAL_RETENTION_DAYS


def _client(client_id: str, fields: dict[str, Any]) -> dict[str, Any]:
    logout = str(fields.get("attributes.post.logout.redirect.uris") or "")
    check = fields.get("authenticationFlowBindingOverrides.browser") == SESSION_CHECK_FLOW
    values = {
        "client_id": client_id,
        "redirect_uris": list(fields.get("redirectUris", ())),
        "post_logout_redirect_uris": logout.split("##") if logout else None,
        "web_origins": list(fields.get("webOrigins", ())) or None,
        "public": None if fields.get("publicClient") else False,
        "home_url": fields.get("baseUrl"),
        "backchannel_logout_url": fields.get("attributes.backchannel.logout.url"),
        "session_check": True if check else None,
    }
    return {name: value for name, value in values.items() if value is not None}
