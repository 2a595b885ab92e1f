"""The open database, with the same transactions, durability, and errors on SQLite and PostgreSQL.

Other modules define functions that take a ``Connection`` from ``Store.read`` or ``Store.write``.
After a write returns, its data is on the disk: SQLite runs in WAL mode with ``synchronous=FULL``, PostgreSQL
with its own ``synchronous_commit``.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import zlib
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.engine import make_url

from partnergate.errors import StoreError, StoreUnavailableError, UsageError
from partnergate.private_files import make_private

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine
    from sqlalchemy.engine import URL

BUSY_MILLISECONDS = 30_000
"""How long a writer waits for another one; SQLite has one writer at a time."""
_LOG: Final = logging.getLogger("partnergate.store")
_LOCK_SPACE = 0x7067  # all users of the database share the advisory locks
_SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    f"PRAGMA busy_timeout={BUSY_MILLISECONDS}",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-65536",
)


class Dialect(StrEnum):
    """Which database it is."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


class Store:
    """An open database of the current schema. Safe to share among threads."""

    def __init__(self, engine: Engine, dialect: Dialect) -> None:
        self.dialect = dialect
        self._engine = engine
        self._writer = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def address(self) -> str:
        """Where the database is, without the password."""
        return self._engine.url.render_as_string(hide_password=True)

    @property
    def url(self) -> URL:
        """Where the database is, password included; never printed."""
        return self._engine.url

    def close(self) -> None:
        """Close all connections. A second call has no effect."""
        self._engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one state of the database from its first statement to its end."""
        with _translated(self.address), self._engine.connect() as connection:
            if self.dialect is Dialect.POSTGRESQL:
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def write(self, *, lock: str = "") -> Iterator[Connection]:
        """Run the block in a transaction: commit at its end, and roll back if it raises.

        On SQLite there is one at a time. On PostgreSQL those of the same ``lock`` name wait for each
        other, in whatever process they are; without a name nothing waits but rows in conflict.
        """
        if self.dialect is Dialect.SQLITE:
            with self._writer, _translated(self.address), self._engine.connect() as connection:
                connection.execution_options(partnergate_write=True)
                with connection.begin():
                    yield connection
            return
        with _translated(self.address), self._engine.begin() as connection:
            if lock:
                take_lock(connection, lock)
            yield connection


def take_lock(connection: Connection, name: str) -> None:
    """Take the lock with that name until the end of the transaction (PostgreSQL). Waits for other holders."""
    number = zlib.crc32(name.encode()) - 2**31
    connection.execute(
        sa.text("SELECT pg_advisory_xact_lock(:space, :number)"), {"space": _LOCK_SPACE, "number": number}
    )


def connect_engine(url: str) -> tuple[Engine, Dialect]:
    """An engine with our transactions and durability; connects lazily."""
    try:
        parsed = make_url(url)
    except exc.ArgumentError as error:
        raise UsageError(
            "the store URL is not valid",
            advice="use sqlite:///path/to/file.db or postgresql+psycopg://user@host/database",
        ) from error
    match parsed.get_backend_name():
        case "sqlite":
            return _sqlite_engine(parsed), Dialect.SQLITE
        case "postgresql":
            return _postgresql_engine(parsed), Dialect.POSTGRESQL
        case other:
            raise UsageError(
                f"the store cannot be kept in {other}",
                advice="use sqlite:///path/to/file.db or postgresql+psycopg://user@host/database",
            )


def _sqlite_engine(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise UsageError("the store needs a file", advice="use sqlite:///path/to/file.db")
    engine = sa.create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_MILLISECONDS / 1000})
    privacy = _Privacy(Path(url.database))

    @event.listens_for(engine, "do_connect")
    def _private(*_: Any) -> None:
        privacy()

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late and is never IMMEDIATE
        cursor = connection.cursor()
        for pragma in _SQLITE_PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("partnergate_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


class _Privacy:
    """Makes the files of a SQLite database private before its first connection.

    SQLite creates a database with the mode that the umask leaves, and its ``-wal`` and ``-shm`` files with
    the mode of the database.
    """

    def __init__(self, database: Path) -> None:
        self._files = [database.with_name(f"{database.name}{suffix}") for suffix in ("", "-wal", "-shm")]
        self._done = str(database).startswith("file:")  # the address of a file, with SQLite options

    def __call__(self) -> None:
        if self._done:
            return
        with suppress(OSError):  # SQLite reports what is wrong with the file
            os.close(os.open(self._files[0], os.O_RDWR | os.O_CREAT, 0o600))
        for file in self._files:
            if not make_private(file):
                _LOG.warning("other users can read %s: run chmod 600 as its owner", file)
        self._done = True


def _postgresql_engine(url: URL) -> Engine:
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    connect_args = {"connect_timeout": 10, "application_name": "partnergate"}
    try:
        return sa.create_engine(
            url, hide_parameters=True, pool_pre_ping=True, pool_size=5, connect_args=connect_args
        )
    except ImportError as error:
        raise UsageError(
            "the PostgreSQL driver is not installed", advice="pip install 'partnergate[postgresql]'"
        ) from error


@contextmanager
def _translated(address: str) -> Iterator[None]:
    """Raise errors of the library as ``StoreError``, without the SQL and its values, maybe personal data."""
    try:
        yield
    except (exc.OperationalError, exc.InterfaceError, exc.TimeoutError) as error:
        if getattr(error.__cause__, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:
            raise StoreError(f"the database rejected the call: {reason_of(error)}", target=address) from None
        raise StoreUnavailableError(
            f"the database cannot be used: {reason_of(error)}",
            target=address,
            advice="check that it runs, that it may be written, and that its disk has room; "
            "the transaction was rolled back",
        ) from error.__cause__
    except exc.SQLAlchemyError as error:
        raise StoreError(f"the database rejected the call: {reason_of(error)}", target=address) from None


def reason_of(error: exc.SQLAlchemyError) -> str:
    """Return the first line of the driver's message; values that it quotes are on later lines."""
    original = getattr(error, "orig", None) or error
    return (str(original).strip().splitlines() or [type(original).__name__])[0]
