"""``partnergate partner add``: writes a partner file from the metadata that the partner publishes."""

from __future__ import annotations

import re
from pathlib import Path

import click

from partnergate.cli.clock import now
from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import root_option

_WELL_KNOWN = "/.well-known/openid-configuration"
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+(/.*)?\Z")
_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,62}\Z")


def document(source: str, *, loopback_http: bool) -> tuple[bytes, str]:
    """The bytes of the document, and its URL or file name."""
    from partnergate.errors import PartnergateError, UsageError

    if source.startswith(("https://", "http://")):
        from partnergate.cli.signin.fetching import fetched

        if ".well-known" not in source and not source.endswith((".xml", ".json")):
            # People usually have the issuer, not the URL of its discovery document.
            address = source.rstrip("/") + _WELL_KNOWN
            try:
                return fetched(address, loopback_http=loopback_http), address
            except PartnergateError:
                pass
        return fetched(source, loopback_http=loopback_http), source
    file = Path(source)
    if not file.is_file():
        raise UsageError(
            f"{source} is neither a file nor an https URL",
            advice=f"pass --from https://{source}, or --from FILE"
            if _HOST.match(source)
            else "pass --from https://... or --from FILE",
        )
    return file.read_bytes(), file.name


def _write(files: dict[Path, bytes], *, force: bool) -> None:
    from partnergate.errors import UsageError

    existing = [str(path) for path in files if path.exists()]
    if existing and not force:
        raise UsageError(f"existing files: {', '.join(existing)}", advice="to overwrite them, pass --force")
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        click.echo(f"wrote {path}")


@click.command(name="add", cls=Command)
@click.argument("partner")
@click.option(
    "--from", "source", required=True, help="URL or file of the OpenID configuration or SAML metadata."
)
@click.option("--name", help="Display name of the partner (default: from its ID).")
@click.option(
    "--client-id",
    default="host-app",
    show_default=True,
    help="Client ID of the host at the partner (OpenID Connect).",
)
@click.option("--entity-id", help="Entity ID to select, if the SAML metadata describes several.")
@root_option
@click.option("--force", is_flag=True, help="Overwrite existing files.")
@click.option("--allow-loopback-http", is_flag=True, help="Allow plain HTTP for a URL on this machine.")
def command(
    *,
    partner: str,
    source: str,
    name: str | None,
    client_id: str,
    entity_id: str | None,
    root: Path,
    force: bool,
    allow_loopback_http: bool,
) -> ExitCode:
    """Write partners/PARTNER.yaml with comments, and save the metadata document beside it.

    The new partner has the stage draft, so it is not deployed.
    """
    from partnergate.errors import PartnergateError, UsageError
    from partnergate.language.drafting import draft

    if not _ID.match(partner):
        raise UsageError(
            f'invalid partner ID "{partner}"', advice="use 2 to 63 lower-case letters, digits and hyphens"
        )
    content, found_at = document(source, loopback_http=allow_loopback_http)
    try:
        made = draft(
            content,
            partner=partner,
            name=name or partner.replace("-", " ").title(),
            source=found_at,
            today=now().date(),
            client_id=client_id,
            entity_id=entity_id,
        )
    except ValueError as error:
        raise PartnergateError(
            str(error), target=found_at, advice="pass the partner's metadata document"
        ) from error.__cause__
    directory = root / "partners"
    _write(
        {
            directory / f"{partner}.yaml": made.partner_file.encode(),
            directory / made.recorded_name: made.recorded,
        },
        force=force,
    )
    click.echo("next: review and complete the file, then run partnergate validate")
    return ExitCode.OK
