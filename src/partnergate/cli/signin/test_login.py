"""``partnergate test-login``: one login through a partner, with a reason when it fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import (
    environment_option,
    format_option,
    root_option,
    secrets_dir_option,
    store_option,
)

if TYPE_CHECKING:
    from pathlib import Path


@click.command(name="test-login", cls=Command)
@click.argument("partner")
@environment_option()
@root_option
@secrets_dir_option
@click.option("--provider", "alias", help="Provider alias, if the partner has several (default: the first).")
@click.option("--user", help="User name of the test user at the partner.")
@click.option("--password-env", metavar="NAME", help="Environment variable with the user's password.")
@click.option(
    "--accept-consent", is_flag=True, help="Accept the consent page of the partner for the test user."
)
@click.option("--guided", is_flag=True, help="Log in manually in a browser on this machine.")
@click.option(
    "--wait",
    type=click.IntRange(5, 3600),
    default=300,
    show_default=True,
    help="Seconds to wait for a guided login.",
)
@click.option(
    "--open/--no-open",
    "opens",
    default=False,
    help="Open a browser window for a guided login; Chromium also records the received claims.",
)
@click.option("--without-admin", is_flag=True, help="Do not read events and users with the Admin API.")
@store_option(required=False, description="Store URL; keeps the result as evidence for status.")
@format_option("text", "json")
def command(
    partner: str,
    environment: str,
    root: Path,
    *,
    alias: str | None,
    user: str | None,
    password_env: str | None,
    accept_consent: bool,
    guided: bool,
    wait: int,
    opens: bool,
    without_admin: bool,
    store: str | None,
    kind: str,
    secrets_dir: Path | None,
) -> int:
    """Log in once through PARTNER's provider and show each request.

    The output shows the requests, the received claims or attributes (masked), and the resulting
    user. A failed login has one reason from a fixed list (docs/reasons.md). Exits with 8 when the
    login fails.
    """
    from rich.console import Console

    from partnergate.cli.signin.test_login_run import (
        chosen_provider,
        credentials_of,
        guided_login,
        login_tester,
        store_result,
    )
    from partnergate.cli.signin.usable_partners import load_usable
    from partnergate.rendering.signin.test_login import trial_json, trial_text

    workspace, _ = load_usable(root, environment, (partner,))
    spec, provider = chosen_provider(workspace, partner, alias)
    credentials = None if guided else credentials_of(user, password_env)
    with login_tester(root, workspace, without_admin=without_admin, secrets_dir=secrets_dir) as run:
        trial = (
            guided_login(run, spec, provider, wait_seconds=wait, opens=opens)
            if guided
            else run.run(spec, provider, credentials, accept_consent=accept_consent)
        )
    if store:
        store_result(workspace, store, trial)
    if kind == "json":
        click.echo(trial_json(trial))
    else:
        Console().print(trial_text(trial), highlight=False)
    return ExitCode.OK if trial.passed else ExitCode.INCOMPLETE
