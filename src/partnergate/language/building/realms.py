"""Converts the checked values of a realm template to its typed model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from partnergate.model.environment import (
    EventSettings,
    HostClient,
    HostGroup,
    HostRole,
    LaunchSettings,
    NetworkPolicy,
    RealmSpec,
)
from partnergate.model.launch_client import launch_client
from partnergate.model.partner import EnvironmentName, Stage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partnergate.diagnostics import Span
    from partnergate.model.partner import SourceFile

Values = dict[str, Any]


def _client(values: Values) -> HostClient:
    lists = ("redirect_uris", "post_logout_redirect_uris", "web_origins")
    fields: Values = {k: tuple(v) if k in lists else v for k, v in values.items()}
    return HostClient(**fields)


def _launch(values: Values) -> LaunchSettings:
    return LaunchSettings(**{**values, "targets": tuple(values.get("targets", ()))})


def _clients(values: Values, launch: LaunchSettings | None) -> tuple[HostClient, ...]:
    """Return the declared clients. Add the launch client if the template does not declare it."""
    clients = [_client(item) for item in values.get("clients", ())]
    if launch is not None and all(client.client_id != launch.client_id for client in clients):
        clients.append(launch_client(launch))
    return tuple(sorted(clients, key=lambda c: c.client_id))


def realm(values: Values, source: SourceFile, *, server_url_at: Span, shown: Mapping[str, str]) -> RealmSpec:
    """Return one environment with clients, roles, and groups sorted by name.

    ``shown`` describes the values that come from environment variables.
    """
    events = values.get("events", {})
    launch = _launch(values["launch"]) if "launch" in values else None
    return RealmSpec(
        environment=EnvironmentName(values["environment"]),
        server_url=values["server_url"].rstrip("/"),
        server_url_at=server_url_at,
        environment_values=tuple(sorted(shown.items())),
        realm=values["realm"],
        stages=tuple(Stage(stage) for stage in values["stages"]),
        source=source,
        clients=_clients(values, launch),
        roles=tuple(sorted((HostRole(**item) for item in values.get("roles", ())), key=lambda r: r.name)),
        groups=tuple(sorted((HostGroup(**item) for item in values.get("groups", ())), key=lambda g: g.path)),
        events=EventSettings(
            retention_days=events.get("retention_days", 90),
            extra_event_types=tuple(events.get("extra_event_types", ())),
        ),
        network=NetworkPolicy(**values.get("network", {})),
        launch=launch,
        variables=tuple(sorted(values.get("variables", {}).items())),
        settings=tuple(
            (name, tuple(value) if isinstance(value, list) else value)
            for name, value in sorted(values.get("settings", {}).items())
        ),
    )
