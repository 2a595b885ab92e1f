"""Carries out a plan under the lock of the realm, with a progress bar, and prints the report."""

from __future__ import annotations

import shutil
import sys
from functools import partial
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from partnergate.applying.apply_report import ApplyReport
    from partnergate.cli.realm.access import RealmAccess
    from partnergate.planning.plan import Plan


def run_apply(plan: Plan, access: RealmAccess, workers: int, *, from_file: bool) -> bool:
    """Apply the plan and print the report; whether every part succeeded."""
    from partnergate.cli.realm.apply_report import report_as_text

    report = _report(plan, access, workers)
    width = shutil.get_terminal_size((80, 24)).columns if sys.stdout.isatty() else None
    click.echo(access.concealed(report_as_text(report, plan.changes, from_file=from_file, width=width)))
    return report.is_complete


def _report(plan: Plan, access: RealmAccess, workers: int) -> ApplyReport:
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
                read_providers=access.reader.read_providers,
            )
    finally:
        if lock.taken_over:
            click.echo(f"note: an earlier apply ended without a report: {lock.taken_over}", err=True)
