"""``partnergate statement verify``: verifies a statement file with the published key alone."""

from __future__ import annotations

from pathlib import Path

import click

from partnergate.cli.command import Command
from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.options import format_option

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(name="verify", cls=Command)
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--keys", type=_FILE, help="Key set (JWKS) that the issuer published.")
@click.option("--public-key", type=_FILE, help="Public key file that the issuer published.")
@format_option("text", "json")
def command(files: tuple[Path, ...], *, keys: Path | None, public_key: Path | None, kind: str) -> int:
    """Verify FILES: the seal, the hash, the place in the chain, and that lines and totals add up.

    The command reads only the files and the published keys. With --keys, the key must have been
    valid at the time of the seal, and not be revoked. For several files, it also verifies that they
    follow each other. Exits with 1 when a check fails.
    """
    from partnergate.cli.statement.key_files import keys_of
    from partnergate.errors import UsageError
    from partnergate.safe_text import json_text, plain
    from partnergate.statements.document import read_statement_file
    from partnergate.statements.verify import verify_chain, verify_file
    from partnergate.strict_json import EXACT_LIMITS, read_limited

    given = [file for file in (keys, public_key) if file is not None]
    if len(given) != 1:
        raise UsageError("pass --keys FILE or --public-key FILE, the keys that the issuer published")
    published = keys_of(given[0])
    results, documents = [], []
    for file in files:
        content = read_limited(file, EXACT_LIMITS)
        result = verify_file(content, published)
        results.append((file, result))
        if result.number:
            statement, _, canonical = read_statement_file(content)
            documents.append((statement, canonical))
    chain = verify_chain(documents)
    good = all(r.ok for _, r in results) and all(c.ok for c in chain)
    if kind == "json":
        value = {
            "ok": good,
            "files": [
                {
                    "file": str(file),
                    "number": r.number,
                    "ok": r.ok,
                    "checks": [{"name": c.name, "ok": c.ok, "detail": c.detail} for c in r.checks],
                }
                for file, r in results
            ],
            "chain": [{"ok": c.ok, "detail": c.detail} for c in chain],
        }
        click.echo(json_text(value))
        return ExitCode.OK if good else ExitCode.FAILED
    for file, result in results:
        click.echo(plain(f"{file}: {result.number} {result.total}".rstrip()))
        for check in result.checks:
            click.echo(f"  {'ok  ' if check.ok else 'FAIL'} {check.name:<10} {plain(check.detail)}")
    for check in chain:
        click.echo(f"{'ok  ' if check.ok else 'FAIL'} chain  {plain(check.detail)}")
    click.echo("verified" if good else "NOT verified: at least one check failed")
    return ExitCode.OK if good else ExitCode.FAILED
