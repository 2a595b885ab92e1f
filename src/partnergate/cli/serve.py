"""``partnergate serve``: runs the sidecar of one environment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from partnergate.cli.clock import now
from partnergate.cli.command import Command
from partnergate.cli.options import environment_option, root_option, secrets_dir_option, store_option

if TYPE_CHECKING:
    from partnergate.cli.statement.access import Where


@dataclass(frozen=True, slots=True, kw_only=True)
class _Settings:
    """The settings of one service."""

    where: Where
    host: str
    port: int
    audience: str | None
    """The required audience of tokens; ``None`` accepts requests without a token."""
    alerts: Path | None
    statement_keys: Path | None
    secrets_dir: Path | None
    reads_events: bool
    allowed_hosts: tuple[str, ...]
    trusted_proxies: tuple[str, ...]
    connections: int


@click.command(name="serve", cls=Command)
@environment_option()
@root_option
@store_option()
@secrets_dir_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8080, show_default=True, help="Port to listen on."
)
@click.option("--audience", default="partnergate", show_default=True, help="Required audience of tokens.")
@click.option(
    "--allowed-host",
    "allowed_hosts",
    multiple=True,
    metavar="HOST[:PORT]",
    envvar="PARTNERGATE_ALLOWED_HOSTS",
    show_envvar=True,
    help="Respond only to this host name; repeatable. Without it, to every name.",
)
@click.option(
    "--trusted-proxy",
    "trusted_proxies",
    multiple=True,
    metavar="ADDRESS",
    envvar="PARTNERGATE_TRUSTED_PROXIES",
    show_envvar=True,
    help="Address or network of a proxy whose X-Forwarded-For header is accepted; repeatable.",
)
@click.option(
    "--max-connections",
    "connections",
    type=click.IntRange(min=16),
    default=1000,
    show_default=True,
    help="Maximum number of open connections; lower if the descriptor limit requires it.",
)
@click.option(
    "--alerts",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Alerts file, as for statement alerts; evaluated every minute.",
)
@click.option(
    "--statement-keys",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Key set from statement keygen, published at /.well-known/partnergate-statement-keys.json.",
)
@click.option("--without-events", is_flag=True, help="Accept usage only; another process reads login events.")
@click.option(
    "--open-local",
    is_flag=True,
    help="Accept requests without a token; for a demo, with a loopback address and host name only.",
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
    statement_keys: Path | None,
    allowed_hosts: tuple[str, ...],
    trusted_proxies: tuple[str, ...],
    connections: int,
    secrets_dir: Path | None,
) -> None:
    """Run the sidecar of one environment until it is stopped.

    The sidecar reads login events, accepts usage, and serves the pages and the API.
    """
    from partnergate.cli.serving_parts import is_loopback, refuse_invalid_proxies
    from partnergate.cli.statement.access import Where
    from partnergate.errors import UsageError
    from partnergate.service.allowed_hosts import local_hosts

    if open_local and not is_loopback(host):
        raise UsageError(
            "--open-local requires a loopback address, because it accepts requests without a token",
            target=host,
            advice="remove --open-local, or pass --host 127.0.0.1",
        )
    refuse_invalid_proxies(trusted_proxies)
    settings = _Settings(
        where=Where(store=store, environment=environment, root=root),
        host=host,
        port=port,
        audience=None if open_local else audience,
        alerts=alerts,
        statement_keys=statement_keys,
        secrets_dir=secrets_dir,
        reads_events=not without_events,
        allowed_hosts=(*local_hosts(port), *allowed_hosts) if open_local else allowed_hosts,
        trusted_proxies=trusted_proxies,
        connections=connections,
    )
    _serve(settings)


def _serve(settings: _Settings) -> None:
    """Put the service together and run it until it is stopped."""
    from contextlib import ExitStack

    from partnergate.cli import serving_parts as parts
    from partnergate.cli.requirements import require_all
    from partnergate.cli.statement.access import load_files
    from partnergate.language.folder import folder_stamp
    from partnergate.service.allowed_hosts import allowed_hosts
    from partnergate.service.compose import service_deps
    from partnergate.service.logs import log_to
    from partnergate.service.loops.file_watcher import CurrentFiles, FileWatcher
    from partnergate.service.metrics import ServiceMetrics
    from partnergate.service.running import run_service
    from partnergate.store.database.opening import open_store

    # Loaded with the commit of each file, because the store records the origin of a partner's terms.
    where, root = settings.where, settings.where.root
    hosts = allowed_hosts(settings.allowed_hosts)
    stamp = folder_stamp(root)
    workspace = load_files(where)
    require_all(*parts.required_settings(workspace.realm, root, reads_events=settings.reads_events))
    files = CurrentFiles(workspace)
    log_to()
    with ExitStack() as stack:
        store = stack.enter_context(open_store(where.store))
        metrics = ServiceMetrics()
        watching = FileWatcher(
            files=files,
            store=store,
            metrics=metrics,
            stamp=lambda: folder_stamp(root),
            load=lambda: load_files(where),
            loaded=stamp,
            clock=now,
        )
        loops = parts.event_loops(stack, files, store, metrics) if settings.reads_events else ()
        if settings.alerts is not None:
            loops = (
                *loops,
                parts.alert_loop(settings.alerts, settings.secrets_dir, workspace, store, metrics),
            )
        launch = parts.launch_pages(files, root, store, metrics)
        shared = parts.shared_pages(
            stack,
            files,
            root,
            store,
            secrets_dir=settings.secrets_dir,
            reads_realm=settings.reads_events,
        )
        deps = service_deps(
            workspace,
            store,
            authorizer=parts.access_of(workspace.realm, settings.audience),
            loops=(*loops, *launch.loops, ("file-watcher", watching)),
            files=files,
            reads_events=settings.reads_events,
            allowed_hosts=hosts,
            metrics=metrics,
            routers=(shared,),
            public_routers=(*launch.routers, *parts.key_pages(settings.statement_keys)),
            clock=now,
        )
        click.echo(f"partnergate {where.environment} on http://{settings.host}:{settings.port}", err=True)
        run_service(
            deps,
            host=settings.host,
            port=settings.port,
            connections=settings.connections,
            trusted_proxies=settings.trusted_proxies,
        )
