"""What ``plan``, ``apply`` and ``drift`` share: the files, the open realm, the secrets and keys.

This module reads the process environment and the clock, and connects to Keycloak.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

import click

from partnergate import __version__
from partnergate.cli.clock import now
from partnergate.cli.options import STORE
from partnergate.cli.partners import require_partners
from partnergate.cli.realm.retiring import with_retired_kept
from partnergate.cli.requirements import failures_of, raise_together
from partnergate.cli.server import access_checks, destination_of, open_realm_server
from partnergate.cli.workspace import require_workspace
from partnergate.diagnostics import has_errors
from partnergate.errors import InvalidInputError, SecretError, StalePlanError
from partnergate.keycloak.reader import KeycloakReader
from partnergate.keycloak.secrets import (
    FingerprintsOfAvailable,
    KeyedFingerprints,
    SecretResolver,
    fingerprint_key,
)
from partnergate.language.load import load_workspace
from partnergate.planning.environment_values import with_shown_keys, without_values
from partnergate.planning.plan import make_plan, refuse_master
from partnergate.planning.reviewed_plan import refuse_stale, refuse_unreviewed
from partnergate.planning.verified_plan import with_verified_secrets
from partnergate.realm.desired import partner_resources, whole_state
from partnergate.realm.ownership import UNCHECKED
from partnergate.wording import concealed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from partnergate.cli.realm.early_reading import EarlyReading
    from partnergate.diagnostics import Diagnostic
    from partnergate.keycloak.connection import KeycloakConnection
    from partnergate.model.partner import SecretRef
    from partnergate.model.workspace import Workspace
    from partnergate.planning.plan import Plan
    from partnergate.realm.ports import Fingerprints
    from partnergate.realm.state import RealmState

STATE_DIRECTORY = "PARTNERGATE_STATE_DIR"
_SHOWN_DIGITS = len("v1:") + 12
"""Part of a keyed fingerprint that is shown for the value of an environment variable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RealmAccess:
    """The files and the realm of one environment."""

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
        """Read the realm now and plan its changes, for these partners or for everything.

        With ``all_secrets``, missing secrets raise one error that lists all of them; otherwise the
        plan notes that they were not checked.
        """
        desired, actual = self._states(only_partners, all_secrets=all_secrets)
        return self._planned(desired, actual, only_partners, for_file=for_file)

    def planned_as_reviewed(self, reviewed: Plan) -> Plan:
        """The plan of now, which is the one to execute; ``reviewed`` comes from a file.

        Raises ``StalePlanError`` when the files, the realm or the file of the plan have changed since
        the review, and names the differences.
        """
        only_partners = reviewed.only_partners
        desired, actual = self._states(only_partners, all_secrets=True)
        values = self.environment_values
        refuse_stale(reviewed, reviewed.state, with_shown_keys(actual, values))
        plan = self._planned(desired, actual, only_partners, for_file=True)
        complete = with_verified_secrets(
            reviewed, with_shown_keys(desired, values), with_shown_keys(actual, values)
        )
        refuse_unreviewed(self.without_values(complete), self.without_values(plan))
        return plan

    @property
    def environment_values(self) -> dict[str, str]:
        """Each value that the template takes from an environment variable, with its description.

        The description has a fingerprint, so that two plans differ when a value does.
        """
        return {
            value: f"{shown.removesuffix(')')}, {self.fingerprints.of_value(value, shown)[:_SHOWN_DIGITS]})"
            for value, shown in self.workspace.realm.environment_values
        }

    def without_values(self, plan: Plan, *, keys: bool = True) -> Plan:
        """The plan as it may be shown and written: without the values of environment variables.

        Without ``keys``, the names of resources remain as they are.
        """
        return without_values(plan, self.environment_values, keys=keys)

    def concealed(self, text: str) -> str:
        """The text without the values of environment variables."""
        return concealed(text, dict(self.workspace.realm.environment_values))

    def _states(self, only_partners: tuple[str, ...], *, all_secrets: bool) -> tuple[RealmState, RealmState]:
        """The desired state, and the actual one of now."""
        require_partners(self.workspace, only_partners)
        realm, files = self.workspace.realm, self.workspace.partners
        # Compiled first, while the response of the server is still arriving.
        fingerprints = self._fingerprints(all_secrets=all_secrets)
        compiled = partner_resources(realm, files, fingerprints=fingerprints)
        if isinstance(fingerprints, EveryFingerprint):
            raise_together(fingerprints.failures())
        actual = self.reader.read_or_empty()
        return whole_state(realm, files, compiled, server_version=actual.server_version), actual

    def _planned(
        self, desired: RealmState, actual: RealmState, only_partners: tuple[str, ...], *, for_file: bool
    ) -> Plan:
        return make_plan(
            self.workspace.realm,
            self.workspace.partners,
            desired=desired,
            actual=actual,
            created_at=now(),
            tool_version=__version__,
            linked_users=self.reader.linked_users,
            only_partners=only_partners,
            for_file=for_file,
        )

    def _fingerprints(self, *, all_secrets: bool) -> Fingerprints:
        return (
            EveryFingerprint(self.fingerprints)
            if all_secrets
            else FingerprintsOfAvailable(fingerprints=self.fingerprints)
        )


class EveryFingerprint:
    """Computes every fingerprint and collects the errors of missing secrets, to report them together."""

    def __init__(self, fingerprints: KeyedFingerprints) -> None:
        self._fingerprints = fingerprints
        self._failures: dict[str, SecretError] = {}

    def __call__(self, ref: SecretRef, place: str) -> str:
        try:
            return self._fingerprints(ref, place)
        except SecretError as error:
            self._failures.setdefault(str(error), error)
            return UNCHECKED

    def failures(self) -> tuple[SecretError, ...]:
        """The collected errors, each once."""
        return tuple(self._failures.values())


def load_files(
    root: Path, environment: str, environ: Mapping[str, str] | None = None, *, today: date | None = None
) -> tuple[Workspace, tuple[Diagnostic, ...]]:
    """The files of one environment with their warnings.

    Raises ``UsageError`` outside a workspace, and ``InvalidInputError`` for files with errors.
    With ``today``, expired waivers and certificates are errors, as in ``validate``. Without it, they
    are ignored, so that reports keep working.
    """
    workspace, found = load_workspace(
        root,
        environment,
        variables=os.environ if environ is None else environ,
        today=today,
    )
    if workspace is None:
        require_workspace(root)
    if workspace is None or has_errors(found):
        raise InvalidInputError(found)
    return workspace, found


def this_day() -> date:
    """The current UTC day, for commands that plan changes to a realm."""
    return now().date()


def open_realm(
    root: Path,
    environment: str,
    environ: Mapping[str, str] | None = None,
    *,
    today: date | None = None,
    early: EarlyReading | None = None,
    all_secrets: bool = False,
    secrets_dir: Path | None = None,
) -> RealmAccess:
    """Load the files of an environment and open its realm; use the result as a context manager.

    ``early`` is a reading of the realm in progress, which the first call for its state uses.
    ``secrets_dir`` is the only directory from which secret files are read. Raises
    one error for all missing credentials and keys; with ``all_secrets``, it includes the client secrets
    of partners.
    """
    variables = os.environ if environ is None else environ
    workspace, warnings = load_files(root, environment, variables, today=today)
    workspace, kept = with_retired_kept(workspace, store_url=variables.get(STORE) or None, now=now())
    for line in kept:
        click.echo(line, err=True)
    realm = workspace.realm
    refuse_master(realm.realm)
    resolve = SecretResolver(environ=variables, directory=secrets_dir)
    read_key = partial(
        fingerprint_key,
        variables,
        state_directory=state_directory(root, variables),
        key_file_allowed=realm.network.allow_loopback_http,
    )
    if missing := list(failures_of((*access_checks(destination_of(realm), variables), read_key))):
        raise_together((*missing, *(_missing_secrets(workspace, resolve) if all_secrets else ())))
    if early is not None and early.realm == realm:
        connection, reader = early.connection, KeycloakReader(early.connection, ahead=early.ahead)
    else:
        connection = open_realm_server(realm, variables)
        reader = KeycloakReader(connection)
    return RealmAccess(
        root=root,
        workspace=workspace,
        warnings=warnings,
        connection=connection,
        reader=reader,
        resolve=resolve,
        fingerprints=KeyedFingerprints(key=read_key(), resolve=resolve),
    )


def _missing_secrets(workspace: Workspace, resolve: SecretResolver) -> tuple[SecretError, ...]:
    """The errors of the client secrets that an apply would use; needs no fingerprint key."""
    fingerprints = EveryFingerprint(KeyedFingerprints(key=b"not used", resolve=resolve))
    partner_resources(workspace.realm, workspace.partners, fingerprints=fingerprints)
    return fingerprints.failures()


def state_directory(root: Path, environ: Mapping[str, str]) -> Path:
    """The directory for the state of this machine, such as generated keys."""
    return Path(environ.get(STATE_DIRECTORY) or root / ".partnergate")


def refuse_other_target(plan: Plan, access: RealmAccess, environment: str) -> None:
    """Raise ``StalePlanError`` unless the plan is for this environment and these files."""
    realm, target, values = access.workspace.realm, plan.target, access.environment_values
    here = (concealed(realm.server_url, values), concealed(realm.realm, values))
    if (target.environment, target.server_url, target.realm) != (environment, *here):
        raise StalePlanError(
            f"the plan is for {target.environment} ({target.server_url}, realm {target.realm})",
            target=f"{environment} ({here[0]}, realm {here[1]})",
            advice="pass the environment of the plan, or plan again",
        )
    now = {str(s.path): s.sha256 for s in (realm.source, *(p.source for p in access.workspace.partners))}
    then = {file.path: file.sha256 for file in plan.inputs}
    changed = sorted(path for path in now.keys() | then.keys() if now.get(path) != then.get(path))
    if changed:
        raise StalePlanError(
            f"stale plan: files have changed since the plan was created: {', '.join(changed)}",
            advice="plan again and review the new plan",
        )
