"""No room: the sender is told to wait, nothing acknowledged is lost, and room is all that is needed again.

A limit on the size of a file simulates a full disk, because it can be set and lifted from outside; as
root a disk that is really full is tried as well.
"""

import contextlib
import os
import resource
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from worlds.senders import Sender, kept_once, stopped
from worlds.service_process import Service

_SECONDS = 30


@contextlib.contextmanager
def limited(service, store):
    """The store may not grow while the block runs."""
    files = [f for f in store.parent.iterdir() if f.name.startswith(store.name)]
    most = max(f.stat().st_size for f in files if not f.name.endswith("-shm"))
    unlimited = resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (most, unlimited[1]))
    yield
    resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, unlimited)


@contextlib.contextmanager
def filled(_service, store):
    """Nothing is left of the disk that the store is on while the block runs."""
    ballast = store.parent / "ballast"
    # Without a buffer, closing has nothing left to write, which would fail as well.
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(65536))
    yield
    ballast.unlink(missing_ok=True)


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)
    shutil.rmtree(folder)


def _may_mount():
    return os.geteuid() == 0 and subprocess.run(["unshare", "-m", "true"], check=False).returncode == 0


DISKS = [("tmp_path", limited)] + ([("small_disk", filled)] if _may_mount() else [])


@pytest.mark.parametrize(("folder", "without_room"), DISKS, ids=[name for name, _ in DISKS])
def test_a_full_disk_makes_senders_retry_and_loses_no_acknowledged_event(request, folder, without_room):
    store = Path(request.getfixturevalue(folder)) / "store.db"
    url = f"sqlite:///{store}"
    with Service(url, "--open-local") as service:
        senders = [Sender(service, f"s{n}", text="x" * 200) for n in range(2)]
        for sender in senders:
            sender.start()
        _until(lambda: all(sender.acknowledged for sender in senders))
        with without_room(service, store):
            _until(lambda: all(sender.refusals for sender in senders))
            before = [len(sender.acknowledged) for sender in senders]
            time.sleep(0.5)
            assert service.process.poll() is None
        _until(lambda: all(len(s.acknowledged) > n for s, n in zip(senders, before, strict=True)))
        acknowledged = stopped(senders)
    refusals = {refusal for sender in senders for refusal in sender.refusals}
    assert refusals == {(503, "5")}
    kept_once(url, acknowledged, unanswered=2 * senders[0].size)


def _until(true):
    end = time.monotonic() + _SECONDS
    while not true():
        assert time.monotonic() < end, "it did not come to this in time"
        time.sleep(0.05)
