"""The whole store as one file that either database reads back: a ZIP of its tables, row by row as JSON.

Written from one consistent state while the service works. Each table's checksum and the schema step are
in the manifest, so a damaged or newer file is refused before anything is restored.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from dataclasses import dataclass
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from partnergate.errors import SchemaTooNewError, StoreError
from partnergate.private_files import open_private
from partnergate.store.database.bulk import insert_new
from partnergate.store.database.migrations import MIGRATIONS, applied_migrations
from partnergate.store.database.migrations.m0010_unattributed_counts import COUNT_ALL
from partnergate.strict_json import decode_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from partnergate.store.database.engine import Store

FORMAT: Final = 1
_MANIFEST: Final = "manifest.json"
_BATCH: Final = 2_000
_RECORDS: Final = "schema_migrations"


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupSummary:
    """The content of a backup file."""

    steps: tuple[int, ...]
    tables: tuple[tuple[str, int], ...]
    """(table, rows), in the order in which they are restored."""

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(n for _, n in self.tables)


def write_backup(store: Store, path: Path, *, made_ms: int) -> BackupSummary:
    """Write the store to a new file; either complete or not at all."""
    partial = path.with_name(path.name + ".partial")
    handle = open_private(partial)
    try:
        with os.fdopen(handle, "wb") as file, store.read() as connection:
            summary = _write(connection, file, made_ms)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return summary


def read_summary(path: Path) -> BackupSummary:
    """Check every checksum of a backup; raises ``StoreError`` when the file is not as it was written."""
    with _opened(path) as archive:
        manifest = _manifest(archive, path)
        for table in manifest["tables"]:
            digest = hashlib.sha256()
            with archive.open(f"{table['name']}.ndjson") as lines:
                while part := lines.read(1 << 20):
                    digest.update(part)
            if digest.hexdigest() != table["sha256"]:
                raise StoreError(f"the backup is damaged: table {table['name']}", target=str(path))
        return _summary(manifest)


def restore_backup(store: Store, path: Path) -> BackupSummary:
    """Fill an empty store from a backup, in one transaction."""
    summary = read_summary(path)
    known = {m.NUMBER for m in MIGRATIONS}
    if set(summary.steps) - known:
        raise SchemaTooNewError(
            f"the backup has schema step {max(summary.steps)}, which this version does not know",
            target=str(path),
            advice="use the newer version of partnergate",
        )
    with _opened(path) as archive, store.write(lock="restore") as connection:
        manifest = _manifest(archive, path)
        for table in manifest["tables"]:
            _refuse_rows(connection, table["name"], store.address)
        for table in manifest["tables"]:
            with archive.open(f"{table['name']}.ndjson") as lines:
                for rows in _batches(lines):
                    insert_new(connection, table["name"], table["columns"], rows)
        # Triggers counted rows before the rows that they refer to were restored.
        for statement in COUNT_ALL:
            connection.exec_driver_sql(statement)
    return summary


def _refuse_rows(connection: Connection, table: str, address: str) -> None:
    if connection.execute(sa.text(f"SELECT 1 FROM {_quoted(connection, table)} LIMIT 1")).first():  # noqa: S608
        raise StoreError(
            f"the store is not empty: table {table} has rows",
            target=address,
            advice="restore into a new database",
        )


def tables_of(connection: Connection) -> tuple[str, ...]:
    """Every table except the list of migrations; referenced tables come first."""
    ordered = sa.inspect(connection).get_sorted_table_and_fkc_names()
    return tuple(
        str(name) for name, _ in ordered if name and name != _RECORDS and not name.startswith("stage_")
    )


def _write(connection: Connection, file: IO[bytes], made_ms: int) -> BackupSummary:
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "made_ms": made_ms,
        "steps": sorted(applied_migrations(connection)),
        "tables": [],
    }
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        for name in tables_of(connection):
            manifest["tables"].append(_write_table(connection, archive, name))
        archive.writestr(_MANIFEST, json.dumps(manifest, indent=1))
    return _summary(manifest)


def _write_table(connection: Connection, archive: zipfile.ZipFile, name: str) -> dict[str, Any]:
    columns = [c["name"] for c in sa.inspect(connection).get_columns(name)]
    listed = ", ".join(_quoted(connection, c) for c in columns)
    digest, number = hashlib.sha256(), 0
    rows = connection.execute(
        sa.text(f"SELECT {listed} FROM {_quoted(connection, name)}"),  # noqa: S608
        execution_options={"yield_per": _BATCH},
    )
    with archive.open(f"{name}.ndjson", "w", force_zip64=True) as member:
        for part in rows.partitions(_BATCH):
            text = "".join(json.dumps([_plain(v) for v in row]) + "\n" for row in part).encode()
            digest.update(text)
            member.write(text)
            number += len(part)
    return {"name": name, "columns": columns, "rows": number, "sha256": digest.hexdigest()}


def _plain(value: Any) -> Any:
    match value:
        case bytes() | memoryview():
            return {"bytes": bytes(value).hex()}
        case Decimal():
            return {"decimal": str(value)}
        case _:
            return value


def _value(plain: Any) -> Any:
    match plain:
        case {"bytes": text}:
            return bytes.fromhex(text)
        case {"decimal": text}:
            return Decimal(text)
        case _:
            return plain


def _batches(lines: IO[bytes]) -> Iterator[list[tuple[Any, ...]]]:
    batch: list[tuple[Any, ...]] = []
    for line in lines:
        batch.append(tuple(_value(v) for v in json.loads(line)))
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise StoreError("the backup cannot be read", target=str(path)) from error


def _manifest(archive: zipfile.ZipFile, path: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = decode_json(archive.read(_MANIFEST))
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise StoreError("the file is not a backup of a store", target=str(path)) from error
    if manifest.get("format") != FORMAT:
        raise StoreError("the backup has a format of another version", target=str(path))
    return manifest


def _summary(manifest: dict[str, Any]) -> BackupSummary:
    return BackupSummary(
        steps=tuple(manifest["steps"]), tables=tuple((t["name"], t["rows"]) for t in manifest["tables"])
    )


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)
