"""``partnergate doctor``: checks from outside whether logins can work."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from partnergate.cli.clock import now
from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import environment_option, format_option, root_option, secrets_dir_option
from partnergate.cli.partners import require_partners
from partnergate.cli.requirements import require_all
from partnergate.cli.server import access_checks, destination_of, open_realm_server

if TYPE_CHECKING:
    from partnergate.doctor.check_results import CheckResult
    from partnergate.doctor.examination import Examiner
    from partnergate.language.load import UnusableFile
    from partnergate.model.partner import PartnerSpec
    from partnergate.model.workspace import Workspace


@click.command(name="doctor", cls=Command)
@click.argument("partners", nargs=-1, metavar="[PARTNER]...")
@environment_option()
@root_option
@secrets_dir_option
@format_option("text", "json", "html", more="; html is a readiness report for one PARTNER")
@click.option("--offline-host", is_flag=True, help="Check only the partners, without Keycloak.")
@click.option(
    "--advisories",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Newer table of the vulnerabilities of Keycloak (JSON) than the one of this version.",
)
@click.option(
    "--egress",
    metavar="ADDRESS",
    help="Private address of this machine that Keycloak must not reach; tests its egress rule.",
)
def command(
    partners: tuple[str, ...],
    environment: str,
    root: Path,
    kind: str,
    *,
    offline_host: bool,
    secrets_dir: Path | None,
    advisories: Path | None,
    egress: str | None,
) -> int:
    """Check whether logins through PARTNERs can work (default: all partners).

    The command changes nothing, and also lists the known vulnerabilities of the server. It requests
    partner URLs with strict limits: public addresses only, no redirects, and limits on size and time.
    A client secret is sent only if the realm has the same one for the same token URL.
    With --egress, it opens a listener at ADDRESS and asks Keycloak to connect to it.
    Exits with 8 when a check fails.
    """
    from rich.console import Console

    from partnergate.cli.signin.usable_partners import load_usable
    from partnergate.doctor.check_results import Verdict, worst
    from partnergate.errors import UsageError
    from partnergate.rendering.signin.findings import findings_as_json, findings_summary, findings_table

    workspace, unusable = load_usable(root, environment, partners)
    chosen = _chosen(workspace, partners)
    if kind == "html" and len(partners) != 1:
        raise UsageError("a readiness report covers one partner", advice="run doctor PARTNER --format html")
    if offline_host and (advisories or egress):
        raise UsageError("--advisories and --egress concern the server", advice="omit --offline-host")
    examiner = _examiner(
        root,
        workspace,
        offline_host=offline_host,
        secrets_dir=secrets_dir,
        advisories=advisories,
        egress=egress,
    )
    try:
        # The report is for the partner, so it contains nothing about the host's realm.
        host = () if kind == "html" else examiner.host()
        files = () if partners else tuple(_file_finding(file) for file in unusable)
        findings = (*host, *files, *examiner.partners(chosen))
    finally:
        if examiner.connection is not None:
            examiner.connection.close()
    if kind == "json":
        click.echo(findings_as_json(findings))
    elif kind == "html":
        click.echo(readiness_report(chosen[0], environment, findings))
    else:
        console = Console()
        console.print(findings_table(findings))
        console.print(f"\n{findings_summary(findings)}", highlight=False)
    return ExitCode.INCOMPLETE if worst(findings) is Verdict.FAIL else ExitCode.OK


def readiness_report(partner: PartnerSpec, environment: str, findings: tuple[CheckResult, ...]) -> str:
    """A self-contained HTML page to send to the partner."""
    from partnergate.rendering.stylesheets import stylesheet
    from partnergate.service.portal.handoff import readiness_view
    from partnergate.service.portal.pages import STATIC, page

    view = readiness_view(partner, environment, findings, when=now())
    html = bytes(page("readiness.html", view).body).decode()
    sheets = (
        ("palette.css", stylesheet("palette.css")),
        ("partnergate.css", (STATIC / "partnergate.css").read_text(encoding="utf-8")),
    )
    for name, style in sheets:
        html = html.replace(f'<link rel="stylesheet" href="/static/{name}">', f"<style>\n{style}</style>")
    return html.replace('<a class="brand" href="/">', '<a class="brand">')


def _file_finding(file: UnusableFile) -> CheckResult:
    """The finding about a partner that cannot be checked, because its file has errors."""
    from partnergate.doctor.check_results import CheckResult, Verdict

    first = file.errors[0]
    return CheckResult(
        check="file.valid",
        subject=file.partner,
        verdict=Verdict.FAIL,
        detail=f"{file.path}:{first.span.line}: {first.code} {first.message}",
        advice="correct the file: partnergate validate lists every error",
    )


def _chosen(workspace: Workspace, names: tuple[str, ...]) -> tuple[PartnerSpec, ...]:
    require_partners(workspace, names)
    if names:
        return tuple(p for p in workspace.partners if p.partner in names)
    return tuple(p for p in workspace.partners if p.stage in workspace.realm.stages)


def _examiner(
    root: Path,
    workspace: Workspace,
    *,
    offline_host: bool,
    secrets_dir: Path | None,
    advisories: Path | None,
    egress: str | None,
) -> Examiner:
    from partnergate.cli.deployed_secrets import deployed_secrets
    from partnergate.doctor.egress import private_address
    from partnergate.doctor.examination import Examiner
    from partnergate.doctor.fetching import Fetcher
    from partnergate.keycloak.credentials import trusted_issuers
    from partnergate.planning.advisory_file import bundled_table, read_table

    # The files that the user passes are checked before anything connects.
    table = read_table(advisories.read_bytes(), name=str(advisories)) if advisories else bundled_table()
    private = private_address(egress) if egress else None
    realm, bundle = workspace.realm, trusted_issuers(os.environ)
    connection = None
    if not offline_host:
        require_all(*access_checks(destination_of(realm), os.environ))
        connection = open_realm_server(realm, os.environ)
    return Examiner(
        realm=realm,
        connection=connection,
        fetcher=Fetcher(policy=realm.network, ca_bundle=bundle),
        deployed_secret=deployed_secrets(
            realm, connection, root=root, secrets_dir=secrets_dir, environ=os.environ
        ),
        now=now,
        advisories=table,
        egress=private,
    )
