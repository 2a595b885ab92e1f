"""What the realm templates say: one environment is one Keycloak realm.

``realm_templates/base.yaml`` overlaid with ``realm_templates/<environment>.yaml``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from partnergate.model.partner import EnvironmentName, SourceFile, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class HostClient:
    """A client of the host's product, bound to the partner browser flow."""

    client_id: str
    redirect_uris: tuple[str, ...]
    """Exact, no wildcard."""
    post_logout_redirect_uris: tuple[str, ...] = ()
    web_origins: tuple[str, ...] = ()
    public: bool = True
    """Public clients must use PKCE S256."""
    home_url: str | None = None
    backchannel_logout_url: str | None = None
    session_check: bool = False
    """For the launch service: answers only whose session is live (``prompt=none``), never logs in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSettings:
    """What Keycloak stores, and for how long."""

    retention_days: int = 90
    """0 keeps events for ever."""
    extra_event_types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRole:
    """A realm role that partner files may grant; never an admin role, nor composite of one."""

    name: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostGroup:
    """A group that partner files may place users in, by path (``/a/b``)."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPolicy:
    """Which partner URLs an environment accepts."""

    allow_loopback_http: bool = False
    """Only for a realm on the same machine: plain http to loopback names and addresses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchSettings:
    """The launch service: what a partner's button opens, and where it may send a user."""

    base_url: str
    """Where browsers reach the sidecar; its launch client's redirect URIs are made from it."""
    login_url: str
    """Where the host's product starts a login (OpenID Connect Core 1.0 section 4, ``initiate_login_uri``)."""
    client_id: str = "partnergate-launch"
    """A client with ``session_check``; made from these settings unless the template declares it."""
    targets: tuple[str, ...] = ()
    """Allowed ``target_link_uri``: each a prefix of scheme, host, port and whole path segments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RealmSpec:
    """One environment of the host."""

    environment: EnvironmentName
    server_url: str
    realm: str
    stages: tuple[Stage, ...]
    """The partner stages deployed here (``suspended`` and ``retired`` follow the partner)."""
    source: SourceFile
    clients: tuple[HostClient, ...] = ()
    roles: tuple[HostRole, ...] = ()
    groups: tuple[HostGroup, ...] = ()
    events: EventSettings = EventSettings()
    network: NetworkPolicy = NetworkPolicy()
    launch: LaunchSettings | None = None
    variables: tuple[tuple[str, str], ...] = ()
    """(name, value) usable as ``${name}`` in the overrides that partner files have for this environment."""
    settings: tuple[tuple[str, object], ...] = ()
    """Realm settings over the secure defaults, as Keycloak names them, sorted."""
