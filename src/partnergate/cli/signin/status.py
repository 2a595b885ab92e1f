"""``partnergate status``: the onboarding steps of every partner, and what is overdue."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from partnergate.cli.clock import now
from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import environment_option, format_option, root_option, store_option
from partnergate.cli.partners import require_partners
from partnergate.wording import counted

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from partnergate.model.partner import PartnerId
    from partnergate.model.workspace import Workspace
    from partnergate.signin.onboarding import Evidence


@click.command(name="status", cls=Command)
@click.argument("partner", required=False)
@environment_option()
@root_option
@store_option(required=False, description="Store URL, for test logins and first sessions.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Day of the report (default: today).")
@format_option("text", "json")
def command(
    partner: str | None,
    environment: str,
    root: Path,
    *,
    store: str | None,
    on: datetime | None,
    kind: str,
) -> int:
    """List every partner with its next onboarding step, or every step of one PARTNER.

    A step is done when there is evidence: the content of the file, an agreement in effect, and with
    --store, a passed test login and the first live session.
    """
    from rich.console import Console

    from partnergate.cli.realm.access import load_files
    from partnergate.rendering.signin.status import status_json, status_steps, status_table
    from partnergate.signin.onboarding import Evidence, partner_status

    workspace, _ = load_files(root, environment)
    if partner is not None:
        require_partners(workspace, (partner,))
    today: date = (on or now()).date()
    seen = _evidence(workspace, store) if store else {}
    statuses = tuple(
        partner_status(p, seen.get(p.partner, Evidence()), today=today)
        for p in workspace.partners
        if partner in (None, p.partner)
    )
    if kind == "json":
        click.echo(status_json(statuses))
        return ExitCode.OK
    console = Console()
    console.print(status_table(statuses) if partner is None else status_steps(statuses[0]), highlight=False)
    late = counted(sum(len(s.overdue) for s in statuses), "step")
    listed = counted(len(statuses), "partner")
    console.print(f"\n{listed}, {late} overdue on {today.isoformat()}", highlight=False)
    return ExitCode.OK


def _evidence(workspace: Workspace, store_url: str) -> dict[PartnerId, Evidence]:
    from partnergate.signin.onboarding import Evidence
    from partnergate.store import open_existing_store
    from partnergate.store.sessions.queries import first_session_at
    from partnergate.store.sessions.staging_tests import last_passed_at

    with open_existing_store(store_url) as store, store.read() as connection:
        return {
            p.partner: Evidence(
                staging_test_passed_on=_day(last_passed_at(connection, p.partner)),
                first_live_session_on=_day(first_session_at(connection, workspace.realm.realm, p.partner)),
            )
            for p in workspace.partners
        }


def _day(instant: datetime | None) -> date | None:
    return instant.date() if instant else None
