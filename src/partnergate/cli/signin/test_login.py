"""``partnergate test-login``: one login through a partner, step by step, with a reason when it fails."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import format_option, root_option

if TYPE_CHECKING:
    from pathlib import Path

    from partnergate.doctor.login_test import LoginTester
    from partnergate.login.browser import Credentials
    from partnergate.model.partner import PartnerSpec, ProviderSpec
    from partnergate.model.workspace import Workspace
    from partnergate.signin.login_test import LoginTest


@click.command(name="test-login")
@click.argument("partner")
@click.option(
    "--environment", "-e", default="staging", show_default=True, help="The environment to log in to."
)
@root_option
@click.option("--provider", "alias", help="One of several providers of the partner; the first by default.")
@click.option("--user", help="The test user at the partner.")
@click.option("--password-env", metavar="NAME", help="The environment variable with the user's password.")
@click.option("--guided", is_flag=True, help="Log in by hand in a browser of this machine.")
@click.option(
    "--wait", type=click.IntRange(5, 3600), default=300, show_default=True, help="Seconds, with --guided."
)
@click.option(
    "--open/--no-open",
    "opens",
    default=False,
    help="Open a window, with --guided; one of Chromium is watched, so that what arrives is shown.",
)
@click.option("--without-admin", is_flag=True, help="Do not ask the Admin API for events and users.")
@click.option("--store", "store_url", help="The sidecar's database; keeps the result as evidence.")
@format_option("text", "json")
def command(
    partner: str,
    environment: str,
    root: Path,
    *,
    alias: str | None,
    user: str | None,
    password_env: str | None,
    guided: bool,
    wait: int,
    opens: bool,
    without_admin: bool,
    store_url: str | None,
    kind: str,
) -> int:
    """Log in once through PARTNER's provider and show each step.

    Shows the way, the claims or attributes that arrived (masked) and what became of them. When it
    fails it names one reason of a closed list (docs/reasons.md). Ends with 8 when the login fails.
    """
    from rich.console import Console

    from partnergate.cli.realm.access import load_files
    from partnergate.doctor.guided import guided_login_test
    from partnergate.rendering.signin.test_login import trial_json, trial_text

    workspace, _ = load_files(root, environment)
    spec, provider = _chosen(workspace, partner, alias)
    run = _run(root, workspace, without_admin=without_admin)
    try:
        chromium = _watchable() if guided and opens else None
        if chromium is not None:
            from partnergate.doctor.observed_browser import observed_chromium

            with observed_chromium(chromium, wait_seconds=wait) as window:
                click.echo("Log in with a test user in the window that opens.", err=True)
                trial = run.run(spec, provider, None, open_window=window)
        elif guided:
            trial = guided_login_test(
                run, spec, provider, show=lambda url: _show(url, opens=opens), wait_seconds=wait
            )
        else:
            trial = run.run(spec, provider, _credentials(user, password_env))
    finally:
        if run.connection is not None:
            run.connection.close()
    if store_url:
        _keep(workspace, store_url, trial)
    if kind == "json":
        click.echo(trial_json(trial))
    else:
        Console().print(trial_text(trial), highlight=False)
    return ExitCode.OK if trial.passed else ExitCode.INCOMPLETE


def _chosen(workspace: Workspace, name: str, alias: str | None) -> tuple[PartnerSpec, ProviderSpec]:
    from partnergate.errors import UsageError

    spec = next((p for p in workspace.partners if p.partner == name), None)
    if spec is None:
        known = ", ".join(sorted(p.partner for p in workspace.partners))
        raise UsageError(f"no partner is called {name}", advice=f"known: {known}")
    usable = [p for p in spec.providers if not p.retired and alias in (None, p.alias)]
    if not usable:
        raise UsageError(
            f"{name} has no provider {alias or 'in use'}",
            advice=f"known: {', '.join(p.alias for p in spec.providers) or 'none'}",
        )
    return spec, usable[0]


def _credentials(user: str | None, password_env: str | None) -> Credentials | None:
    from partnergate.errors import UsageError
    from partnergate.login.browser import Credentials

    if user is None and password_env is None:
        return None
    if user is None or password_env is None:
        raise UsageError("--user and --password-env go together")
    password = os.environ.get(password_env, "")
    if not password:
        raise UsageError(f"the environment variable {password_env} holds no password")
    return Credentials(username=user, password=password)


def _run(root: Path, workspace: Workspace, *, without_admin: bool) -> LoginTester:
    from partnergate.cli.clock import now
    from partnergate.doctor.fetching import Fetcher
    from partnergate.doctor.login_test import LoginTester
    from partnergate.keycloak.connection import connect
    from partnergate.keycloak.credentials import credentials_from, trusted_issuers
    from partnergate.keycloak.secrets import SecretResolver

    realm, bundle = workspace.realm, trusted_issuers(os.environ)
    connection = None
    if not without_admin:
        connection = connect(
            server_url=realm.server_url,
            realm=realm.realm,
            credentials=credentials_from(os.environ),
            verify=bundle or True,
        )
    return LoginTester(
        realm=realm,
        fetcher=Fetcher(policy=realm.network, ca_bundle=bundle),
        resolve=SecretResolver(environ=os.environ, root=root),
        connection=connection,
        now=now,
    )


def _watchable() -> Path | None:
    """The browser whose window can be watched, where Playwright is installed to do so."""
    from importlib.util import find_spec

    from partnergate.devstack import find_chromium

    return find_chromium() if find_spec("playwright") else None


def _show(url: str, *, opens: bool) -> None:
    click.echo(f"Open this address and log in with a test user:\n\n{url}\n", err=True)
    if opens:
        click.launch(url)


def _keep(workspace: Workspace, store_url: str, trial: LoginTest) -> None:
    from partnergate.store import open_store
    from partnergate.store.sessions.staging_tests import StagingTest, record_staging_test

    with open_store(store_url) as store, store.write() as connection:
        record_staging_test(
            connection,
            StagingTest(
                realm=workspace.realm.realm,
                environment=trial.environment,
                partner=trial.partner,
                alias=trial.alias,
                at=trial.at,
                reason=trial.reason.value if trial.reason else "",
                arrived=trial.arrived,
                mapped=trial.mapped,
                details=trial.details,
            ),
        )
