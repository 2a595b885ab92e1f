"""What ``plan``, ``apply``, ``drift`` and ``import`` share: files in, realm open, secrets at hand.

The edge of the reconciler: here the environment is read, the clock is asked and Keycloak is reached.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import click

from partnergate import __version__
from partnergate.cli.clock import now
from partnergate.cli.realm.early_reading import open_connection
from partnergate.cli.realm.retiring import STORE, with_retired_held
from partnergate.diagnostics import has_errors
from partnergate.errors import InvalidInputError, StalePlanError, UsageError
from partnergate.keycloak.reader import KeycloakReader
from partnergate.keycloak.secrets import (
    FingerprintsOfAvailable,
    KeyedFingerprints,
    SecretResolver,
    fingerprint_key,
)
from partnergate.language.load import load_workspace
from partnergate.planning.plan import SECRET_UNCHECKED, make_plan, refuse_master
from partnergate.planning.verified_plan import with_verified_secrets
from partnergate.realm.desired import desired_state, partner_resources, whole_state

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from partnergate.cli.realm.early_reading import EarlyReading
    from partnergate.diagnostics import Diagnostic
    from partnergate.keycloak.connection import KeycloakConnection
    from partnergate.model.workspace import Workspace
    from partnergate.planning.plan import Plan
    from partnergate.realm.ports import Fingerprints

STATE_DIRECTORY = "PARTNERGATE_STATE_DIR"


@dataclass(frozen=True, slots=True, kw_only=True)
class RealmAccess:
    """One environment: what its files say, and the realm they are about."""

    root: Path
    workspace: Workspace
    warnings: tuple[Diagnostic, ...]
    connection: KeycloakConnection
    reader: KeycloakReader
    resolve: SecretResolver
    fingerprints: KeyedFingerprints

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def plan(
        self, only_partners: tuple[str, ...] = (), *, all_secrets: bool = False, for_file: bool = False
    ) -> Plan:
        """Read the realm now and say what would change, for these partners or for everything.

        With ``all_secrets`` a secret whose value is not at hand is a ``SecretError``; else the plan
        says that it was not checked.
        """
        known = {str(partner.partner) for partner in self.workspace.partners}
        if unknown := sorted(set(only_partners) - known):
            raise UsageError(
                f"no partner file is for {', '.join(unknown)}",
                advice=f"known are: {', '.join(sorted(known))}",
            )
        realm, files = self.workspace.realm, self.workspace.partners
        # Before the answer of the server is waited for, which may still be on its way.
        compiled = partner_resources(realm, files, fingerprints=self._fingerprints(all_secrets=all_secrets))
        actual = self.reader.read_or_empty()
        return make_plan(
            realm,
            files,
            desired=whole_state(realm, files, compiled, server_version=actual.server_version),
            actual=actual,
            created_at=now(),
            tool_version=__version__,
            linked_users=self.reader.linked_users,
            only_partners=only_partners,
            for_file=for_file,
        )

    def with_verified_secrets(self, plan: Plan) -> Plan:
        """A plan from a file, with the secrets checked that its maker could not check."""
        if all(warning.code != SECRET_UNCHECKED for warning in plan.warnings):
            return plan
        actual = self.reader.read_or_empty()
        desired = desired_state(
            self.workspace.realm,
            self.workspace.partners,
            fingerprints=self.fingerprints,
            server_version=plan.target.server_version,
        )
        return with_verified_secrets(plan, desired, actual)

    def _fingerprints(self, *, all_secrets: bool) -> Fingerprints:
        return self.fingerprints if all_secrets else FingerprintsOfAvailable(fingerprints=self.fingerprints)


def load_files(
    root: Path, environment: str, environ: Mapping[str, str] | None = None, *, today: date | None = None
) -> tuple[Workspace, tuple[Diagnostic, ...]]:
    """The files of one environment with their warnings; raises ``InvalidInputError`` for errors.

    Waivers that ended and certificates that expired by ``today`` count as they do for ``validate``.
    Without a day they are left out: a report goes on working on the day after.
    """
    workspace, found = load_workspace(
        root,
        environment,
        variables=os.environ if environ is None else environ,
        today=today,
    )
    if workspace is None or has_errors(found):
        raise InvalidInputError(found)
    return workspace, found


def this_day() -> date:
    """The day that a command which changes a realm holds the files to."""
    return now().date()


def open_realm(
    root: Path,
    environment: str,
    environ: Mapping[str, str] | None = None,
    *,
    today: date | None = None,
    early: EarlyReading | None = None,
) -> RealmAccess:
    """Load the files of an environment and open its realm. Use it as a context manager.

    ``early`` is a reading of the realm that has begun, for the first call that wants its state.
    """
    variables = os.environ if environ is None else environ
    workspace, warnings = load_files(root, environment, variables, today=today)
    workspace, kept = with_retired_held(workspace, store_url=variables.get(STORE) or None, now=now())
    for line in kept:
        click.echo(line, err=True)
    realm = workspace.realm
    refuse_master(realm.realm)
    resolve = SecretResolver(environ=variables, root=root)
    key = fingerprint_key(
        variables,
        state_directory=state_directory(root, variables),
        key_file_allowed=realm.network.allow_loopback_http,
    )
    if early is not None and early.realm == realm:
        connection, reader = early.connection, KeycloakReader(early.connection, ahead=early.ahead)
    else:
        connection = open_connection(realm, variables)
        reader = KeycloakReader(connection)
    return RealmAccess(
        root=root,
        workspace=workspace,
        warnings=warnings,
        connection=connection,
        reader=reader,
        resolve=resolve,
        fingerprints=KeyedFingerprints(key=key, resolve=resolve),
    )


def state_directory(root: Path, environ: Mapping[str, str]) -> Path:
    """Where this machine keeps what belongs to it alone."""
    return Path(environ.get(STATE_DIRECTORY) or root / ".partnergate")


def refuse_other_target(plan: Plan, access: RealmAccess, environment: str) -> None:
    """Raise ``StalePlanError`` unless the plan is for this environment and these very files."""
    realm, target = access.workspace.realm, plan.target
    if (target.environment, target.server_url, target.realm) != (environment, realm.server_url, realm.realm):
        raise StalePlanError(
            f"the plan is for {target.environment} ({target.server_url}, realm {target.realm})",
            target=f"{environment} ({realm.server_url}, realm {realm.realm})",
            advice="give the environment the plan was made for, or plan again",
        )
    now = {str(s.path): s.sha256 for s in (realm.source, *(p.source for p in access.workspace.partners))}
    then = {file.path: file.sha256 for file in plan.inputs}
    changed = sorted(path for path in now.keys() | then.keys() if now.get(path) != then.get(path))
    if changed:
        raise StalePlanError(
            f"files changed since the plan was made: {', '.join(changed)}",
            advice="plan again and review what the new plan says",
        )
