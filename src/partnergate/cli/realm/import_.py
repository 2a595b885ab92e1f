"""``partnergate import``: writes partner files for the providers of an existing realm."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click
import yaml

from partnergate.cli.audit.recording import add_details, audited
from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import environment_option
from partnergate.cli.requirements import require_all
from partnergate.cli.server import access_checks, open_server
from partnergate.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from partnergate.applying.importing.provider_import import ImportedPartner, SkippedProvider
    from partnergate.model.partner import SecretRef
    from partnergate.model.workspace import Workspace
    from partnergate.planning.changes import Change
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

    The command changes nothing in the realm and overwrites no file. A provider that partnergate
    created, and that a file describes exactly, is written as it is. Any other provider is written as
    a draft, which is not deployed; its file lists the changes that adopting it would make. Providers
    that no file can describe are listed and skipped. A plan right after the import changes no
    provider.
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
    found, left = import_providers(state, f"{server_url.rstrip('/')}/realms/{realm}")
    _refuse_to_overwrite(root, environment, found)
    # Written to a temporary directory first, so that an error does not leave a partial workspace.
    with TemporaryDirectory() as made:
        draft = Path(made)
        _write_templates(
            draft, state, found, environment=environment, server_url=server_url, loopback_http=loopback_http
        )
        for partner in found:
            _write(_file(draft, partner), partner.document, _comment(partner))
        left += _drop_invalid(draft, environment, found)
        exact, drafts = _sorted_by_exactness(
            draft, environment, state, [p for p in found if _file(draft, p).exists()]
        )
        shutil.copytree(draft, root, dirs_exist_ok=True, copy_function=shutil.copyfile)
    add_details(partners=len(found), server=server_url)
    _report(state, exact, drafts, left, {partner.partner: _mappers_left_out(partner) for partner in found})
    return ExitCode.OK


def _file(root: Path, partner: ImportedPartner) -> Path:
    return root / "partners" / f"{partner.partner}.yaml"


def _refuse_to_overwrite(root: Path, environment: str, found: list[ImportedPartner]) -> None:
    from partnergate.errors import UsageError

    templates = root / "realm_templates"
    paths = [templates / "base.yaml", templates / f"{environment}.yaml"]
    paths += [_file(root, partner) for partner in found]
    existing = [str(path) for path in paths if path.exists()]
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
    found: list[ImportedPartner],
    *,
    environment: str,
    server_url: str,
    loopback_http: bool,
) -> None:
    from partnergate.applying.importing.realm_templates import (
        EXAMPLE_CLIENT,
        base_template,
        environment_template,
    )

    templates = root / "realm_templates"
    _write(templates / "base.yaml", base_template(state, found), kind="realm_template")
    own = environment_template(
        state, environment=environment, server_url=server_url, loopback_http=loopback_http
    )
    comment = (
        "# No client of this realm has the ownership mark: replace this example with the host's client.\n"
        if own["clients"] == [EXAMPLE_CLIENT]
        else ""
    )
    _write(templates / f"{environment}.yaml", own, comment, kind="realm_template")


def _drop_invalid(root: Path, environment: str, found: list[ImportedPartner]) -> list[SkippedProvider]:
    """Remove the files with errors. Returns the removed partners with their errors."""
    from partnergate.applying.importing.provider_import import SkippedProvider
    from partnergate.diagnostics import Severity
    from partnergate.language.load import load_workspace

    _, problems = load_workspace(root, environment, variables=os.environ)
    left: list[SkippedProvider] = []
    for partner in found:
        path = _file(root, partner)
        broken = [
            problem
            for problem in problems
            if problem.severity is Severity.ERROR and problem.span.file.name == path.name
        ]
        if broken:
            path.unlink()
            reason = "; ".join(dict.fromkeys(f"{problem.code} {problem.message}" for problem in broken[:3]))
            left.append(SkippedProvider(alias=partner.partner, reason=reason))
    return left


def _sorted_by_exactness(
    root: Path, environment: str, state: RealmState, found: list[ImportedPartner]
) -> tuple[list[str], dict[str, list[str]]]:
    """Return the exact partners, and the drafts with their differences. Rewrites the files of the drafts."""
    from partnergate.diagnostics import has_errors
    from partnergate.errors import InvalidInputError
    from partnergate.language.load import load_workspace
    from partnergate.planning.changes import NoOp
    from partnergate.planning.diff import diff
    from partnergate.realm.desired import desired_state

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
    exact: list[str] = []
    drafts: dict[str, list[str]] = {}
    changes = [change for change in diff(desired, state) if not isinstance(change, NoOp)]
    for partner in found:
        reasons = [_reason(change) for change in changes if change.owner == partner.partner]
        if not reasons:
            exact.append(partner.partner)
            continue
        drafts[partner.partner] = reasons
        document = replace(partner, document=partner.document | {"stage": "draft"}).document
        _write(_file(root, partner), document, _comment(partner, reasons))
    return exact, drafts


def _comment(partner: ImportedPartner, reasons: Iterable[str] = ()) -> str:
    """The comment at the top of a partner file: what adopting it would change, and what it leaves out."""
    comment = ""
    if lines := "".join(f"#   {reason}\n" for reason in reasons):
        comment += f"# A draft that differs from the existing provider. Adopting it would:\n{lines}"
    if lines := "".join(f"#   {mapper}\n" for mapper in _mappers_left_out(partner)):
        comment += f"# Mappers that were not imported, because no partner file can express them:\n{lines}"
    return comment


def _mappers_left_out(partner: ImportedPartner) -> tuple[str, ...]:
    """Each mapper that was not imported, with the reason."""
    from partnergate.rendering.plain_text import plain

    return tuple(plain(f"{one.name} ({one.type}): {one.reason}") for one in partner.not_imported)


def _reason(change: Change) -> str:
    from partnergate.planning.changes import Adopt, Replace, Update
    from partnergate.rendering.plain_text import plain

    what = f"{type(change).__name__.lower()} {change.key}"
    match change:
        case Update(fields=fields) | Adopt(fields=fields) | Replace(fields=fields) if fields:
            return plain(f"{what}: {', '.join(field.name for field in fields)}")
        case _:
            return plain(what)


def _report(
    state: RealmState,
    exact: list[str],
    drafts: dict[str, list[str]],
    skipped: list[SkippedProvider],
    mappers_left_out: Mapping[str, tuple[str, ...]],
) -> None:
    from partnergate.rendering.plain_text import plain

    counts = f"{len(exact)} exact, {counted(len(drafts), 'draft')}, {len(skipped)} skipped"
    click.echo(f"Read realm {state.realm}: {counts}.")
    for name in exact:
        click.echo(f"  {name}: exact")
        _report_mappers(mappers_left_out[name])
    for name, reasons in drafts.items():
        click.echo(
            f"  {name}: draft; its file lists {counted(len(reasons), 'change')} that adopting it would make"
        )
        _report_mappers(mappers_left_out[name])
    for one in skipped:
        click.echo(plain(f"  {one.alias}: skipped: {one.reason}"))
    click.echo("Secrets cannot be read back. Before the next plan, set each one where its file names it.")
    click.echo(
        "Plan with the PARTNERGATE_FINGERPRINT_KEY of the last apply. "
        "With another key, every secret counts as changed."
    )


def _report_mappers(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(f"    mapper not imported: {line}")
