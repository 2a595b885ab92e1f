"""Every test here that takes ``store`` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import itertools
import os
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from partnergate.store.opening import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from partnergate.store.engine import Store

sys.path.insert(0, str(Path(__file__).parents[2] / "support_statements"))

_numbers = itertools.count(1)


@pytest.fixture
def store_of(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], Store]]:
    """Opens a new store of a kind; closed and dropped at the end."""
    with ExitStack() as stack:
        yield lambda kind: stack.enter_context(_opened(request, tmp_path, kind))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def store(request: pytest.FixtureRequest, store_of: Callable[[str], Store]) -> Store:
    return store_of(request.param)


@contextmanager
def _opened(request: pytest.FixtureRequest, tmp_path: Path, kind: str) -> Iterator[Store]:
    if kind == "sqlite":
        with open_store(f"sqlite:///{tmp_path / 'store.db'}") as opened:
            yield opened
        return
    server = request.getfixturevalue("postgresql")
    name = f"statements_{os.getpid()}_{next(_numbers)}"
    admin = sa.create_engine(server.url(), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    try:
        with open_store(server.url(name)) as opened:
            yield opened
    finally:
        with admin.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()
