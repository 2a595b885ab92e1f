"""The entry point: loads one command, prints failures, chooses the exit code. Nothing else prints errors."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from partnergate import __version__
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.lazy import Lazy, LazyGroup

if TYPE_CHECKING:
    from partnergate.errors import PartnergateError

COMMANDS: dict[str, Lazy] = {
    "init": Lazy("realm.init", "Begin a workspace."),
    "validate": Lazy("realm.validate", "Check every file, in every environment."),
    "schema": Lazy("realm.schema", "Print a JSON Schema, or write those that editors use."),
    "explain": Lazy("realm.explain", "Say what a diagnostic code means."),
    "partner": Lazy("realm.partner", "Add a partner from what it publishes."),
    "plan": Lazy("realm.plan", "Show what apply would change."),
    "comment": Lazy("realm.comment", "Put a plan on the pull or merge request of a job."),
    "apply": Lazy("realm.apply", "Bring a realm to what the files say."),
    "drift": Lazy("realm.drift", "Show what was changed outside, and by whom."),
    "import": Lazy("realm.import_", "Make files from a realm that is there."),
    "handoff": Lazy("signin.handoff", "Show what a partner has to set up on its side."),
    "doctor": Lazy("signin.doctor", "Check from outside what logins need."),
    "test-login": Lazy("signin.test_login", "Log in once through a partner, and say why it fails."),
    "status": Lazy("signin.status", "List every partner with its next step."),
    "price": Lazy("statement.price", "Rate quantities by a price definition, without realm or store."),
    "serve": Lazy("serve", "Read login events, take usage, show partners."),
    "usage": Lazy("usage.group", "Report, send and backfill usage."),
    "quality": Lazy("usage.quality", "Show what a partner's identity data lacks in a period."),
    "store": Lazy("store.group", "Back up, restore, verify, migrate and export the store."),
    "statement": Lazy("statement.group", "Statements: what a partner owes, and is owed, for a period."),
    "reconcile": Lazy(
        "statement.reconcile", "The partner's own records beside the host's, each difference with its cause."
    ),
    "trace": Lazy("statement.trace", "From a line of a statement to its facts, and from a fact to its line."),
    "demo": Lazy("demo", "Run the main job on a real Keycloak and show each step."),
}
"""Command name -> its module below ``partnergate.cli`` and its line in ``--help``."""


@click.group(cls=LazyGroup, lazy=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="partnergate")
@click.option("--verbose", is_flag=True, help="Show the chain of causes of a failure.")
@click.pass_context
def cli(ctx: click.Context, *, verbose: bool) -> None:
    """Partner identity broker as configuration-as-code, with attributed usage and statements."""
    ctx.obj = {"verbose": verbose}


def _print_failure(error: PartnergateError, *, verbose: bool) -> None:
    from partnergate.errors import InvalidInputError

    if isinstance(error, InvalidInputError):
        from partnergate.rendering.diagnostics.text import diagnostic_text

        for found in error.found:
            print(diagnostic_text(found), end="\n\n", file=sys.stderr)
    print(f"error: {error.diagnostics()}", file=sys.stderr)
    if verbose:
        import traceback

        traceback.print_exception(error, file=sys.stderr)


def exit_code_of(error: PartnergateError) -> ExitCode:
    """The code that a failure ends the process with."""
    from partnergate import errors

    by_type: tuple[tuple[type[PartnergateError], ExitCode], ...] = (
        (errors.UsageError, ExitCode.USAGE),
        (errors.InvalidInputError, ExitCode.INVALID_INPUT),
        (errors.UnsafePlanError, ExitCode.UNSAFE),
        (errors.StalePlanError, ExitCode.STALE),
        (errors.ApplyError, ExitCode.PARTIAL),
        (errors.LockedError, ExitCode.LOCKED),
    )
    return next((code for kind, code in by_type if isinstance(error, kind)), ExitCode.FAILED)


def main(argv: list[str] | None = None) -> Any:
    """Run one command and leave with its exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    from partnergate.errors import PartnergateError

    try:
        result = cli.main(args=arguments, prog_name="partnergate", standalone_mode=False)
    except click.exceptions.Exit as done:
        code = done.exit_code
    except click.UsageError as error:
        error.show()
        code = ExitCode.USAGE
    except click.ClickException as error:
        error.show()
        code = ExitCode.FAILED
    except (click.Abort, KeyboardInterrupt):
        print("interrupted", file=sys.stderr)
        code = ExitCode.INTERRUPTED
    except PartnergateError as error:
        _print_failure(error, verbose="--verbose" in arguments)
        code = exit_code_of(error)
    except Exception:  # noqa: BLE001 - a bug: the traceback is the report
        import traceback

        traceback.print_exc()
        print("this is a bug in partnergate; please report it with the lines above", file=sys.stderr)
        code = ExitCode.FAILED
    else:
        code = result if isinstance(result, int) else ExitCode.OK
    sys.exit(int(code))
