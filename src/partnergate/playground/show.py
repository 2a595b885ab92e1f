"""The order of the demo: servers up, steps, pages open, servers down."""

from __future__ import annotations

import shutil
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from partnergate.devstack import keycloak_server
from partnergate.devstack.notice import ConsoleNotice
from partnergate.devstack.ports import free_ports
from partnergate.playground import steps_sign_in, steps_usage
from partnergate.playground.host_app import host_product
from partnergate.playground.line import new_line
from partnergate.playground.narrator import Narrator
from partnergate.playground.sidecar import running_sidecar
from partnergate.private_files import replace_private_file

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from partnergate.playground.line import Line


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
        line = new_line(
            server,
            root=root,
            work=work,
            app_url=f"http://localhost:{app_port}",
            launch_url=f"http://localhost:{sidecar_port}",
        )
        with tell.step("Three partners, each with an identity provider of its own"):
            steps_sign_in.partners(line, tell)
        with tell.step("From partner files to the host's realm: validate, plan, apply, plan again"):
            steps_sign_in.configuration(line, tell)
        with tell.step("Users of each partner press the button on their own platform"):
            sidecar = stack.enter_context(running_sidecar(line, port=sidecar_port))
            tell.say(
                f"$ partnergate serve --environment {line.environment}   ({sidecar.url}, tokens of the realm)"
            )
            logins = steps_sign_in.logins(line, tell)
        with tell.step("The sidecar reads the login events and attributes the sessions"):
            steps_usage.sessions(line, logins, tell)
        with tell.step("The host's product reports usage over HTTP"):
            steps_usage.usage(line, sidecar, logins, tell)
        with tell.step("A draft statement for each partner, and one line traced back"):
            pages = steps_usage.statements(line, logins, tell)
        tell.summary()
        if not once:
            _keep_open(line, tell, stack, app_port=app_port, pages=pages)


def _keep_open(
    line: Line, tell: Narrator, stack: ExitStack, *, app_port: int, pages: tuple[Path, ...]
) -> None:
    """Pages to look at: the host's product, the operator's view without tokens, the statements."""
    (port,) = free_ports(1)
    viewer = stack.enter_context(
        running_sidecar(line, port=port, arguments=("--open-local", "--without-events"))
    )
    links = (
        ("What the host's operator sees", f"{viewer.url}/"),
        (
            "Keycloak's administration (user and password are in keycloak.env of the work directory)",
            f"{line.server.base_url}/admin/",
        ),
    )
    administrator = f"user={line.server.admin_user}\npassword={line.server.admin_password}\n"
    replace_private_file(line.work / "keycloak.env", administrator.encode())
    stack.enter_context(host_product(line, port=app_port, links=links, statements=pages))
    tell.say(f"\nOpen [bold]{line.app_url}/[/bold] : log in as the partners' people, look at the statements.")
    tell.say("Press Ctrl-C to end; everything that was started ends with it.")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        tell.say("\nended")
