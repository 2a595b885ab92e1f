"""``partnergate store erase``: anonymizes one user irreversibly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from partnergate.cli.clock import now
from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import store_option
from partnergate.model.instants import to_ms

if TYPE_CHECKING:
    from datetime import datetime

    from partnergate.audit.entry import AuditEvent


@click.command(name="erase", cls=Command)
@store_option()
@click.option("--alias", required=True, help="Alias of the provider through which the user signed in.")
@click.option(
    "--subject",
    required=True,
    prompt=True,
    hide_input=True,
    help="The partner's identifier of the user (default: prompt for it).",
)
def command(store: str, alias: str, subject: str) -> int:
    """Anonymize one user irreversibly; every count stays.

    Afterwards, the partner's identifier no longer leads to any record. Exits with 1 when no user
    has that identifier.
    """
    from partnergate.store.audit.log import record_in
    from partnergate.store.database.opening import open_existing_store
    from partnergate.store.sessions.subjects import erase_subject

    with open_existing_store(store) as opened, opened.write() as connection:
        at = now()
        key = erase_subject(connection, alias, subject, to_ms(at))
        if key is not None:
            record_in(connection, _deed(alias, key, at))
    click.echo(
        "no user has that identifier" if key is None else f"erased; the remaining records use the key {key}"
    )
    return ExitCode.OK if key else ExitCode.FAILED


def _deed(alias: str, key: str, at: datetime) -> AuditEvent:
    """The entry of the audit log: it has the key of the remaining records, and names no person."""
    from partnergate.audit.entry import AuditEvent, Deed, details_of
    from partnergate.cli.audit.identity import current_actor

    return AuditEvent(
        at=at,
        environment="",
        deed=Deed.ERASED,
        actor=current_actor(),
        target=alias,
        key=f"erased {alias} {key}",
        details=details_of(remaining_key=key),
    )
