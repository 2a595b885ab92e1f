"""Realms, desired states and plans with readable defaults."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from builders.partners import DEMO, source
from partnergate.model.environment import HostClient, HostGroup, HostRole, NetworkPolicy, RealmSpec
from partnergate.model.partner import (
    EnvironmentName,
    PartnerSpec,
    SecretRef,
    Stage,
)
from partnergate.planning.plan import make_plan
from partnergate.realm.desired import desired_state

if TYPE_CHECKING:
    from partnergate.planning.plan import Plan
    from partnergate.realm.state import RealmState

SERVER_VERSION = "26.7.3"


def realm_spec(
    *,
    realm: str = "host",
    stages: tuple[Stage, ...] = (Stage.STAGING, Stage.LIVE),
    roles: tuple[str, ...] = ("workspace-admin",),
    groups: tuple[str, ...] = (),
    loopback: bool = False,
    settings: tuple[tuple[str, object], ...] = (),
) -> RealmSpec:
    """An environment with one host client and the launch client."""
    return RealmSpec(
        environment=EnvironmentName("test"),
        server_url="https://id.host.example",
        realm=realm,
        stages=stages,
        source=source("realm_templates/test.yaml"),
        clients=(
            HostClient(client_id="host-app", redirect_uris=("https://app.host.example/callback",)),
            HostClient(
                client_id="host-launch",
                redirect_uris=("https://launch.host.example/checked",),
                session_check=True,
            ),
        ),
        roles=tuple(HostRole(name=name) for name in roles),
        groups=tuple(HostGroup(path=path) for path in groups),
        network=NetworkPolicy(allow_loopback_http=loopback),
        settings=settings,
    )


def host_realm(realm: str, server_url: str, **fields: Any) -> RealmSpec:
    """An environment on this machine with one client, two roles and a nested group."""
    spec = RealmSpec(
        environment=DEMO,
        server_url=server_url,
        realm=realm,
        stages=(Stage.STAGING, Stage.LIVE),
        source=source("realm_templates/demo.yaml"),
        clients=(HostClient(client_id="host-app", redirect_uris=("http://127.0.0.1:8000/callback",)),),
        roles=(HostRole(name="workspace-admin", description="May manage"), HostRole(name="workspace-member")),
        groups=(HostGroup(path="/partners/trial"),),
        network=NetworkPolicy(allow_loopback_http=True),
    )
    return replace(spec, **fields)


def fingerprint(ref: SecretRef, place: str) -> str:
    """A fingerprint computed from the names, without the secret."""
    return "v1:" + hashlib.sha256(f"{ref.source} {ref.name} {place}".encode()).hexdigest()[:16]


def desired(
    *partners: PartnerSpec, realm: RealmSpec | None = None, version: str = SERVER_VERSION
) -> RealmState:
    """The desired state of the partners, by default in ``realm_spec()``."""
    return desired_state(realm or realm_spec(), partners, fingerprints=fingerprint, server_version=version)


def plan_of(before: RealmState, *partners: PartnerSpec, realm: RealmSpec | None = None) -> Plan:
    """The plan from a state to the partners, at a fixed instant; 12 users are linked to each provider."""
    realm = realm or realm_spec()
    return make_plan(
        realm,
        partners,
        desired=desired(*partners, realm=realm),
        actual=replace(before, server_version=SERVER_VERSION),
        created_at=datetime(2026, 11, 24, 12, 30, tzinfo=UTC),
        tool_version="0.1.0",
        linked_users=lambda _: 12,
    )
