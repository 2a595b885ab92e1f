"""``partnergate apply``: carries out a plan, or plans, shows, asks and carries out."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from partnergate.cli.exit_codes import ExitCode
from partnergate.process_tuning import keep_everything_until_exit
from partnergate.wording import counted

if TYPE_CHECKING:
    from partnergate.applying.report import ApplyReport
    from partnergate.cli.realm.access import RealmAccess
    from partnergate.planning.plan import Plan

_SHOWN_WHOLE = 500
"""More changes than this nobody reads in the log of an apply that does not ask."""


@click.command(name="apply")
@click.argument("plan_file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--environment", "-e", help="The environment; with a plan file, the one it was made for.")
@click.option(
    "--root", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="The workspace."
)
@click.option("--partner", "partners", multiple=True, help="Only this partner; may be given again.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--adopt", is_flag=True, help="Take over what is there already without our mark.")
@click.option("--create-realm", is_flag=True, help="Make the realm when it is not there.")
@click.option("--allow-delete", multiple=True, metavar="ALIAS", help="Delete this provider and its links.")
@click.option(
    "--allow-replace", multiple=True, metavar="ALIAS", help="Delete this provider and make it anew."
)
@click.option("--allow-mass-change", is_flag=True, help="Close or delete many providers in one run.")
@click.option(
    "--remove-stranded-users",
    "remove_stranded",
    is_flag=True,
    help="Delete users whom a broken first login left without a link.",
)
@click.option("--workers", type=click.IntRange(1, 16), default=4, show_default=True, help="Partners at once.")
def command(
    plan_file: Path | None,
    environment: str | None,
    root: Path,
    partners: tuple[str, ...],
    *,
    yes: bool,
    adopt: bool,
    create_realm: bool,
    allow_delete: tuple[str, ...],
    allow_replace: tuple[str, ...],
    allow_mass_change: bool,
    remove_stranded: bool,
    workers: int,
) -> int:
    """Bring the realm of an environment to what the files say.

    With PLAN_FILE (made by ``plan --out``) it does exactly what was reviewed, or refuses and says
    what moved. Without, it plans, shows the plan and asks; where nobody can be asked it needs --yes.
    """
    keep_everything_until_exit()
    from partnergate.cli.realm.early_reading import begin_reading

    # A plan file says itself what to do, and is held against the realm once that is locked.
    early = begin_reading(root, environment, os.environ) if environment and plan_file is None else None
    from partnergate.cli.realm.access import open_realm, refuse_other_target, this_day
    from partnergate.errors import UsageError
    from partnergate.planning.safety import Overrides, raise_if_unsafe

    given = _plan_of(plan_file) if plan_file is not None else None
    if given is not None and partners:
        raise UsageError("a plan file says itself which partners it is for", advice="leave out --partner")
    wanted = environment or (given.target.environment if given is not None else None)
    if wanted is None:
        raise UsageError("no environment is named", advice="give --environment, or a plan file")
    with open_realm(root, wanted, today=this_day(), early=early) as access:
        if given is not None:
            refuse_other_target(given, access, wanted)
            given = access.with_verified_secrets(given)
        plan = given if given is not None else access.plan(partners, all_secrets=True)
        overrides = Overrides(
            delete=frozenset(allow_delete),
            replace=frozenset(allow_replace),
            adopt=adopt,
            mass_change=allow_mass_change,
            create_realm=create_realm,
        )
        _show_plan(plan, asking=given is None and not yes)
        if plan.is_empty:
            _look_after_users(access, remove_stranded=remove_stranded)
            return ExitCode.OK
        raise_if_unsafe(plan, overrides)
        if given is None and not yes:
            _ask(plan)
        report = _apply(plan, access, workers, made_here=given is None)
        _show_report(report, from_file=given is not None)
        _look_after_users(access, remove_stranded=remove_stranded)
        return ExitCode.OK if report.is_complete else ExitCode.PARTIAL


def _plan_of(file: Path) -> Plan:
    from partnergate.errors import PlanFileError
    from partnergate.planning.plan_file import MADE_BY, plan_from_json

    try:
        return plan_from_json(file.read_text(encoding="utf-8"))
    except PlanFileError as error:
        error.target = str(file)
        raise
    except UnicodeDecodeError as error:
        raise PlanFileError("the file is not a plan", target=str(file), advice=MADE_BY) from error


def _look_after_users(access: RealmAccess, *, remove_stranded: bool) -> None:
    """What concerns users and is no change of a resource."""
    _end_sessions(access)
    if remove_stranded and access.connection.get_or_none("") is not None:
        from partnergate.keycloak.stranded_users import remove_stranded_users

        aliases = {provider.alias for partner in access.workspace.partners for provider in partner.providers}
        removed = remove_stranded_users(access.connection, aliases=aliases)
        click.echo(f"removed {counted(removed, 'user')} whom a broken first login left without a link")


def _end_sessions(access: RealmAccess) -> None:
    """Sign out the users of partners out of use, after every run, so that a killed run misses nobody."""
    from partnergate.keycloak.sessions import end_sessions
    from partnergate.model.partner import Stage

    out = [p for p in access.workspace.partners if p.stage in {Stage.SUSPENDED, Stage.RETIRED}]
    aliases = {provider.alias for partner in out for provider in partner.providers}
    if aliases and access.connection.get_or_none("") is not None:
        clients = {client.client_id for client in access.workspace.realm.clients}
        ended = end_sessions(access.connection, aliases=aliases, client_ids=clients)
        click.echo(f"signed out {counted(ended, 'user')} of suspended or retired partners")


def _show_plan(plan: Plan, *, asking: bool) -> None:
    """All of it to whom is asked; else, where it is very long, the line that sums it up and the dangers."""
    from partnergate.planning.safety import destructive_changes
    from partnergate.rendering.plan.outline import summary_line
    from partnergate.rendering.plan.text import plan_as_text

    if asking or len(plan.changes) <= _SHOWN_WHOLE:
        click.echo(plan_as_text(plan, color=sys.stdout.isatty() and "NO_COLOR" not in os.environ), nl=False)
        return
    for danger in destructive_changes(plan):
        click.echo(f"danger: {danger.message}")
    click.echo(f"{summary_line(plan)} (partnergate plan shows all of it)")


def _ask(plan: Plan) -> None:
    from partnergate.errors import UsageError

    if not sys.stdin.isatty():
        raise UsageError(
            "nobody can be asked: there is no terminal", advice="give --yes, or a plan file that was reviewed"
        )
    click.confirm(f"Apply this to {plan.target.environment} (realm {plan.target.realm})?", abort=True)


def _apply(plan: Plan, access: RealmAccess, workers: int, *, made_here: bool) -> ApplyReport:
    from partnergate.applying.executor import apply_plan
    from partnergate.applying.holder import holder_name, is_alive, process_identity, process_space, run_id
    from partnergate.cli.realm.progress_bar import progress_bar
    from partnergate.keycloak.lock import Holder, KeycloakLock
    from partnergate.keycloak.secrets import SecretCheck
    from partnergate.keycloak.write.realm_writer import KeycloakWriter

    realm = access.workspace.realm
    lock = KeycloakLock(
        access.connection,
        holder=Holder(name=holder_name(), run=run_id(), space=process_space(), process=process_identity()),
        clock=access.connection.server_time,
        is_alive=is_alive,
    )
    check = SecretCheck(fingerprints=access.fingerprints, server_url=realm.server_url, realm=realm.realm)
    make_writer = partial(KeycloakWriter, access.connection, resolve=access.resolve, check_secret=check)
    try:
        with progress_bar() as on_progress:
            return apply_plan(
                plan,
                read_state=access.reader.read_or_empty,
                writer=lambda: make_writer(access.reader.representation),
                lock=lock,
                on_progress=on_progress,
                workers=workers,
                read_providers=access.reader.read_providers if made_here else None,
            )
    finally:
        if lock.taken_over:
            click.echo(f"note: an earlier apply ended without a report: {lock.taken_over}", err=True)


def _show_report(report: ApplyReport, *, from_file: bool) -> None:
    from partnergate.cli.realm.apply_report import report_as_text

    click.echo(report_as_text(report, from_file=from_file))
