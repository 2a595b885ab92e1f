"""Other users of the machine cannot read a SQLite store or what is written from it."""

from __future__ import annotations

import os

import pytest
from click.testing import CliRunner

from partnergate.cli.store.group import command
from partnergate.store.database.opening import open_store


@pytest.fixture(autouse=True)
def _usual_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(directory) -> dict[str, int]:
    return {file.name: file.stat().st_mode & 0o777 for file in directory.iterdir()}


def test_a_new_store_and_its_logs_are_private_while_it_is_open(tmp_path):
    with open_store(f"sqlite:///{tmp_path}/store.db") as store, store.write() as connection:
        connection.exec_driver_sql("SELECT 1")
        assert modes(tmp_path) == {"store.db": 0o600, "store.db-wal": 0o600, "store.db-shm": 0o600}


def test_an_existing_store_that_others_can_read_becomes_private(tmp_path):
    url = f"sqlite:///{tmp_path}/store.db"
    with open_store(url) as store, store.read() as connection:
        connection.exec_driver_sql("SELECT 1")
        for file in tmp_path.iterdir():
            file.chmod(0o644)
        with open_store(url):
            assert set(modes(tmp_path).values()) == {0o600}


def test_a_store_that_cannot_be_made_private_is_reported(tmp_path, monkeypatch, caplog):
    from pathlib import Path

    def not_owner(*_):
        raise PermissionError

    (tmp_path / "store.db").touch(mode=0o644)
    monkeypatch.setattr(Path, "chmod", not_owner)
    with open_store(f"sqlite:///{tmp_path}/store.db"):
        assert f"other users can read {tmp_path}/store.db: run chmod 600" in caplog.text


@pytest.mark.parametrize("exists", [False, True])
@pytest.mark.parametrize("name", ["logins.csv", "logins.parquet"])
def test_an_export_is_private(tmp_path, name, exists):
    url = f"sqlite:///{tmp_path}/store.db"
    with open_store(url):
        pass
    if exists:
        (tmp_path / name).touch(mode=0o644)
    arguments = ["export", "logins", "--output", str(tmp_path / name), "--store", url]
    assert CliRunner().invoke(command, arguments, standalone_mode=False).exception is None
    assert modes(tmp_path)[name] == 0o600


def test_a_backup_is_private_even_if_a_wider_partial_file_remained(tmp_path):
    url = f"sqlite:///{tmp_path}/store.db"
    with open_store(url):
        pass
    (tmp_path / "a.backup.partial").touch(mode=0o666)
    arguments = ["backup", str(tmp_path / "a.backup"), "--store", url]
    assert CliRunner().invoke(command, arguments, standalone_mode=False).exception is None
    assert modes(tmp_path)["a.backup"] == 0o600
