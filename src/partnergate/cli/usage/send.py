"""``partnergate usage send``: sends one usage event."""

from __future__ import annotations

from typing import Any

import click

from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.usage.destination import client_of, destination_options
from partnergate.errors import PartnergateError, UsageError


@click.command(name="send", cls=Command)
@destination_options
@click.option("--source", required=True, help="Source of the event; source and ID identify it permanently.")
@click.option("--type", "kind", required=True, help="Event type, such as task.run.")
@click.option("--subject", required=True, help="session:ID, user:ID or PARTNER:SUBJECT.")
@click.option("--id", "event_id", default="", help="Event ID (default: a new one).")
@click.argument("data", nargs=-1, metavar="[FIELD=VALUE]...")
def command(
    *, url: str, issuer: str | None, client_id: str | None, source: str, kind: str, subject: str,
    event_id: str, data: tuple[str, ...],
) -> int:  # fmt: skip
    """Send one usage event."""
    from partnergate.client import SendError, new_event
    from partnergate.safe_text import plain

    event = new_event(source=source, type=kind, subject=subject, data=_fields(data), id=event_id)
    with client_of(url, issuer, client_id) as client:
        try:
            (result,) = client.send([event])
        except SendError as error:
            raise PartnergateError(
                f"event {event.id} may not have arrived",
                target=url,
                advice=f"send it again with --id {event.id}; the same event is counted exactly once",
            ) from error
    click.echo(f"{result.id} {result.status}" + (f": {plain(result.detail)}" if result.detail else ""))
    return ExitCode.FAILED if result.status in {"rejected", "conflict"} else ExitCode.OK


def _fields(data: tuple[str, ...]) -> dict[str, Any]:
    """The event's data; a value that is a number becomes one."""
    from partnergate.model.event_data import number_of

    fields: dict[str, Any] = {}
    for pair in data:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise UsageError(f'"{pair}" is not FIELD=VALUE')
        number = number_of(value)
        fields[name] = value if number is None else number
    return fields
