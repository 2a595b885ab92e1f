"""A PostgreSQL that goes away, or has no room: senders are told to wait, nothing acknowledged is lost."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from worlds.senders import Sender, kept_once, stopped
from worlds.service_process import Service

pytestmark = pytest.mark.postgresql
_SECONDS = 60


@contextlib.contextmanager
def administrator(server):
    engine = sa.create_engine(server.url(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield lambda statement, **values: connection.execute(sa.text(statement), values)
    engine.dispose()


@contextlib.contextmanager
def gone(do, name):
    """The database rejects new connections and closes existing ones while the block runs."""
    do(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    do("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name", name=name)
    yield
    do(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


@contextlib.contextmanager
def no_room(folder):
    """Nothing is left of the disk while the block runs."""
    ballast = folder / "ballast"
    with ballast.open("wb") as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(65536))
            file.flush()
    yield
    ballast.unlink()


def through(url, fault):
    """Sends before, during and after the fault, and holds the store to what was answered."""
    with Service(url, "--open-local") as service:
        senders = [Sender(service, f"s{n}", text="x" * 200) for n in range(2)]
        for sender in senders:
            sender.start()
        _until(lambda: all(sender.acknowledged for sender in senders))
        with fault:
            _until(lambda: all(sender.refusals for sender in senders))
            before = [len(sender.acknowledged) for sender in senders]
            time.sleep(0.5)
            assert service.process.poll() is None
        _until(lambda: all(len(s.acknowledged) > n for s, n in zip(senders, before, strict=True)))
        acknowledged = stopped(senders)
    assert {refusal for sender in senders for refusal in sender.refusals} == {(503, "5")}
    kept_once(url, acknowledged, unanswered=2 * senders[0].size)


def test_acknowledged_usage_survives_a_temporary_loss_of_the_database(postgresql):
    name = f"gone_{uuid4().hex}"
    with administrator(postgresql) as do:
        do(f"CREATE DATABASE {name}")
        try:
            through(postgresql.url(name), gone(do, name))
        finally:
            do(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def small_disk():
    folder = Path(tempfile.mkdtemp(prefix="partnergate-disk-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)
    shutil.rmtree(folder)


def _may_mount():
    return os.geteuid() == 0 and subprocess.run(["unshare", "-m", "true"], check=False).returncode == 0


if _may_mount():

    def test_a_full_disk_makes_senders_retry_and_loses_no_acknowledged_event(postgresql, small_disk):
        name = f"full_{uuid4().hex}"
        place = small_disk / "place"
        place.mkdir()
        small_disk.chmod(0o755)
        shutil.chown(place, "postgres")
        with administrator(postgresql) as do:
            do(f"CREATE TABLESPACE {name} LOCATION '{place}'")
            do(f"CREATE DATABASE {name} TABLESPACE {name}")
            try:
                through(postgresql.url(name), no_room(small_disk))
            finally:
                do(f"DROP DATABASE {name} WITH (FORCE)")
                do(f"DROP TABLESPACE {name}")


def _until(true):
    end = time.monotonic() + _SECONDS
    while not true():
        assert time.monotonic() < end, "it did not come to this in time"
        time.sleep(0.05)
