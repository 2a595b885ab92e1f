"""The entry point: runs one command, prints failures, and chooses the exit code.

No other module prints errors or exits.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from partnergate import __version__
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.lazy import Lazy, LazyGroup

if TYPE_CHECKING:
    from partnergate.errors import PartnergateError

COMMANDS: dict[str, Lazy] = {
    "init": Lazy("realm.init", "Write an empty workspace."),
    "validate": Lazy("realm.validate", "Check every file in every environment."),
    "schema": Lazy("realm.schema", "Print a JSON Schema, or write those that editors use."),
    "explain": Lazy("realm.explain", "Explain a diagnostic code."),
    "partner": Lazy("realm.partner.group", "Create partner files."),
    "plan": Lazy("realm.plan", "Show what apply would change."),
    "comment": Lazy("realm.comment", "Comment a plan on a pull or merge request."),
    "apply": Lazy("realm.apply", "Apply the files to a realm."),
    "drift": Lazy("realm.drift", "Show changes made outside partnergate, and their authors."),
    "import": Lazy("realm.import_", "Write files for the providers of an existing realm."),
    "handoff": Lazy("signin.handoff", "Show what a partner sets up on its side."),
    "doctor": Lazy("signin.doctor", "Check partners and realm from outside."),
    "test-login": Lazy("signin.test_login", "Log in once through a partner and report the result."),
    "status": Lazy("signin.status", "List the next onboarding step of every partner."),
    "price": Lazy("statement.price", "Rate quantities by a price definition."),
    "serve": Lazy("serve", "Run the sidecar of an environment."),
    "usage": Lazy("usage.group", "Report, send and backfill usage."),
    "quality": Lazy("usage.quality", "Report missing and malformed identity data."),
    "store": Lazy("store.group", "Back up, restore, verify, migrate and export the store."),
    "statement": Lazy("statement.group", "Draft, finalize, verify and dispute statements."),
    "audit": Lazy("audit.group", "List, export and verify the audit log."),
    "reconcile": Lazy("statement.reconcile", "Compare a partner's records with a statement."),
    "trace": Lazy("statement.trace", "Trace a line to its billable records, and back."),
    "demo": Lazy("demo", "Run the demo on a real Keycloak."),
}
"""The command names with their modules below ``partnergate.cli`` and their lines in ``--help``."""


@click.group(cls=LazyGroup, lazy=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="partnergate")
@click.option("--verbose", is_flag=True, help="Show the traceback of a failure.")
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
    print(f"error: {_without_template_values(error.diagnostics())}", file=sys.stderr)
    if verbose:
        _print_traceback(error)


def _print_traceback(error: BaseException) -> None:
    """Print the calls and the causes of an error. Their messages may contain values of variables."""
    import traceback

    print(_without_template_values("".join(traceback.format_exception(error))), end="", file=sys.stderr)


def _without_template_values(text: str) -> str:
    """The text without the values of variables that are for realm templates."""
    from partnergate.language.process_values import shown_values
    from partnergate.wording import concealed

    return concealed(text, shown_values(os.environ, os.environ))


def exit_code_of(error: PartnergateError) -> ExitCode:
    """The exit code for a failure."""
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
    """Run one command and exit with its code."""
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
    except Exception as bug:  # noqa: BLE001 - a bug: the traceback is the report
        _print_traceback(bug)
        print("this is a bug in partnergate; please report it with the traceback above", file=sys.stderr)
        code = ExitCode.FAILED
    else:
        code = result if isinstance(result, int) else ExitCode.OK
    sys.exit(int(code))
