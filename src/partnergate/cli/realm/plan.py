"""``partnergate plan``: says what apply would change, and changes nothing."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import format_option, root_option
from partnergate.process_tuning import keep_everything_until_exit

if TYPE_CHECKING:
    from partnergate.planning.plan import Plan


@click.command(name="plan")
@click.option("--environment", "-e", required=True, help="The environment to plan for.")
@root_option
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the plan to this file, for apply to carry out.",
)
@format_option("text", "markdown", "json")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 when there is something to apply.")
@click.option("--partner", "partners", multiple=True, help="Only this partner; may be given again.")
def command(
    environment: str,
    root: Path,
    out: Path | None,
    kind: str,
    *,
    detailed_exitcode: bool,
    partners: tuple[str, ...],
) -> int:
    """Show what apply would change in the realm of an environment.

    The plan sees fields changed by hand, keys and mappers that no file declares, and changed
    secrets (that they changed, not what they are). It changes nothing.
    """
    keep_everything_until_exit()
    from partnergate.cli.realm.early_reading import begin_reading

    early = begin_reading(root, environment, os.environ)
    from partnergate.cli.realm.access import open_realm, this_day

    with open_realm(root, environment, today=this_day(), early=early) as access:
        plan = access.plan(partners, for_file=out is not None or kind == "json")
    if out is not None:
        from partnergate.planning.plan_file import plan_to_json

        out.write_text(plan_to_json(plan), encoding="utf-8")
    click.echo(_shown(plan, kind), nl=False)
    if out is not None and kind == "text":
        click.echo(f"Written to {out}; partnergate apply {out} does exactly this.")
    return ExitCode.CHANGES_PRESENT if detailed_exitcode and not plan.is_empty else ExitCode.OK


def _shown(plan: Plan, kind: str) -> str:
    match kind:
        case "json":
            from partnergate.planning.plan_file import plan_to_json

            return plan_to_json(plan)
        case "markdown":
            from partnergate.rendering.plan.markdown import plan_as_markdown

            return plan_as_markdown(plan)
        case _:
            from partnergate.rendering.plan.text import plan_as_text

            return plan_as_text(plan, color=sys.stdout.isatty() and "NO_COLOR" not in os.environ)
