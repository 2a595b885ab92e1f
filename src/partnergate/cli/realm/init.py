"""``partnergate init``: writes an empty, valid workspace."""

from __future__ import annotations

from pathlib import Path

import click

from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode

_BASE = """\
# yaml-language-server: $schema=../schema/realm_template.schema.json
# Settings of every environment. realm_templates/<environment>.yaml overrides them.
partnergate: 1

# The clients of the host's product. Partner users can sign in only to these clients.
clients:
  - client_id: host-app
    public: true               # a public client; PKCE S256 is always required

# Roles that partner files can grant. Admin roles are refused.
roles:
  - {name: workspace-member, description: May open the workspaces of the partner's account}
groups: []

events:
  retention_days: 90
"""
_ENVIRONMENT = """\
# yaml-language-server: $schema=../schema/realm_template.schema.json
# Replace the example addresses with your own.
partnergate: 1
environment: {environment}
server_url: https://{server}
realm: {realm}
stages: [{stages}]
clients:
  - client_id: host-app
    redirect_uris: [https://{app}/callback]
    post_logout_redirect_uris: [https://{app}/signed-out]
"""
_PARTNERS = """\
# Partners

One file per partner, `<partner>.yaml`, and next to it the metadata that the partner publishes.

    partnergate partner add acme --from https://login.acme.example
    partnergate validate
"""


def workspace_files() -> dict[str, str]:
    """The text of every file of an empty workspace, by path."""
    from partnergate.cli.schemas import WORKSPACE_SCHEMAS, schema_file, schema_text

    environments = {
        "staging": ("id.staging.host.example", "host-staging", "staging, live", "app.staging.host.example"),
        "production": ("id.host.example", "host", "live", "app.host.example"),
    }
    files = {"realm_templates/base.yaml": _BASE, "partners/README.md": _PARTNERS}
    for environment, (server, realm, stages, app) in environments.items():
        files[f"realm_templates/{environment}.yaml"] = _ENVIRONMENT.format(
            environment=environment, server=server, realm=realm, stages=stages, app=app
        )
    return files | {f"schema/{schema_file(name)}": schema_text(name) for name in WORKSPACE_SCHEMAS}


@click.command(name="init", cls=Command)
@click.argument("root", type=click.Path(path_type=Path, file_okay=False), default=Path())
def command(*, root: Path) -> ExitCode:
    """Write an empty workspace to ROOT: realm templates, a partners directory, schemas for editors.

    Existing files are not changed.
    """
    from partnergate.errors import UsageError

    if (root / "realm_templates").exists():
        raise UsageError(f"{root / 'realm_templates'} exists already", advice="choose another directory")
    for name, text in workspace_files().items():
        file = root / name
        if file.exists():
            click.echo(f"kept  {file}")
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        click.echo(f"wrote {file}")
    click.echo("next: replace the URLs in realm_templates/, then run partnergate partner add")
    return ExitCode.OK
