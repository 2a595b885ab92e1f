"""``partnergate import``: an existing realm's providers become partner files."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click
import yaml

from partnergate.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from partnergate.applying.importing.providers import ImportedPartner, LeftAlone
    from partnergate.model.partner import SecretRef
    from partnergate.model.workspace import Workspace
    from partnergate.planning.changes import Change
    from partnergate.realm.state import RealmState

_SCHEMA = "# yaml-language-server: $schema=../schema/{kind}.schema.json\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class _KnownFingerprints:
    """Takes a masked secret as unchanged: nobody can read it, and importing sends none."""

    state: RealmState

    def __call__(self, ref: SecretRef, place: str) -> str:  # noqa: ARG002 - the place says it all
        alias = place.split(" ")[2]
        for resource in self.state.resources:
            if resource.key.name == alias and resource.secrets:
                return resource.secrets[0].fingerprint or "unknown"
        return "unknown"


@click.command(name="import")
@click.option("--environment", "-e", required=True, help="The name to give to the environment.")
@click.option("--server-url", required=True, help="Where the server is.")
@click.option("--realm", required=True, help="The realm to read.")
@click.option(
    "--root", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="The workspace to write."
)
@click.option(
    "--allow-loopback-http",
    "loopback_http",
    is_flag=True,
    help="The realm is on this machine and reached by plain http.",
)
def command(environment: str, server_url: str, realm: str, root: Path, *, loopback_http: bool) -> int:
    """Write partner files and templates for the providers of a realm that is there.

    Nothing in the realm is changed, and no file is written over. A provider that a file says
    exactly, and that partnergate made, is written as it is; any other is written as a draft, which
    is not deployed, with what apply would change once it is adopted. What no file can say is listed
    and left alone. So the plan right after changes no provider.
    """
    from partnergate.applying.importing.providers import import_providers
    from partnergate.keycloak.connection import connect
    from partnergate.keycloak.credentials import credentials_from, trusted_issuers
    from partnergate.keycloak.reader import KeycloakReader

    with connect(
        server_url=server_url,
        realm=realm,
        credentials=credentials_from(os.environ),
        verify=trusted_issuers(os.environ) or True,
    ) as connection:
        state = KeycloakReader(connection).read_state()
    found, left = import_providers(state, f"{server_url.rstrip('/')}/realms/{realm}")
    _refuse_to_overwrite(root, environment, found)
    # Made and judged elsewhere first: a refusal must not leave half a workspace that the next run trips over.
    with TemporaryDirectory() as made:
        draft = Path(made)
        _write_templates(
            draft, state, found, environment=environment, server_url=server_url, loopback_http=loopback_http
        )
        for partner in found:
            _write(_file(draft, partner), partner.document)
        left += _drop_invalid(draft, environment, found)
        exact, drafts = _settle(draft, environment, state, [p for p in found if _file(draft, p).exists()])
        shutil.copytree(draft, root, dirs_exist_ok=True, copy_function=shutil.copyfile)
    _report(state, exact, drafts, left)
    return ExitCode.OK


def _file(root: Path, partner: ImportedPartner) -> Path:
    return root / "partners" / f"{partner.partner}.yaml"


def _refuse_to_overwrite(root: Path, environment: str, found: list[ImportedPartner]) -> None:
    from partnergate.errors import UsageError

    templates = root / "realm_templates"
    paths = [templates / "base.yaml", templates / f"{environment}.yaml"]
    paths += [_file(root, partner) for partner in found]
    there = [str(path) for path in paths if path.exists()]
    if there:
        raise UsageError(
            f"there already: {', '.join(there[:5])}", advice="import into an empty directory, then compare"
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
    from partnergate.applying.importing.templates import (
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
        "# No client here carries our mark: name the host's own client in place of this example.\n"
        if own["clients"] == [EXAMPLE_CLIENT]
        else ""
    )
    _write(templates / f"{environment}.yaml", own, comment, kind="realm_template")


def _drop_invalid(root: Path, environment: str, found: list[ImportedPartner]) -> list[LeftAlone]:
    """Take away the files that break a rule of the language, and say which."""
    from partnergate.applying.importing.providers import LeftAlone
    from partnergate.diagnostics import Severity
    from partnergate.language.load import load_workspace

    _, problems = load_workspace(root, environment, variables=os.environ)
    left: list[LeftAlone] = []
    for partner in found:
        path = _file(root, partner)
        broken = [
            problem
            for problem in problems
            if problem.severity is Severity.ERROR and problem.span.file.name == path.name
        ]
        if broken:
            path.unlink()
            said = "; ".join(dict.fromkeys(f"{problem.code} {problem.message}" for problem in broken[:3]))
            left.append(LeftAlone(alias=partner.partner, reason=said))
    return left


def _settle(
    root: Path, environment: str, state: RealmState, found: list[ImportedPartner]
) -> tuple[list[str], dict[str, list[str]]]:
    """Compare what the files give with what is there; what differs becomes a draft with the reasons."""
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
        comment = "# A draft: made from a provider that is there, and not exactly what it is. Apply would\n"
        comment += "".join(f"#   {reason}\n" for reason in reasons)
        document = replace(partner, document=partner.document | {"stage": "draft"}).document
        _write(_file(root, partner), document, comment)
    return exact, drafts


def _reason(change: Change) -> str:
    from partnergate.planning.changes import Adopt, Replace, Update
    from partnergate.rendering.plain_text import plain

    what = f"{type(change).__name__.lower()} {change.key}"
    match change:
        case Update(fields=fields) | Adopt(fields=fields) | Replace(fields=fields) if fields:
            return plain(f"{what}: {', '.join(field.name for field in fields)}")
        case _:
            return plain(what)


def _report(state: RealmState, exact: list[str], drafts: dict[str, list[str]], left: list[LeftAlone]) -> None:
    click.echo(f"Read realm {state.realm}: {len(exact)} exact, {len(drafts)} drafts, {len(left)} left alone.")
    for name in exact:
        click.echo(f"  {name}: as the file says")
    for name, reasons in drafts.items():
        click.echo(
            f"  {name}: a draft; its file lists the {len(reasons)} changes that adopting it would make"
        )
    for one in left:
        click.echo(f"  {one.alias}: left alone: {one.reason}")
    click.echo("Secrets cannot be read: put each where its file names it before the next plan.")
    click.echo(
        "Plan with the PARTNERGATE_FINGERPRINT_KEY that the realm was applied with: "
        "with another one, or a first one, every secret counts as changed."
    )
