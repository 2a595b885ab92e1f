"""``partnergate explain``: what a diagnostic code means, why it matters, a wrong and a right example."""

from __future__ import annotations

import click

from partnergate.cli.exit_codes import ExitCode


def _listed() -> str:
    from partnergate.language.codes.catalog import CODES

    lines = [
        f"{code.code}  {code.severity.value:8}{'waivable' if code.waivable else '':9} {code.title}"
        for code in CODES.values()
    ]
    return "\n".join([*lines, f"{len(lines)} codes"])


@click.command(short_help="Say what a diagnostic code means.")
@click.argument("code", required=False)
def command(*, code: str | None) -> ExitCode:
    """Say what CODE means, why it matters, and show a wrong and a right example.

    Without CODE, list all of them.
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
        advice = f"partnergate explain {near.upper()}" if near else "partnergate explain lists them all"
        raise UsageError(f"there is no code {code}", advice=advice)
    click.echo(page, nl=False)
    return ExitCode.OK
