"""Admin events as changes of resources: IDs become names, and changes by an apply are marked."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from partnergate.applying.admin_acts import AdminAct
from partnergate.errors import KeycloakError
from partnergate.keycloak.connection import segment
from partnergate.keycloak.lock import LIFETIME, LOCK_ROLE
from partnergate.realm.state import ResourceKey, ResourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from partnergate.keycloak.connection import KeycloakConnection
    from partnergate.keycloak.whole_realm import Representation

MOST_EVENTS = 5000
_PAGE = 1000
_SLACK = timedelta(milliseconds=50)
"""The server writes the time of an event shortly after the change."""
_LONGEST_FIRST_APPLY = timedelta(minutes=30)


class AdminEventReader:
    """Reads the admin events of a realm whose ``representation`` was just read."""

    def __init__(self, connection: KeycloakConnection, representation: Representation) -> None:
        self._connection = connection
        self._realm = representation
        self._who: dict[tuple[str, str], str] = {}

    def read_acts(self) -> tuple[AdminAct, ...]:
        """The latest changes, newest first; empty when admin events are off or were cleared."""
        events = list(self._events())
        names = _Names(self._realm, events)
        applies = list(_applies(events))
        acts = []
        for event in events:
            key = names.key_of(event)
            if key is None:
                continue
            time = _time(event)
            account = _account(event)
            acts.append(
                AdminAct(
                    time=time,
                    operation=event["operationType"],
                    key=key,
                    who=self._name_of(event),
                    address=event["authDetails"].get("ipAddress", ""),
                    by_apply=any(a.account == account and a.start <= time <= a.end for a in applies),
                )
            )
        return tuple(acts)

    def _events(self) -> Iterator[Representation]:
        """Newest first; pages shift while others write, which only repeats events."""
        seen: set[str] = set()
        for first in range(0, MOST_EVENTS, _PAGE):
            page = self._connection.get("admin-events", first=first, max=_PAGE)
            for event in page:
                identity = event.get("id") or json.dumps(event, sort_keys=True)
                if identity not in seen:
                    seen.add(identity)
                    yield event
            if len(page) < _PAGE:
                return

    def _name_of(self, event: Representation) -> str:
        details = event["authDetails"]
        account = (details.get("realmId", ""), details.get("userId", ""))
        if account not in self._who:
            self._who[account] = self._user_name(*account)
        return self._who[account]

    def _user_name(self, realm: str, user: str) -> str:
        """The name of a user of this realm, or of ``master`` when the account may read it."""
        path = f"users/{segment(user)}"
        if realm not in {self._realm.get("id"), self._realm.get("realm")}:
            path = f"/admin/realms/master/{path}"
        try:
            return str(self._connection.get(path)["username"])
        except (KeycloakError, KeyError, TypeError):
            return f"user {user}"


@dataclass(frozen=True, slots=True)
class _Apply:
    """A span in which an account held the lock."""

    account: tuple[str, str]
    start: datetime
    end: datetime


def _applies(events: Iterable[Representation]) -> Iterator[_Apply]:
    """Return the applies from the events of the lock, which is removed at the end or expires after a crash.

    The apply that creates a realm switches admin events on, so only its end has an event.
    """
    removed: dict[str, tuple[_Apply, datetime]] = {}
    for event in events:  # newest first, so the end of a lock comes before its start
        path = event.get("resourcePath", "")
        time, identity = _time(event), path.rpartition("/")[2]
        if event["operationType"] == "DELETE" and path.startswith("roles-by-id/"):
            unseen = _Apply(_account(event), time - _LONGEST_FIRST_APPLY, time + _SLACK)
            removed[identity] = (unseen, time)
        elif event["operationType"] == "CREATE" and path.startswith("roles/"):
            identity = str(_body(event).get("id", ""))
            _, end = removed.pop(identity, (None, time + LIFETIME))
            if path == f"roles/{LOCK_ROLE}":
                yield _Apply(_account(event), time - _SLACK, end + _SLACK)
    yield from (unseen for unseen, _ in removed.values())


@dataclass(slots=True)
class _Names:
    """Resolves the IDs in paths of events, for existing and for deleted resources."""

    realm: Representation
    events: list[Representation]
    _by_id: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for event in self.events:
            body = _body(event)
            identity = event.get("resourcePath", "").rpartition("/")[2]
            name = body.get("clientId") or body.get("alias") or body.get("name")
            if name:
                self._by_id.setdefault(identity, str(name))
        listed = (
            ("identityProviderMappers", "name"), ("organizations", "alias"), ("clients", "clientId"),
            ("clientScopes", "name"), ("authenticationFlows", "alias"),
        )  # fmt: skip
        for kind, name in listed:
            self._by_id |= {item["id"]: item[name] for item in self.realm.get(kind, ()) if "id" in item}
        roles = self.realm.get("roles", {}).get("realm", ())
        self._by_id |= {role["id"]: role["name"] for role in roles}
        self._walk(self.realm.get("groups", ()))

    def _walk(self, groups: Iterable[Representation]) -> None:
        for group in groups:
            self._by_id[group["id"]] = group["path"]
            self._walk(group.get("subGroups", ()))

    def key_of(self, event: Representation) -> ResourceKey | None:
        """The resource of the event, or None for a kind that is not managed."""
        path = [unquote(part) for part in event.get("resourcePath", "").split("/")]
        realm = str(self.realm.get("realm", ""))
        match path:
            case ["identity-provider", "instances", alias]:
                return ResourceKey(kind=ResourceKind.IDENTITY_PROVIDER, name=alias)
            case ["identity-provider", "instances", alias, "mappers", *rest]:
                name = self._by_id.get(rest[0], "") if rest else ""
                return ResourceKey(kind=ResourceKind.IDENTITY_PROVIDER_MAPPER, name=name, parent=alias)
            case ["organizations", identity, *_]:
                return self._named(ResourceKind.ORGANIZATION, identity)
            case ["clients", identity, *_]:
                return self._named(ResourceKind.CLIENT, identity)
            case ["client-scopes", identity, *_]:
                return self._named(ResourceKind.CLIENT_SCOPE, identity)
            case ["authentication", "flows", flow, *_]:
                return ResourceKey(kind=ResourceKind.FLOW, name=self._top_flow(self._by_id.get(flow, flow)))
            case ["authentication", ("executions" | "config"), *_]:
                return ResourceKey(kind=ResourceKind.FLOW, name="")
            case ["roles", name, *_]:
                return None if name == LOCK_ROLE else ResourceKey(kind=ResourceKind.ROLE, name=name)
            case ["roles-by-id", identity, *_]:
                name = self._by_id.get(identity, "")
                return ResourceKey(kind=ResourceKind.ROLE, name=name) if name not in {"", LOCK_ROLE} else None
            case ["groups", identity, *_]:
                return self._named(ResourceKind.GROUP, identity)
            case ["events", "config"]:
                return ResourceKey(kind=ResourceKind.EVENTS_CONFIG, name=realm)
            case ["users", "profile"] | ["userProfile"]:
                return ResourceKey(kind=ResourceKind.USER_PROFILE, name=realm)
            case [""] if event.get("resourceType") == "REALM":
                return ResourceKey(kind=ResourceKind.REALM, name=realm)
            case _:
                kinds = {"USER_PROFILE": ResourceKind.USER_PROFILE}
                kind = kinds.get(str(event.get("resourceType")))
                return ResourceKey(kind=kind, name=realm) if kind else None

    def _named(self, kind: ResourceKind, identity: str) -> ResourceKey:
        return ResourceKey(kind=kind, name=self._by_id.get(identity, ""))

    def _top_flow(self, alias: str) -> str:
        """The top-level flow of an inner flow."""
        flows = {flow["alias"]: flow for flow in self.realm.get("authenticationFlows", ())}
        for name, flow in flows.items():
            inner = [step.get("flowAlias") for step in flow.get("authenticationExecutions", ())]
            if alias in inner:
                return self._top_flow(name)
        return alias


def _time(event: Representation) -> datetime:
    return datetime.fromtimestamp(event["time"] / 1000, UTC)


def _account(event: Representation) -> tuple[str, str]:
    return (event["authDetails"].get("userId", ""), event["authDetails"].get("ipAddress", ""))


def _body(event: Representation) -> dict[str, Any]:
    """The request body, when the realm keeps details."""
    try:
        body = json.loads(event.get("representation") or "{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
