"""The order of the demo: servers up, steps, pages open, servers down."""

from __future__ import annotations

import shutil
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from partnergate.demo import steps_sign_in
from partnergate.demo.host_app import host_product
from partnergate.demo.narrator import Narrator
from partnergate.devstack import keycloak_server
from partnergate.devstack.notice import ConsoleNotice
from partnergate.devstack.ports import free_ports
from partnergate.testkit.line import new_line

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from partnergate.testkit.line import Line


def show(console: Console, *, root: Path, work: Path, once: bool) -> None:
    """Run the main job; raises a ``PartnergateError`` when a step does not do what it promises."""
    tell = Narrator(console)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    app_port, sidecar_port = free_ports(2)
    with ExitStack() as stack:
        with tell.step("A real Keycloak on this machine"):
            server = stack.enter_context(
                keycloak_server(directory=work / "keycloak", notice=ConsoleNotice(console))
            )
            tell.say(f"Keycloak {server.version} ({server.kind}) at {server.base_url}, log {server.log}")
        line = new_line(server, root=root, work=work, app_url=f"http://localhost:{app_port}")
        with tell.step("Three partners, each with an identity provider of its own"):
            steps_sign_in.partners(line, tell)
        with tell.step("From partner files to the host's realm: validate, plan, apply, plan again"):
            steps_sign_in.configuration(line, tell)
        with tell.step("Users of each partner log in through their own provider"):
            steps_sign_in.logins(line, tell)
        tell.summary()
        if not once:
            _keep_open(line, tell, stack, app_port=app_port, sidecar_port=sidecar_port)


def _keep_open(line: Line, tell: Narrator, stack: ExitStack, *, app_port: int, sidecar_port: int) -> None:
    links = (("The sidecar's pages", f"http://localhost:{sidecar_port}/"),)
    stack.enter_context(host_product(line, port=app_port, links=links))
    tell.say(f"\nThe host's product is at [bold]{line.app_url}/[/bold]")
    tell.say("Press Ctrl-C to end; everything that was started ends with it.")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        tell.say("\nended")
