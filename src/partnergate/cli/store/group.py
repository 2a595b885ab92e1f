"""``partnergate store``: keep the sidecar's database safe, and move its content."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from partnergate.cli.clock import now
from partnergate.cli.exit_codes import ExitCode
from partnergate.errors import PartnergateError, UsageError
from partnergate.model.instants import to_ms
from partnergate.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

_STORE = click.option(
    "--store", "url", envvar="PARTNERGATE_STORE", required=True, metavar="URL", help="The store."
)
_FILE = click.Path(dir_okay=False, path_type=Path)
_DAY = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"])


@contextmanager
def _writing(file: Path) -> Iterator[None]:
    """Says what is wrong with a file that cannot be written."""
    try:
        yield
    except OSError as error:
        raise PartnergateError(
            "the file cannot be written",
            target=str(file),
            advice="name a file in a directory that is there, that may be written and that has room",
        ) from error


@click.group(short_help="Back up, restore, verify, migrate and export the store.")
def command() -> None:
    """Keep the sidecar's database safe, and move its content.

    The store is named by --store or PARTNERGATE_STORE: sqlite:///path/to/file.db or
    postgresql+psycopg://user@host/database.
    """


@command.command(short_help="Write the whole store to a file.")
@_STORE
@click.argument("file", type=_FILE)
def backup(url: str, file: Path) -> int:
    """Write the whole store to FILE, from one consistent state, while the service goes on."""
    from partnergate.store.database.backup import write_backup
    from partnergate.store.database.opening import open_existing_store

    if file.exists():
        raise UsageError("the file is there already", target=str(file), advice="name a new file")
    with open_existing_store(url) as store, _writing(file):
        summary = write_backup(store, file, made_ms=to_ms(now()))
    click.echo(f"{file}: {summary.rows} rows of {len(summary.tables)} tables")
    return ExitCode.OK


@command.command(short_help="Fill an empty store from a backup.")
@_STORE
@click.argument("file", type=_FILE)
def restore(url: str, file: Path) -> int:
    """Fill an empty store from FILE, which a backup of either database wrote."""
    from partnergate.store.database.backup import read_summary, restore_backup
    from partnergate.store.database.opening import open_store

    read_summary(file)  # before a store is made for it
    with open_store(url) as store:
        summary = restore_backup(store, file)
        address = store.address
    click.echo(f"{address}: {summary.rows} rows of {len(summary.tables)} tables")
    return ExitCode.OK


@command.command(short_help="Check a backup, or derive everything again and compare.")
@_STORE
@click.option("--backup", "file", type=_FILE, help="Check this backup instead of the store.")
def verify(url: str, file: Path | None) -> int:
    """Check that every session and login is what the raw events give; nothing is changed.

    With --backup the checksums of that file are checked and the store is left alone.
    """
    from partnergate.store.database.backup import read_summary
    from partnergate.store.database.opening import open_existing_store
    from partnergate.store.rebuild import differs_from_raw, realms_of

    if file is not None:
        summary = read_summary(file)
        click.echo(f"{file}: {summary.rows} rows of {len(summary.tables)} tables, as they were written")
        return ExitCode.OK
    wrong = 0
    with open_existing_store(url) as store:
        with store.read() as connection:
            realms = realms_of(connection)
        for realm in realms:
            differs = differs_from_raw(store, realm)
            wrong += differs
            click.echo(f"{realm}: {'differs from its raw events' if differs else 'as its raw events say'}")
    if not realms:
        click.echo("nothing was read yet")
    return ExitCode.INCOMPLETE if wrong else ExitCode.OK


@command.command(short_help="Derive sessions and logins again.")
@_STORE
@click.option("--realm", help="Only this realm.")
def rebuild(url: str, realm: str | None) -> int:
    """Empty the derived tables and fill them again from the raw events and the registry."""
    from partnergate.store.database.opening import open_existing_store
    from partnergate.store.rebuild import realms_of
    from partnergate.store.rebuild import rebuild as rebuild_store

    with open_existing_store(url) as store:
        with store.read() as connection:
            known = realms_of(connection)
        if realm and realm not in known:
            advice = f"realms: {', '.join(known)}" if known else ""
            raise UsageError(f"nothing was read of a realm {realm}", target="--realm", advice=advice)
        realms = (realm,) if realm else known
        for name in realms:
            click.echo(f"{name}: {counted(rebuild_store(store, name), 'event')}")
    return ExitCode.OK


@command.command(short_help="Bring the store to this version's schema.")
@_STORE
def migrate(url: str) -> int:
    """Bring the store to this version's schema. Every other command does so as well when it opens it."""
    from partnergate.store.database.engine import Store, connect_engine
    from partnergate.store.database.migrations import migrate as migrate_store

    engine, dialect = connect_engine(url)
    with Store(engine, dialect) as store:
        done = migrate_store(store, to_ms(now()))
    click.echo("steps run: " + ", ".join(map(str, done)) if done else "up to date")
    return ExitCode.OK


@command.command(short_help="Write sessions, logins or usage as CSV or Parquet.")
@_STORE
@click.argument("dataset", type=click.Choice(["sessions", "logins", "usage"]))
@click.option("--output", "-o", type=_FILE, required=True, help="A .csv or .parquet file.")
@click.option("--partner", help="Only this partner.")
@click.option("--from", "start", type=_DAY, help="From this UTC day on.")
@click.option("--to", "end", type=_DAY, help="Before this UTC day.")
def export(
    url: str, dataset: str, *, output: Path, partner: str | None, start: datetime | None, end: datetime | None
) -> int:
    """Write sessions, logins or usage as CSV or Parquet, by the name of the file. People are keyed hashes."""
    from partnergate.store.database.opening import open_existing_store
    from partnergate.store.export import DATASETS, rows_of, write_csv, write_parquet

    if output.suffix not in {".csv", ".parquet"}:
        raise UsageError("the file's name says the format", target=str(output), advice="use .csv or .parquet")
    since = (start or datetime(1970, 1, 1)).replace(tzinfo=UTC)  # noqa: DTZ001 - the zone follows
    until = (end or datetime(9999, 1, 1)).replace(tzinfo=UTC)  # noqa: DTZ001
    if since >= until:
        raise UsageError("--to is not after --from, so nothing lies between", target=f"{since:%Y-%m-%d}")
    what = DATASETS[dataset]
    with open_existing_store(url) as store, _writing(output), store.read() as connection:
        parts = rows_of(connection, what, since, until, partner)
        if output.suffix == ".parquet":
            number = write_parquet(parts, what, output)
        else:
            with output.open("w", encoding="utf-8", newline="") as file:
                number = write_csv(parts, what, file)
    click.echo(f"{output}: {number} {dataset}")
    return ExitCode.OK


@command.command(short_help="Cut the lead from a person to what they did.")
@_STORE
@click.option("--alias", required=True, help="The provider by which the person signed in.")
@click.option(
    "--subject", required=True, prompt=True, hide_input=True, help="The partner's identifier; asked for."
)
def erase(url: str, alias: str, subject: str) -> int:
    """Erase a person: the partner's identifier leads nowhere afterwards, and every count stays."""
    from partnergate.store.database.opening import open_existing_store
    from partnergate.store.sessions.subjects import erase_subject

    with open_existing_store(url) as store, store.write() as connection:
        key = erase_subject(connection, alias, subject, to_ms(now()))
    click.echo("nobody is known by that identifier" if key is None else f"erased; what stays is under {key}")
    return ExitCode.OK if key else ExitCode.FAILED
