"""``partnergate import``: writes partner files for the providers of an existing realm."""

from __future__ import annotations

import os
import shutil
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click
import yaml

from partnergate.cli.audit.recording import add_details, audited
from partnergate.cli.clock import now
from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import environment_option
from partnergate.cli.realm.import_notes import changed_lines, header, notes
from partnergate.cli.requirements import require_all
from partnergate.cli.server import access_checks, open_server
from partnergate.safe_text import plain
from partnergate.wording import counted

if TYPE_CHECKING:
    from datetime import date

    from partnergate.applying.importing.provider_import import ImportedPartner, SkippedProvider
    from partnergate.cli.realm.import_repair import ImportedFile
    from partnergate.model.partner import SecretRef
    from partnergate.model.workspace import Workspace
    from partnergate.realm.state import RealmState

_SCHEMA = "# yaml-language-server: $schema=../schema/{kind}.schema.json\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class _KnownFingerprints:
    """Treats a masked secret as unchanged: the server does not reveal it, and an import sends none."""

    state: RealmState

    def __call__(self, ref: SecretRef, place: str) -> str:  # noqa: ARG002 - the place names the provider
        alias = place.split(" ")[2]
        for resource in self.state.resources:
            if resource.key.name == alias and resource.secrets:
                return resource.secrets[0].fingerprint or "unknown"
        return "unknown"


@click.command(name="import", cls=Command)
@environment_option(description="Name of the environment to write.")
@click.option("--server-url", required=True, help="URL of the Keycloak server.")
@click.option("--realm", required=True, help="Realm to read.")
@click.option(
    "--root",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Workspace directory to write (default: the current directory).",
)
@click.option(
    "--allow-loopback-http",
    "loopback_http",
    is_flag=True,
    help="Allow plain HTTP for a server on this machine.",
)
@audited("imported")
def command(environment: str, server_url: str, realm: str, root: Path, *, loopback_http: bool) -> int:
    """Write partner files and templates for the providers of an existing realm.

    The command changes nothing in the realm and overwrites no file. A provider that partnergate owns,
    and that a file describes exactly, is written as it is. A provider that it does not own is written
    as a draft, which is not deployed and has secure values. The file lists each value that differs
    from the provider, each grant and rule that it cannot express, and every change that adopting it
    would make. Providers that no file can describe are listed and skipped. A plan right after the
    import changes no provider, unless a provider that partnergate owns was changed in Keycloak.
    """
    from partnergate.applying.importing.provider_import import import_providers
    from partnergate.keycloak.credentials import KEYCLOAK_URL, Destination
    from partnergate.keycloak.reader import KeycloakReader

    destination = Destination(server_url=server_url)
    # The command line names the server beside the credentials, unless the variable does.
    environ = {KEYCLOAK_URL: server_url, **os.environ}
    require_all(*access_checks(destination, environ))
    with open_server(destination, realm, environ) as connection:
        state = KeycloakReader(connection).read_state()
    realm_url = f"{server_url.rstrip('/')}/realms/{realm}"
    found, left = import_providers(state, realm_url)
    _refuse_to_overwrite(root, environment, found)
    # Written to a temporary directory first, so that an error does not leave a partial workspace.
    with TemporaryDirectory() as made:
        draft = Path(made)
        result = drafted(
            draft,
            environment,
            state,
            found,
            server_url=server_url,
            loopback_http=loopback_http,
            today=now().date(),
        )
        shutil.copytree(draft, root, dirs_exist_ok=True, copy_function=shutil.copyfile)
    add_details(partners=len(found), server=server_url)
    _report(state, result, [*left, *result.skipped])
    return ExitCode.OK


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The files of an import."""

    exact: tuple[ImportedFile, ...]
    drafts: tuple[tuple[ImportedFile, tuple[str, ...]], ...]
    """Each with the changes that adopting it would make."""
    skipped: tuple[SkippedProvider, ...]


def drafted(
    root: Path,
    environment: str,
    state: RealmState,
    found: list[ImportedPartner],
    *,
    server_url: str,
    loopback_http: bool,
    today: date,
) -> Result:
    """Write the templates and a valid file for each provider to ``root``."""
    from partnergate.applying.importing.provider_import import SkippedProvider
    from partnergate.cli.realm.import_repair import ImportedFile, Repair

    _write_templates(
        root,
        state,
        [one.document for one in found],
        environment=environment,
        server_url=server_url,
        loopback_http=loopback_http,
    )
    drafts = [ImportedFile(partner=one, document=deepcopy(one.document)) for one in found]
    for one in drafts:
        _write(_file(root, one.partner), one.document)
    repair = Repair(root=root, environment=environment, path_of=_file, write=_write, today=today)
    valid, reasons = repair.run(drafts)
    # Without the roles and groups of what was left out.
    _write_base_template(root, state, [one.document for one in valid])
    exact, changed = _sorted_by_exactness(root, environment, state, valid)
    return Result(
        exact=tuple(exact),
        drafts=tuple(changed),
        skipped=tuple(SkippedProvider(alias=alias, reason=reason) for alias, reason in reasons.items()),
    )


def _file(root: Path, partner: ImportedPartner) -> Path:
    return root / "partners" / f"{partner.partner}.yaml"


def _refuse_to_overwrite(root: Path, environment: str, found: list[ImportedPartner]) -> None:
    from partnergate.errors import UsageError

    templates = root / "realm_templates"
    paths = [templates / "base.yaml", templates / f"{environment}.yaml"]
    paths += [_file(root, partner) for partner in found]
    existing = [str(path) for path in paths if path.exists() or path.is_symlink()]
    if existing:
        raise UsageError(
            f"existing files: {', '.join(existing[:5])}",
            advice="import into an empty directory, then compare",
        )


def _write(path: Path, document: dict[str, Any], comment: str = "", kind: str = "partner") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
    path.write_text(_SCHEMA.format(kind=kind) + comment + text, encoding="utf-8")


def _write_templates(
    root: Path,
    state: RealmState,
    documents: list[dict[str, Any]],
    *,
    environment: str,
    server_url: str,
    loopback_http: bool,
) -> None:
    from partnergate.applying.importing.realm_templates import EXAMPLE_CLIENT, environment_template

    templates = root / "realm_templates"
    _write_base_template(root, state, documents)
    own = environment_template(
        state, environment=environment, server_url=server_url, loopback_http=loopback_http
    )
    comment = (
        "# No client of this realm has the ownership mark: replace this example with the host's client.\n"
        if own["clients"] == [EXAMPLE_CLIENT]
        else ""
    )
    _write(templates / f"{environment}.yaml", own, comment, kind="realm_template")


def _write_base_template(root: Path, state: RealmState, documents: list[dict[str, Any]]) -> None:
    from partnergate.applying.importing.realm_templates import base_template

    _write(root / "realm_templates/base.yaml", base_template(state, documents), kind="realm_template")


def _sorted_by_exactness(
    root: Path, environment: str, state: RealmState, valid: list[ImportedFile]
) -> tuple[list[ImportedFile], list[tuple[ImportedFile, tuple[str, ...]]]]:
    """Return the exact files, and the drafts with their differences. Rewrites the files."""
    from partnergate.diagnostics import has_errors
    from partnergate.errors import InvalidInputError
    from partnergate.language.load import load_workspace
    from partnergate.planning.changes import NoOp
    from partnergate.planning.diff import diff
    from partnergate.realm.desired import desired_state

    for one in valid:
        _write(_file(root, one.partner), one.deployed())
    workspace: Workspace | None
    workspace, problems = load_workspace(root, environment, variables=os.environ)
    if workspace is None or has_errors(problems):
        raise InvalidInputError(problems)
    desired = desired_state(
        workspace.realm,
        workspace.partners,
        fingerprints=_KnownFingerprints(state=state),
        server_version=state.server_version,
    )
    of_partner: dict[str, list[str]] = {}
    for change in diff(desired, state):
        if not isinstance(change, NoOp):
            of_partner.setdefault(change.owner, []).extend(changed_lines(change))
    exact: list[ImportedFile] = []
    drafts: list[tuple[ImportedFile, tuple[str, ...]]] = []
    for one in valid:
        lines = tuple(of_partner.get(one.partner.partner, ()))
        if lines:
            # As a draft, a provider that partnergate owns would be deleted by the next plan.
            if not one.partner.owned:
                one.document["stage"] = "draft"
            drafts.append((one, lines))
        else:
            exact.append(one)
        _write(_file(root, one.partner), one.document, header(one, lines))
    return exact, drafts


def _report(state: RealmState, result: Result, skipped: list[SkippedProvider]) -> None:
    differing = sum(one.partner.owned for one, _ in result.drafts)
    counts = f"{len(result.exact)} exact, {counted(len(result.drafts) - differing, 'draft')}, "
    counts += (f"{differing} different, " if differing else "") + f"{len(skipped)} skipped"
    click.echo(f"Read realm {state.realm}: {counts}.")
    for one in result.exact:
        click.echo(f"  {one.partner.partner}: exact")
        _report_notes(one)
    for one, lines in result.drafts:
        listed = f"its file lists {counted(_number_of(lines), 'change')}"
        click.echo(
            f"  {one.partner.partner}: differs; {listed} that the next apply would make"
            if one.partner.owned
            else f"  {one.partner.partner}: draft; {listed} that adopting it would make"
        )
        _report_notes(one)
    for left in skipped:
        click.echo(plain(f"  {left.alias}: skipped: {left.reason}"))
    click.echo("Secrets cannot be read back. Before the next plan, set each one where its file names it.")
    click.echo(
        "Plan with the PARTNERGATE_FINGERPRINT_KEY of the last apply. "
        "With another key, every secret counts as changed."
    )


def _number_of(lines: tuple[str, ...]) -> int:
    """The number of changes; their fields are indented below them."""
    return sum(not line.startswith(" ") for line in lines)


def _report_notes(one: ImportedFile) -> None:
    for title, lines in notes(one):
        for line in lines:
            click.echo(f"    {title}: {line}")
