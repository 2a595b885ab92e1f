"""``partnergate partner add``: a ready partner file from what the partner publishes."""

from __future__ import annotations

import re
from pathlib import Path

import click

from partnergate.cli.clock import now
from partnergate.cli.exit_codes import ExitCode

_WELL_KNOWN = "/.well-known/openid-configuration"
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+(/.*)?\Z")
_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,62}\Z")


def document(source: str, *, loopback_http: bool) -> tuple[bytes, str]:
    """The document's bytes, and where they came from."""
    from partnergate.errors import PartnergateError, UsageError

    if source.startswith(("https://", "http://")):
        from partnergate.cli.signin.fetching import fetched

        if ".well-known" not in source and not source.endswith((".xml", ".json")):
            # Most people have the issuer at hand, not the address of its document.
            address = source.rstrip("/") + _WELL_KNOWN
            try:
                return fetched(address, loopback_http=loopback_http), address
            except PartnergateError:
                pass
        return fetched(source, loopback_http=loopback_http), source
    file = Path(source)
    if not file.is_file():
        raise UsageError(
            f"{source} is no file and no https address",
            advice=f"--from https://{source}, or the name of a file that is there"
            if _HOST.match(source)
            else "--from https://... or --from FILE",
        )
    return file.read_bytes(), file.name


def _write(files: dict[Path, bytes], *, force: bool) -> None:
    from partnergate.errors import UsageError

    there = [str(path) for path in files if path.exists()]
    if there and not force:
        raise UsageError(f"{', '.join(there)} is already there", advice="--force writes over it")
    for path, content in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        click.echo(f"written {path}")


@click.group(short_help="Add a partner from what it publishes.")
def command() -> None:
    """Work with partner files."""


@command.command("add")
@click.argument("partner")
@click.option(
    "--from", "source", required=True, help="Address or file of the OpenID configuration or SAML metadata."
)
@click.option("--name", help="What people call the partner; the id by default.")
@click.option(
    "--client-id",
    default="host-app",
    show_default=True,
    help="What the partner calls the host (OpenID Connect).",
)
@click.option("--entity-id", help="Which identity provider, where SAML metadata describes several.")
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=Path(),
    help="The workspace.",
)
@click.option("--force", is_flag=True, help="Write over files that are there.")
@click.option("--allow-loopback-http", is_flag=True, help="Also fetch from this machine over plain http.")
def add(
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
    """Write partners/PARTNER.yaml with comments, and record the document beside it.

    Nothing is deployed: the new partner has the stage draft.
    """
    from partnergate.errors import PartnergateError, UsageError
    from partnergate.language.drafting import draft

    if not _ID.match(partner):
        raise UsageError(
            f'"{partner}" is no partner id', advice="2 to 63 lower-case letters, digits and dashes, like acme"
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
            str(error), target=found_at, advice="give the partner's metadata document"
        ) from error.__cause__
    directory = root / "partners"
    _write(
        {
            directory / f"{partner}.yaml": made.partner_file.encode(),
            directory / made.recorded_name: made.recorded,
        },
        force=force,
    )
    click.echo("next: read the file, complete it, then partnergate validate")
    return ExitCode.OK
