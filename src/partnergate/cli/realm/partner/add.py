"""``partnergate partner add``: writes a partner file from the metadata that the partner publishes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from partnergate.cli.clock import now
from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import root_option
from partnergate.strict_json import decode_json

if TYPE_CHECKING:
    from partnergate.language.drafting import Draft

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
                content = fetched(address, loopback_http=loopback_http)
            except PartnergateError:
                content = b""
            # Some servers return the same metadata for any path below theirs, such as .../metadata.php/x.
            if _is_discovery(content):
                return content, address
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


def _is_discovery(content: bytes) -> bool:
    """Whether this is an OpenID configuration."""
    try:
        value = decode_json(content)
    except ValueError:
        return False
    return isinstance(value, dict) and isinstance(value.get("issuer"), str)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    click.echo(f"wrote {path}")


def _refresh(partner_file: Path, made: Draft) -> None:
    """Replace the recorded document of an existing partner file, which stays as it is."""
    from partnergate.errors import UsageError

    protocol, recorded = _recorded_by(partner_file)
    if protocol not in {"", made.protocol}:
        raise UsageError(
            f"{partner_file} has the protocol {protocol}, but the document is for {made.protocol}",
            advice="pass the document of that protocol, or delete the file to write a new one",
        )
    _write(partner_file.parent / (recorded or made.recorded_name), made.recorded)
    click.echo(f"unchanged: {partner_file}")


def _recorded_by(partner_file: Path) -> tuple[str, str]:
    """The protocol and the recorded document of a partner file; empty where the file does not name them."""
    import yaml

    try:
        value = yaml.safe_load(partner_file.read_bytes())
    except (yaml.YAMLError, UnicodeDecodeError):
        return "", ""
    sign_in = value.get("sign_in") if isinstance(value, dict) else None
    if not isinstance(sign_in, dict):
        return "", ""
    sections = (sign_in.get("discovery"), sign_in.get("metadata"))
    named = next((s["file"] for s in sections if isinstance(s, dict) and "file" in s), "")
    return str(sign_in.get("protocol", "")), Path(str(named)).name


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
@click.option("--force", is_flag=True, help="Replace the recorded document of an existing partner.")
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

    The new partner has the stage draft, so it is not deployed. With --force, the file of an existing
    partner stays as it is, and only the document is recorded again.
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
    partner_file = root / "partners" / f"{partner}.yaml"
    recorded_file = partner_file.with_name(made.recorded_name)
    files = (partner_file, recorded_file)
    existing = [str(path) for path in files if path.exists() or path.is_symlink()]
    if existing and not force:
        raise UsageError(
            f"existing files: {', '.join(existing)}",
            advice="to record only the document again, pass --force",
        )
    if partner_file.exists():
        _refresh(partner_file, made)
    else:
        _write(partner_file, made.partner_file.encode())
        _write(recorded_file, made.recorded)
    click.echo("next: review and complete the file, then run partnergate validate")
    return ExitCode.OK
