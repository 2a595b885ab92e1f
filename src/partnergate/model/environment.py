"""The typed form of realm templates: one environment is one Keycloak realm.

An environment is ``realm_templates/base.yaml`` merged with ``realm_templates/<environment>.yaml``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from partnergate.diagnostics import Span
    from partnergate.model.partner import EnvironmentName, SourceFile, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class HostClient:
    """A client of the host's product, bound to the browser flow for partners."""

    client_id: str
    redirect_uris: tuple[str, ...]
    """Exact URIs without wildcards."""
    post_logout_redirect_uris: tuple[str, ...] = ()
    web_origins: tuple[str, ...] = ()
    public: bool = True
    """Public clients must use PKCE S256."""
    home_url: str | None = None
    backchannel_logout_url: str | None = None
    session_check: bool = False
    """For the launch service: checks for a live session (``prompt=none``) and never signs a user in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSettings:
    """Event storage in Keycloak."""

    retention_days: int = 90
    """0 keeps events forever."""
    extra_event_types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRole:
    """A realm role that partner files may grant. Never an admin role or a composite of one."""

    name: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostGroup:
    """A group that partner files may add users to, by path (``/a/b``)."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPolicy:
    """The partner URLs that an environment accepts."""

    allow_loopback_http: bool = False
    """Accept plain HTTP for loopback names and addresses. Only for a realm on the same machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchSettings:
    """The launch service: what a partner's launch button opens, and where it may redirect."""

    base_url: str
    """Public URL of the sidecar. The redirect URIs of the launch client are derived from it."""
    login_url: str
    """URL at which the product starts a login (OpenID Connect Core 1.0, section 4)."""
    client_id: str = "partnergate-launch"
    """A client with ``session_check``. Created from these settings unless the template declares it."""
    targets: tuple[str, ...] = ()
    """Allowed ``target_link_uri`` prefixes of scheme, host, port, and whole path segments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RealmSpec:
    """One environment of the host."""

    environment: EnvironmentName
    server_url: str
    realm: str
    stages: tuple[Stage, ...]
    """The partner stages that are deployed here. Suspended and retired partners stay."""
    source: SourceFile
    clients: tuple[HostClient, ...] = ()
    roles: tuple[HostRole, ...] = ()
    groups: tuple[HostGroup, ...] = ()
    events: EventSettings = EventSettings()
    network: NetworkPolicy = NetworkPolicy()
    launch: LaunchSettings | None = None
    variables: tuple[tuple[str, str], ...] = ()
    """(name, value) of the variables for ``${name}`` in the overrides of partner files."""
    environment_values: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """(value, description) of each value that comes from an environment variable; never shown."""
    server_url_at: Span | None = field(default=None, compare=False)
    """Where the template names the server."""
    settings: tuple[tuple[str, object], ...] = ()
    """Realm settings that override the secure defaults, with Keycloak's names, sorted."""
