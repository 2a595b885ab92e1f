"""The launch service and the host's product on loopback, registered in a realm."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from hostile.arena import Arena, arena
from partnergate.devstack.free_ports import free_ports
from partnergate.login.http_login import HostApplication
from partnergate.model.environment import LaunchSettings
from partnergate.playground.host_product import HostProduct
from partnergate.playground.real_clock import now
from partnergate.service.launch.routes import launch_routes
from partnergate.service.launch.session_check import session_check
from partnergate.service.launch.steps import LaunchService
from partnergate.service.portal.pages import STATIC
from partnergate.service.problems import install
from partnergate.service.safe_headers import SafeHeaders
from partnergate.signin.launch_state import StateKey
from worlds.served_app import served_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.devstack import KeycloakServer


@dataclass(frozen=True, slots=True, kw_only=True)
class Launching:
    """The services behind a launch link."""

    arena: Arena
    product: HostProduct
    url: str
    """URL of the launch service."""
    notes: list[tuple[str, str]] = field(default_factory=list)
    """(partner, outcome) of every recorded launch."""

    def button(self, partner: str) -> str:
        """The partner's launch link."""
        return f"{self.url}/launch/{partner}"


@contextmanager
def launching(server: KeycloakServer) -> Iterator[Launching]:
    """An arena with a launch service and a product."""
    product_port, launch_port = free_ports(2)
    product_url, launch_url = f"http://localhost:{product_port}", f"http://localhost:{launch_port}"
    settings = LaunchSettings(
        base_url=launch_url,
        client_id="partnergate-launch",
        login_url=f"{product_url}/login",
        targets=(f"{product_url}/workspaces",),
    )
    with arena(server, product_url=product_url, launch=settings) as ring:
        application = HostApplication(
            base_url=ring.realm.server_url,
            realm=ring.realm.realm,
            client_id=ring.app.client_id,
            redirect_uri=f"{product_url}/callback",
        )
        notes: list[tuple[str, str]] = []
        service = LaunchService(
            realm=ring.realm,
            settings=settings,
            partners=lambda: tuple(ring.partners.values()),
            check=session_check(ring.realm, settings, now),
            key=StateKey(value=secrets.token_bytes(32)),
            clock=now,
            record=lambda partner, outcome: notes.append((partner, outcome.value)),
        )
        app = FastAPI(redirect_slashes=False)
        install(app)
        app.add_middleware(SafeHeaders)
        app.include_router(launch_routes(service))
        app.mount("/static", StaticFiles(directory=STATIC, packages=[("partnergate.rendering", "static")]))
        with (
            HostProduct(lambda: application, port=product_port) as product,
            served_app(app, port=launch_port),
        ):
            yield Launching(arena=ring, product=product, url=launch_url, notes=notes)
