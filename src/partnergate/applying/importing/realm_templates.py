"""Realm templates of an imported realm: the base template and that of the environment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from partnergate.realm.fitting import default_role
from partnergate.realm.mappers.grants import is_admin_role
from partnergate.realm.ownership import REALM_OWNER, SESSION_CHECK_FLOW
from partnergate.realm.state import ResourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from partnergate.realm.state import RealmState, Resource

EXAMPLE_CLIENT: Final = {"client_id": "host-app", "redirect_uris": ["https://host.example/callback"]}
"""Used when the realm has no owned client, so that the template is valid."""
_USUAL_RETENTION_DAYS = 90
_MOST_RETENTION_DAYS = 36_500
_LONGEST = 1_000
_ROLE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,254}")
_GROUP: Final = re.compile(r"(?:/[^/\s][^/]*)+")
_SECONDS_OF_A_DAY = 86_400


def base_template(state: RealmState, documents: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Roles and groups that are owned or granted by a partner file, and the retention of events.

    A name that no template can have is left out, so the check of a partner file that grants it names it.
    """
    grants = [grant for document in documents for grant in document["identity"].get("roles", ())]
    roles = {one.key.name for one in _owned(state, ResourceKind.ROLE)}
    roles -= {default_role(state)}
    roles |= {grant["grant"] for grant in grants if "grant" in grant}
    groups = {one.key.name for one in _owned(state, ResourceKind.GROUP)}
    groups |= {grant["group"] for grant in grants if "group" in grant}
    descriptions = {
        one.key.name: str(one.fields.get("description") or "")
        for one in state.resources
        if one.key.kind is ResourceKind.ROLE
    }
    return {
        "partnergate": 1,
        "roles": [
            {"name": name}
            | ({"description": text} if _is_sentence(text := descriptions.get(name, "")) else {})
            for name in sorted(roles)
            if _ROLE.fullmatch(name) and not is_admin_role(name)
        ],
        "groups": [
            {"path": path} for path in sorted(groups) if _GROUP.fullmatch(path) and path.isprintable()
        ],
        "events": {"retention_days": _retention_days(state)},
    }


def _is_sentence(text: str) -> bool:
    return bool(text) and text.isprintable() and text == text.strip() and len(text) <= _LONGEST


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
    days = seconds // _SECONDS_OF_A_DAY if isinstance(seconds, int) else 0
    return days if 0 < days <= _MOST_RETENTION_DAYS else _USUAL_RETENTION_DAYS


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
