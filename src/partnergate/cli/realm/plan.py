"""``partnergate plan``: shows what apply would change, and changes nothing."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

import click

from partnergate.cli.audit.recording import add_details, audited
from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import (
    environment_option,
    format_option,
    output_option,
    root_option,
    secrets_dir_option,
)
from partnergate.process_tuning import keep_everything_until_exit

if TYPE_CHECKING:
    from pathlib import Path

    from partnergate.planning.plan import Plan

full_option = click.option(
    "--full/--short",
    default=None,
    help="Show every field with its values, or one line per object (default: --short in a terminal).",
)
partner_option = click.option("--partner", "partners", multiple=True, help="Only this partner; repeatable.")


@click.command(name="plan", cls=Command)
@environment_option()
@root_option
@secrets_dir_option
@output_option(description="Plan file to write, for review and for apply.")
@format_option("text", "markdown", "json")
@full_option
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when changes are present.")
@partner_option
@audited("planned")
def command(
    environment: str,
    root: Path,
    output: Path | None,
    kind: str,
    *,
    full: bool | None,
    detailed_exitcode: bool,
    partners: tuple[str, ...],
    secrets_dir: Path | None,
) -> int:
    """Show what apply would change in the realm of an environment.

    The plan includes fields that were changed manually, keys and mappers that no file declares, and
    changed secrets, without their values. The command changes nothing.
    """
    keep_everything_until_exit()
    from partnergate.cli.realm.early_reading import begin_reading

    early = begin_reading(root, environment, os.environ)
    from partnergate.cli.realm.access import open_realm, this_day

    with open_realm(root, environment, today=this_day(), early=early, secrets_dir=secrets_dir) as access:
        plan = access.without_values(access.plan(partners, for_file=output is not None or kind == "json"))
    add_details(**noted(plan))
    if output is not None:
        from partnergate.planning.plan_file import plan_to_json

        output.write_text(plan_to_json(plan), encoding="utf-8")
    click.echo(_rendered(plan, kind, full=full), nl=False)
    if output is not None and kind == "text":
        click.echo(f"Wrote {output}. To apply exactly this plan, run partnergate apply {output}")
    return ExitCode.CHANGES_PRESENT if detailed_exitcode and not plan.is_empty else ExitCode.OK


def _rendered(plan: Plan, kind: str, *, full: bool | None) -> str:
    match kind:
        case "json":
            from partnergate.planning.plan_file import plan_to_json

            return plan_to_json(plan)
        case "markdown":
            from partnergate.rendering.plan.markdown import plan_as_markdown

            return plan_as_markdown(plan)
        case _:
            return plan_text(plan, full=full)


def noted(plan: Plan) -> dict[str, str]:
    """What the audit log shows of a plan: its environment, realm, and changes by kind."""
    from partnergate.planning.plan_file import summary_counts

    counts = {name: str(number) for name, number in summary_counts(plan).items() if number}
    return {"environment": plan.target.environment, "realm": plan.target.realm} | counts


def plan_text(plan: Plan, *, full: bool | None) -> str:
    """The plan for standard output; without a choice, the short form in a terminal and else the full one."""
    color = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    if full is False or (full is None and sys.stdout.isatty()):
        from partnergate.rendering.plan.short import plan_as_short_text

        return plan_as_short_text(plan, color=color, width=shutil.get_terminal_size((80, 24)).columns)
    from partnergate.rendering.plan.text import plan_as_text

    return plan_as_text(plan, color=color)
