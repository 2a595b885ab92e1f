"""The parts that ``serve`` puts together: event readers, launch and shared pages, alerts, authorization."""

from __future__ import annotations

import ipaddress
import os
from typing import TYPE_CHECKING, NamedTuple

from partnergate.cli.clock import now

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import ExitStack
    from pathlib import Path
    from typing import Any

    from fastapi import APIRouter

    from partnergate.doctor.check_results import CheckResult
    from partnergate.model.environment import RealmSpec
    from partnergate.model.partner import PartnerSpec
    from partnergate.model.workspace import Workspace
    from partnergate.service.access import Authorizer
    from partnergate.service.loops.file_watcher import CurrentFiles
    from partnergate.service.loops.loop import Loop
    from partnergate.service.metrics import ServiceMetrics
    from partnergate.signin.launch_state import StateKey
    from partnergate.store.database.engine import Store


def required_settings(
    realm: RealmSpec, root: Path, *, reads_events: bool, environ: Mapping[str, str] = os.environ
) -> tuple[Callable[[], object], ...]:
    """The checks of the credentials and keys that the service needs, to report all missing ones at once."""
    from partnergate.cli.server import access_checks, destination_of

    access = access_checks(destination_of(realm), environ) if reads_events else ()
    if realm.launch is None:
        return access
    return (*access, lambda: _launch_key(realm, root, environ))


def event_loops(
    stack: ExitStack,
    files: CurrentFiles,
    store: Store,
    metrics: ServiceMetrics,
    environ: Mapping[str, str] = os.environ,
) -> tuple[tuple[str, Loop], ...]:
    """The readers of login events and profiles; the stack closes their connection."""
    from partnergate.cli.server import open_realm_server
    from partnergate.service.loops.reader_loops import event_reader_loop, profile_reader_loop

    connection = open_realm_server(files.workspace.realm, environ)
    stack.enter_context(connection)
    reading = event_reader_loop(connection, store, metrics, lambda: files.partners, now)
    return reading, profile_reader_loop(connection, store, metrics, now)


class LaunchParts(NamedTuple):
    """The routes and loops of the launch service; empty if the environment declares none."""

    routers: tuple[APIRouter, ...] = ()
    loops: tuple[tuple[str, Loop], ...] = ()


def launch_pages(
    files: CurrentFiles,
    root: Path,
    store: Store,
    metrics: ServiceMetrics,
    environ: Mapping[str, str] = os.environ,
) -> LaunchParts:
    """The routes that the partners' launch buttons open, and the recording of their outcomes."""
    from partnergate.service.launch.outcome_counter import LaunchOutcomeCounter
    from partnergate.service.launch.routes import launch_routes
    from partnergate.service.launch.session_check import session_check
    from partnergate.service.launch.steps import LaunchService

    realm = files.workspace.realm
    if realm.launch is None:
        return LaunchParts()
    record = LaunchOutcomeCounter(realm=realm.realm, store=store, metrics=metrics, clock=now)
    service = LaunchService(
        realm=realm,
        settings=realm.launch,
        partners=lambda: files.partners,
        check=session_check(realm, realm.launch, now),
        key=_launch_key(realm, root, environ),
        record=record.record,
        clock=now,
    )
    return LaunchParts(routers=(launch_routes(service),), loops=(("launch-recording", record),))


def _launch_key(realm: RealmSpec, root: Path, environ: Mapping[str, str]) -> StateKey:
    from partnergate.cli.realm.access import state_directory
    from partnergate.service.launch.key import launch_key

    return launch_key(
        environ,
        state_directory=state_directory(root, environ),
        key_file_allowed=realm.network.allow_loopback_http,
    )


def shared_pages(
    stack: ExitStack,
    files: CurrentFiles,
    root: Path,
    store: Store,
    *,
    secrets_dir: Path | None,
    reads_realm: bool,
    environ: Mapping[str, str] = os.environ,
) -> APIRouter:
    """The hand-off and readiness pages of each partner; the stack closes their connection.

    A check sends a client secret only if ``reads_realm`` and the realm has the same one.
    """
    from dataclasses import replace

    from partnergate.cli.deployed_secrets import deployed_secrets
    from partnergate.cli.server import open_realm_server
    from partnergate.doctor.deadline import with_deadline
    from partnergate.doctor.examination import Examiner
    from partnergate.doctor.fetching import Fetcher
    from partnergate.keycloak.credentials import trusted_issuers
    from partnergate.service.portal.checks import LIMIT_SECONDS, PartnerChecks
    from partnergate.service.portal.handoff import HandoffPages, handoff_routes

    realm = files.workspace.realm
    connection = (
        stack.enter_context(open_realm_server(realm, environ, sign_in=False)) if reads_realm else None
    )
    fetcher = Fetcher(policy=realm.network, ca_bundle=trusted_issuers(environ))
    examiner = Examiner(
        realm=realm,
        connection=None,
        fetcher=fetcher,
        deployed_secret=deployed_secrets(
            realm, connection, root=root, secrets_dir=secrets_dir, environ=environ, for_partner=True
        ),
        now=now,
    )

    def examine(partner: PartnerSpec) -> tuple[CheckResult, ...]:
        timed = replace(examiner, fetcher=with_deadline(fetcher, LIMIT_SECONDS))
        return timed.partners([partner])

    return handoff_routes(
        HandoffPages(
            workspace=lambda: files.workspace,
            store=store,
            checks=PartnerChecks(examine=examine, clock=now),
            clock=now,
        )
    )


def key_pages(file: Path | None) -> tuple[APIRouter, ...]:
    """The route of the published statement keys; none without a key set."""
    from partnergate.service.portal.statement_keys import statement_key_routes

    return () if file is None else (statement_key_routes(file),)


def alert_loop(
    file: Path, secrets_dir: Path | None, workspace: Workspace, store: Store, metrics: ServiceMetrics
) -> tuple[str, Loop]:
    """The loop that evaluates the thresholds of an alerts file and sends the webhooks that are due."""
    from partnergate.cli.statement.alerts_file import read_alerts, webhook_fetcher
    from partnergate.keycloak.secrets import SecretResolver
    from partnergate.service.loops.alerts import AlertSettings, alerting

    secrets = SecretResolver(environ=os.environ, directory=secrets_dir)
    thresholds, receivers = read_alerts(file, workspace, secrets=secrets)
    realm = workspace.realm
    return alerting(
        AlertSettings(thresholds=thresholds, receivers=receivers),
        store,
        realm.realm,
        realm.environment,
        metrics.registry,
        fetcher=webhook_fetcher(workspace),
        clock=now,
    )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def refuse_invalid_proxies(addresses: tuple[str, ...]) -> None:
    """Raise ``UsageError`` for an address that is not an IP address or network."""
    from partnergate.errors import UsageError

    for text in addresses:
        try:
            ipaddress.ip_network(text)
        except ValueError as error:
            raise UsageError(
                f'"{text}" is not an IP address or network',
                target="--trusted-proxy",
                advice="use an address such as 10.0.0.5, or a network such as 10.0.0.0/24",
            ) from error


def access_of(realm: RealmSpec, audience: str | None) -> Authorizer:
    """Authorization by tokens with the audience; without one, every request is accepted."""
    from partnergate.service.access import Authorizer

    return Authorizer(verifier=None) if audience is None else token_access(realm, audience)


def token_access(realm: RealmSpec, audience: str, environ: Mapping[str, str] = os.environ) -> Authorizer:
    """Authorization that requires a token of the realm with the audience."""
    import time

    from partnergate.service.access import Authorizer
    from partnergate.service.api.tokens import SigningKeys, TokenVerifier

    issuer = f"{realm.server_url.rstrip('/')}/realms/{realm.realm}"
    keys = SigningKeys(fetch=fetch_keys(issuer, environ), clock=time.monotonic)
    return Authorizer(verifier=TokenVerifier(issuer=issuer, audience=audience, keys=keys, clock=now))


def fetch_keys(issuer: str, environ: Mapping[str, str]) -> Callable[[], Mapping[str, Any]]:
    """A function that fetches the signing keys of the realm."""
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
