"""``partnergate apply``: applies a reviewed plan file, or makes a plan, shows it and asks."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from partnergate.cli.audit.recording import add_details, audited
from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import ENVIRONMENT, environment_option, root_option, secrets_dir_option
from partnergate.cli.realm.plan import full_option, noted, partner_option
from partnergate.process_tuning import keep_everything_until_exit

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from partnergate.cli.realm.access import RealmAccess
    from partnergate.planning.plan import Plan
    from partnergate.planning.safety import Overrides


def override_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """One option per kind of destructive change, in the order of the help."""
    for option in (
        click.option(
            "--allow-mass-change", is_flag=True, help="Disable or delete many providers in one run."
        ),
        click.option(
            "--allow-replace",
            multiple=True,
            metavar="ALIAS",
            help="Delete this provider and create it again; repeatable.",
        ),
        click.option(
            "--allow-delete",
            multiple=True,
            metavar="ALIAS",
            help="Delete this provider and the links of its users; repeatable.",
        ),
        click.option(
            "--allow-subject-change",
            multiple=True,
            metavar="ALIAS",
            help="Identify the linked users of this provider by something else; repeatable.",
        ),
        click.option("--create-realm", is_flag=True, help="Create the realm if it does not exist."),
        click.option("--adopt", is_flag=True, help="Adopt existing resources that partnergate does not own."),
    ):
        function = option(function)
    return function


@click.command(name="apply", cls=Command)
@click.argument("plan_file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@environment_option(
    required=False, description="Environment name; with a plan file, it must be that of the plan."
)
@root_option
@secrets_dir_option
@partner_option
@click.option("--yes", is_flag=True, help="Apply without confirmation.")
@full_option
@override_options
@click.option(
    "--remove-stranded-users",
    "remove_stranded",
    is_flag=True,
    help="Delete users that an aborted first login left without a link.",
)
@click.option(
    "--workers", type=click.IntRange(1, 16), default=4, show_default=True, help="Partners in parallel."
)
@audited("applied")
def command(
    plan_file: Path | None,
    environment: str | None,
    root: Path,
    partners: tuple[str, ...],
    *,
    yes: bool,
    full: bool | None,
    remove_stranded: bool,
    workers: int,
    secrets_dir: Path | None,
    **overrides: Any,
) -> int:
    """Apply the files to the realm of an environment.

    With PLAN_FILE (from plan --output), apply plans again and makes those changes only if they are
    the reviewed ones; otherwise it refuses and reports the differences. Without it, apply makes a
    plan, shows it and asks for confirmation; without a terminal, it requires --yes.
    """
    keep_everything_until_exit()
    from partnergate.cli.realm.early_reading import begin_reading

    reviewed = _plan_of(plan_file) if plan_file is not None else None
    wanted = _environment(environment, reviewed, partners)
    early = begin_reading(root, wanted, os.environ)
    from partnergate.cli.realm.access import open_realm, this_day
    from partnergate.cli.realm.applied_users import process_users
    from partnergate.cli.realm.apply_run import run_apply

    with open_realm(
        root, wanted, today=this_day(), early=early, all_secrets=True, secrets_dir=secrets_dir
    ) as access:
        plan = _checked_plan(access, wanted, reviewed, partners)
        add_details(**noted(access.without_values(plan)))
        if not plan.is_empty:
            _refuse_unsafe(plan, overrides)
            if reviewed is None:
                _confirm(access.without_values(plan), yes=yes, full=full)
            complete = run_apply(plan, access, workers, from_file=reviewed is not None)
        else:
            _print_summary(access.without_values(plan))
            complete = True
        process_users(access, remove_stranded=remove_stranded)
        return ExitCode.OK if complete else ExitCode.PARTIAL


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


def _environment(environment: str | None, reviewed: Plan | None, partners: tuple[str, ...]) -> str:
    """The environment to apply; raises ``UsageError`` for a command line that does not determine one."""
    from partnergate.errors import UsageError

    if reviewed is not None and partners:
        raise UsageError("a plan file determines its partners", advice="remove --partner")
    wanted = environment or (reviewed.target.environment if reviewed is not None else None)
    if wanted is None:
        raise UsageError(f"missing option: pass --environment or set {ENVIRONMENT}, or pass a plan file")
    return wanted


def _checked_plan(
    access: RealmAccess, environment: str, reviewed: Plan | None, partners: tuple[str, ...]
) -> Plan:
    """The plan to execute: always computed now, never read from a file."""
    from partnergate.cli.realm.access import refuse_other_target

    if reviewed is None:
        return access.plan(partners, all_secrets=True)
    refuse_other_target(reviewed, access, environment)
    return access.planned_as_reviewed(reviewed)


def _refuse_unsafe(plan: Plan, overrides: dict[str, Any]) -> None:
    from partnergate.planning.safety import raise_if_unsafe

    raise_if_unsafe(plan, _overrides(**overrides))


def _overrides(
    *,
    allow_delete: tuple[str, ...],
    allow_replace: tuple[str, ...],
    allow_subject_change: tuple[str, ...],
    adopt: bool,
    allow_mass_change: bool,
    create_realm: bool,
) -> Overrides:
    from partnergate.planning.safety import Overrides

    return Overrides(
        delete=frozenset(allow_delete),
        replace=frozenset(allow_replace),
        subject=frozenset(allow_subject_change),
        adopt=adopt,
        mass_change=allow_mass_change,
        create_realm=create_realm,
    )


def _confirm(plan: Plan, *, yes: bool, full: bool | None) -> None:
    """Show the plan and ask; with ``--yes``, show only the summary unless the full form is requested."""
    from partnergate.cli.realm.plan import plan_text
    from partnergate.errors import UsageError

    if yes and not full:
        _print_summary(plan)
        return
    if not yes and not sys.stdin.isatty():
        raise UsageError(
            "cannot ask for confirmation: stdin is not a terminal",
            advice="pass --yes or a reviewed plan file",
        )
    click.echo(plan_text(plan, full=full), nl=False)
    if not yes:
        click.confirm(f"Apply this to {plan.target.environment} (realm {plan.target.realm})?", abort=True)


def _print_summary(plan: Plan) -> None:
    """The notes and the counts of a plan, without its changes."""
    from partnergate.rendering.plan.outline import plan_notes, summary_line

    for note in plan_notes(plan):
        click.echo(f"{note.kind}: {note.text}")
    click.echo(summary_line(plan))
