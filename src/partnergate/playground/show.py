"""The order of the demo: start the servers, run the steps, keep the pages open, stop the servers."""

from __future__ import annotations

import shutil
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from partnergate.devstack import keycloak_server
from partnergate.devstack.free_ports import free_ports
from partnergate.devstack.notice import ConsoleNotice
from partnergate.playground import steps_sign_in, steps_usage
from partnergate.playground.cast import PEOPLE
from partnergate.playground.host_product import Guide, GuidedPerson, HostProduct
from partnergate.playground.main_job import new_job
from partnergate.playground.narrator import Narrator
from partnergate.playground.sidecar import running_sidecar
from partnergate.private_files import replace_private_file

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from partnergate.playground.main_job import MainJob


def show(console: Console, *, root: Path, work: Path, once: bool) -> None:
    """Run the main job. Raises a ``PartnergateError`` when a step fails."""
    narrator = Narrator(console)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    app_port, sidecar_port = free_ports(2)
    with ExitStack() as stack:
        with narrator.step("Start a Keycloak on this machine"):
            server = stack.enter_context(
                keycloak_server(directory=work / "keycloak", notice=ConsoleNotice(console))
            )
            narrator.write(
                f"Keycloak {server.version} ({server.kind}) at {server.base_url}, log {server.log}"
            )
        job = new_job(
            server,
            root=root,
            work=work,
            app_url=f"http://localhost:{app_port}",
            launch_url=f"http://localhost:{sidecar_port}",
        )
        with narrator.step("Create three partners, each with an identity provider"):
            steps_sign_in.partners(job, narrator)
        with narrator.step("Apply the partner files to the host's realm: validate, plan, apply, plan again"):
            steps_sign_in.configuration(job, narrator)
        with narrator.step("Launch: users of each partner open their partner's link"):
            sidecar = stack.enter_context(running_sidecar(job, port=sidecar_port))
            narrator.write(
                f"$ partnergate serve --environment {job.environment}   ({sidecar.url}, tokens of the realm)"
            )
            logins = steps_sign_in.logins(job, narrator)
        with narrator.step("Read login events and attribute sessions"):
            steps_usage.sessions(job, logins, narrator)
        with narrator.step("Report usage over HTTP"):
            steps_usage.usage(job, sidecar, logins, narrator)
        with narrator.step("Draft a statement for each partner, and trace one line"):
            pages = steps_usage.statements(job, logins, narrator)
        narrator.summary()
        if not once:
            _keep_open(job, narrator, stack, app_port=app_port, pages=pages)


def _keep_open(
    job: MainJob, narrator: Narrator, stack: ExitStack, *, app_port: int, pages: tuple[Path, ...]
) -> None:
    """Serve the host's product, the operator's view without tokens, and the statements until Ctrl-C."""
    (port,) = free_ports(1)
    viewer = stack.enter_context(
        running_sidecar(job, port=port, arguments=("--open-local", "--without-events"))
    )
    links = (
        ("Operator's view", f"{viewer.url}/"),
        (
            "Keycloak administration (user and password are in keycloak.env of the work directory)",
            f"{job.server.base_url}/admin/",
        ),
    )
    administrator = f"user={job.server.admin_user}\npassword={job.server.admin_password}\n"
    replace_private_file(job.work / "keycloak.env", administrator.encode())
    statements = {page.stem: page for page in pages}
    guide = Guide(
        people=tuple(
            GuidedPerson(
                partner=who.partner,
                username=who.name,
                password=job.cast.credentials(who).password,
                launch_url=f"{job.launch_url}/launch/{who.partner}",
            )
            for who in PEOPLE
        ),
        links=(*links, *((f"Draft statement of {name}", f"/statements/{name}") for name in statements)),
        statements=statements,
    )
    stack.enter_context(HostProduct(job.application, port=app_port, guide=guide))
    narrator.write(
        f"\nOpen [bold]{job.app_url}/[/bold] to sign in as a partner's user and read the statements."
    )
    narrator.write("Press Ctrl-C to stop the demo and all its servers.")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        narrator.write("\nStopped.")
