"""How ``test-login`` chooses the provider and the user, runs the login, and stores the result."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from partnergate.cli.clock import now
from partnergate.cli.partners import partner_named
from partnergate.cli.requirements import require_all
from partnergate.cli.server import access_checks, destination_of, open_realm_server
from partnergate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from partnergate.doctor.login_test import LoginTester
    from partnergate.login.browser import Credentials
    from partnergate.model.partner import PartnerSpec, ProviderSpec
    from partnergate.model.workspace import Workspace
    from partnergate.signin.login_test import LoginTest


def chosen_provider(workspace: Workspace, name: str, alias: str | None) -> tuple[PartnerSpec, ProviderSpec]:
    """The partner and its provider; without an alias the first one that is not retired."""
    spec = partner_named(workspace, name)
    usable = [p for p in spec.providers if not p.retired and alias in (None, p.alias)]
    if not usable:
        raise UsageError(
            f"partner {name} has no {'active provider' if alias is None else f'active provider {alias}'}",
            advice=f"providers: {', '.join(p.alias for p in spec.providers) or 'none'}",
        )
    return spec, usable[0]


def credentials_of(user: str | None, password_env: str | None) -> Credentials | None:
    """The test user's credentials, or ``None`` without ``--user``; raises ``UsageError`` for half of them."""
    from partnergate.login.browser import Credentials

    if user is None and password_env is None:
        return None
    if user is None or password_env is None:
        raise UsageError("pass --user and --password-env together")
    password = os.environ.get(password_env, "")
    if not password:
        raise UsageError(f"missing password of the test user: set {password_env}")
    return Credentials(username=user, password=password)


@contextmanager
def login_tester(
    root: Path, workspace: Workspace, *, without_admin: bool, secrets_dir: Path | None
) -> Iterator[LoginTester]:
    """A run that can log in once; its connection to the Admin API is closed at the end."""
    from partnergate.cli.deployed_secrets import deployed_secrets
    from partnergate.doctor.fetching import Fetcher
    from partnergate.doctor.login_test import LoginTester
    from partnergate.keycloak.credentials import trusted_issuers

    realm, bundle = workspace.realm, trusted_issuers(os.environ)
    connection = None
    if not without_admin:
        require_all(*access_checks(destination_of(realm), os.environ))
        connection = open_realm_server(realm, os.environ)
    try:
        yield LoginTester(
            realm=realm,
            fetcher=Fetcher(policy=realm.network, ca_bundle=bundle),
            deployed_secret=deployed_secrets(
                realm, connection, root=root, secrets_dir=secrets_dir, environ=os.environ
            ),
            connection=connection,
            now=now,
        )
    finally:
        if connection is not None:
            connection.close()


def guided_login(
    run: LoginTester, spec: PartnerSpec, provider: ProviderSpec, *, wait_seconds: int, opens: bool
) -> LoginTest:
    """A manual login; with ``opens`` in a window, which shows the received claims if it is Chromium's."""
    from partnergate.doctor.guided import guided_login_test

    chromium = _recordable_chromium() if opens else None
    if chromium is None:
        return guided_login_test(
            run, spec, provider, show=lambda url: _show(url, opens=opens), wait_seconds=wait_seconds
        )
    from partnergate.doctor.observed_browser import observed_chromium

    with observed_chromium(chromium, wait_seconds=wait_seconds) as window:
        click.echo("Log in with a test user in the window that opens.", err=True)
        return run.run(spec, provider, None, open_window=window)


def _recordable_chromium() -> Path | None:
    """The Chromium on this machine, if Playwright is installed to record its window."""
    from importlib.util import find_spec

    from partnergate.devstack import find_chromium

    return find_chromium() if find_spec("playwright") else None


def _show(url: str, *, opens: bool) -> None:
    click.echo(f"Open this URL and log in with a test user:\n\n{url}\n", err=True)
    if opens:
        click.launch(url)


def store_result(workspace: Workspace, store_url: str, trial: LoginTest) -> None:
    """Store the result, with masked values, as evidence for ``status`` and the hand-off page."""
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
