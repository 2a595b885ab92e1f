"""``partnergate serve``: the sidecar of one environment."""

from __future__ import annotations

import ipaddress
import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from partnergate.cli.clock import now
from partnergate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from fastapi import APIRouter

    from partnergate.model.environment import RealmSpec
    from partnergate.model.workspace import Workspace
    from partnergate.service.access import Authorizer
    from partnergate.service.deps import Loop
    from partnergate.service.loops.file_watcher import CurrentFiles
    from partnergate.service.metrics import ServiceMetrics
    from partnergate.store.database.engine import Store


@click.command(short_help="Read login events, take usage, show partners.")
@click.option("--environment", "-e", required=True, help="The environment.")
@click.option(
    "--root",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    default=Path(),
    help="The workspace; the current directory when left out.",
)
@click.option("--store", envvar="PARTNERGATE_STORE", required=True, metavar="URL", help="The store.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True, help="The port.")
@click.option(
    "--audience", default="partnergate", show_default=True, help="The audience that tokens must carry."
)
@click.option(
    "--alerts",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Thresholds and webhooks, as for statement alerts; looked at each minute.",
)
@click.option("--without-events", is_flag=True, help="Take usage only; another process reads login events.")
@click.option(
    "--open-local",
    is_flag=True,
    help="Ask for no token. For a demo on this machine: only with a loopback address.",
)
def command(
    *,
    environment: str,
    root: Path,
    store: str,
    host: str,
    port: int,
    audience: str,
    without_events: bool,
    open_local: bool,
    alerts: Path | None,
) -> None:
    """Run the sidecar of one environment until it is told to stop."""
    if open_local and not is_loopback(host):
        raise UsageError(
            "--open-local answers everybody, so it listens on loopback only",
            target=host,
            advice="leave out --open-local, or use --host 127.0.0.1",
        )
    from partnergate.cli.statement.access import Where, load_files
    from partnergate.language.folder import folder_stamp
    from partnergate.service.compose import service_deps
    from partnergate.service.logs import log_to
    from partnergate.service.loops.file_watcher import CurrentFiles, FileWatcher
    from partnergate.service.metrics import ServiceMetrics
    from partnergate.service.running import run_service
    from partnergate.store.database.opening import open_store

    # With the commit of each file, because the store remembers where a partner's terms came from.
    where = Where(store=store, environment=environment, root=root)
    stamp = folder_stamp(root)
    workspace = load_files(where)
    files = CurrentFiles(workspace)
    log_to()
    with ExitStack() as stack:
        opened = stack.enter_context(open_store(store))
        metrics = ServiceMetrics()
        watching = FileWatcher(
            files=files,
            store=opened,
            metrics=metrics,
            stamp=lambda: folder_stamp(root),
            load=lambda: load_files(where),
            loaded=stamp,
            clock=now,
        )
        loops: tuple[tuple[str, Loop], ...] = (
            () if without_events else event_loops(stack, files, opened, metrics)
        )
        if alerts is not None:
            loops = (*loops, alert_loop(alerts, root, workspace, opened, metrics))
        launch = launch_pages(files, root, opened, metrics)
        deps = service_deps(
            workspace,
            opened,
            authorizer=local_authorizer() if open_local else token_authorizer(workspace.realm, audience),
            loops=(*loops, *launch.loops, ("file-watcher", watching)),
            clock=now,
            files=files,
            reads_events=not without_events,
            metrics=metrics,
            routers=(shared_pages(files, root, opened),),
            public_routers=launch.routers,
        )
        click.echo(f"partnergate {environment} on http://{host}:{port}", err=True)
        run_service(deps, host=host, port=port)


def event_loops(
    stack: ExitStack,
    files: CurrentFiles,
    store: Store,
    metrics: ServiceMetrics,
    environ: Mapping[str, str] = os.environ,
) -> tuple[tuple[str, Loop], ...]:
    """The readers of login events and of profiles, with a connection that lives as long as the stack."""
    from partnergate.keycloak.connection import connect
    from partnergate.keycloak.credentials import credentials_from, trusted_issuers
    from partnergate.service.loops.reader_loops import event_reader_loop, profile_reader_loop

    realm = files.workspace.realm
    connection = connect(
        server_url=realm.server_url,
        realm=realm.realm,
        credentials=credentials_from(environ),
        verify=trusted_issuers(environ) or True,
    )
    stack.enter_context(connection)
    events = event_reader_loop(connection, store, metrics, lambda: files.partners, now)
    return events, profile_reader_loop(connection, store, metrics, now)


class LaunchParts(NamedTuple):
    """What the launch service adds to the sidecar; nothing where the environment declares none."""

    routers: tuple[APIRouter, ...] = ()
    loops: tuple[tuple[str, Loop], ...] = ()


def launch_pages(
    files: CurrentFiles,
    root: Path,
    store: Store,
    metrics: ServiceMetrics,
    environ: Mapping[str, str] = os.environ,
) -> LaunchParts:
    """What the partners' buttons open, and the record of what became of it."""
    from partnergate.cli.realm.access import state_directory
    from partnergate.service.launch.key import launch_key
    from partnergate.service.launch.outcome_counter import LaunchOutcomeCounter
    from partnergate.service.launch.routes import LaunchService, launch_routes
    from partnergate.service.launch.session_check import session_check

    realm = files.workspace.realm
    if realm.launch is None:
        return LaunchParts()
    key = launch_key(
        environ,
        state_directory=state_directory(root, environ),
        key_file_allowed=realm.network.allow_loopback_http,
    )
    counter = LaunchOutcomeCounter(realm=realm.realm, store=store, metrics=metrics, clock=now)
    service = LaunchService(
        realm=realm,
        settings=realm.launch,
        partners=lambda: files.partners,
        check=session_check(realm, realm.launch, now),
        key=key,
        clock=now,
        record=counter.record,
    )
    return LaunchParts(routers=(launch_routes(service),), loops=(("launch-outcomes", counter),))


def shared_pages(
    files: CurrentFiles, root: Path, store: Store, environ: Mapping[str, str] = os.environ
) -> APIRouter:
    """Hand-off and readiness of each partner; its servers are asked from outside, without a right here."""
    from partnergate.doctor.examination import Examiner
    from partnergate.doctor.fetching import Fetcher
    from partnergate.keycloak.credentials import trusted_issuers
    from partnergate.keycloak.secrets import SecretResolver
    from partnergate.service.portal.handoff import HandoffPages, handoff_routes

    realm = files.workspace.realm
    examiner = Examiner(
        realm=realm,
        connection=None,
        fetcher=Fetcher(policy=realm.network, ca_bundle=trusted_issuers(environ)),
        resolve=SecretResolver(environ=environ, root=root),
        now=now,
    )
    return handoff_routes(
        HandoffPages(
            workspace=lambda: files.workspace,
            store=store,
            examine=lambda partner: examiner.partners([partner]),
            clock=now,
        )
    )


def alert_loop(
    file: Path, root: Path, workspace: Workspace, store: Store, metrics: ServiceMetrics
) -> tuple[str, Loop]:
    """Looks at the thresholds of an alerts file, and sends what is due."""
    from partnergate.cli.statement.alerts_file import read_alerts
    from partnergate.service.loops.alerts import AlertSettings, alerting

    thresholds, receivers = read_alerts(file, root, workspace.partners)
    realm = workspace.realm
    return alerting(
        AlertSettings(thresholds=thresholds, receivers=receivers),
        store,
        realm.realm,
        realm.environment,
        metrics.registry,
        clock=now,
    )


def is_loopback(host: str) -> bool:
    """Whether nobody outside this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def local_authorizer() -> Authorizer:
    """Lets everybody on this machine in."""
    from partnergate.service.access import Authorizer

    return Authorizer(verifier=None)


def token_authorizer(realm: RealmSpec, audience: str, environ: Mapping[str, str] = os.environ) -> Authorizer:
    """Lets in who has a token of the realm."""
    import time

    from partnergate.service.access import Authorizer
    from partnergate.service.api.tokens import SigningKeys, TokenVerifier

    issuer = f"{realm.server_url.rstrip('/')}/realms/{realm.realm}"
    keys = SigningKeys(fetch=fetch_keys(issuer, environ), clock=time.monotonic)
    return Authorizer(verifier=TokenVerifier(issuer=issuer, audience=audience, keys=keys, clock=now))


def fetch_keys(issuer: str, environ: Mapping[str, str]) -> Callable[[], Mapping[str, Any]]:
    """Reads the realm's key set over the network."""
    import requests

    from partnergate.keycloak.credentials import trusted_issuers

    issuers = trusted_issuers(environ) or True

    def fetch() -> Mapping[str, Any]:
        answer = requests.get(
            f"{issuer}/protocol/openid-connect/certs",
            timeout=(3, 5),
            allow_redirects=False,
            verify=issuers,
        )
        answer.raise_for_status()
        found: Mapping[str, Any] = answer.json()
        return found

    return fetch
