"""``partnergate explain``: explains a diagnostic code, with an example of the problem and the fix."""

from __future__ import annotations

import click

from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode


def _listed() -> str:
    from partnergate.language.codes.catalog import CODES

    lines = [
        f"{code.code}  {code.severity.value:8}{'waivable' if code.waivable else '':9} {code.title}"
        for code in CODES.values()
    ]
    return "\n".join([*lines, f"{len(lines)} codes"])


@click.command(name="explain", cls=Command)
@click.argument("code", required=False)
def command(*, code: str | None) -> ExitCode:
    """Explain CODE: what it means, why it matters, and an example of the problem and of the fix.

    Without CODE, list all codes.
    """
    from partnergate.errors import UsageError
    from partnergate.language.codes.catalog import CODES
    from partnergate.language.codes.explanations import explanation
    from partnergate.language.shape.suggestion import nearest

    if code is None:
        click.echo(_listed())
        return ExitCode.OK
    wanted = code.strip().strip("[]").upper()
    wanted = f"PG{wanted}" if wanted.isdigit() else wanted
    page = explanation(wanted)
    if page is None:
        near = nearest(wanted.lower(), [known.lower() for known in CODES])
        advice = f'did you mean "{near.upper()}"?' if near else "to list all codes, run partnergate explain"
        raise UsageError(f"unknown code {code}", advice=advice)
    click.echo(page, nl=False)
    return ExitCode.OK
