"""A killed backfill continues without duplicates, and its memory does not grow with the file.

``PARTNERGATE_BACKFILL`` is the number of events in the file.
"""

import json
import os
import random
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

from builders.usage import NOW
from worlds.senders import kept_once
from worlds.service_process import Service

EVENTS = int(os.environ.get("PARTNERGATE_BACKFILL", "6000"))
BATCH = min(1_000, EVENTS // 20)
MOST_MEMORY = 320_000_000
"""Limit for the service in bytes; independent of the number of events."""


def written(path):
    with path.open("w", encoding="utf-8") as file:
        file.write("id,time,subject,quantity,model\n")
        for n in range(EVENTS):
            at = (NOW - timedelta(days=20, milliseconds=-n)).isoformat()
            file.write(f"e{n:08},{at},acme:u{n % 50},{n % 7},m{n % 3}\n")
    return path


def backfill(file, port):
    command = [
        *(sys.executable, "-m", "partnergate", "usage", "backfill", str(file), "--batch", str(BATCH)),
        *("--url", f"http://127.0.0.1:{port}", "--source", "backfill", "--type", "task.run"),
    ]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def position(file):
    place = file.with_name(f"{file.name}.position")
    return json.loads(place.read_text())["position"] if place.exists() else 0


def memory(process):
    pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _moved(file, run, beyond):
    """Waits until the stored position is beyond; whether the run is still at it."""
    end = time.monotonic() + 120
    while position(file) <= beyond and run.poll() is None:
        assert time.monotonic() < end, "the position does not move"
        time.sleep(0.005)
    return run.poll() is None


def test_a_killed_backfill_continues_without_duplicates(store_url, tmp_path):
    moments = random.Random(8)
    file = written(tmp_path / "usage.csv")
    service = Service(store_url, "--open-local").start().wait()
    largest, killed = 0, 0
    try:
        for number in range(3):
            before = position(file)
            run = backfill(file, service.port)
            if _moved(file, run, before):
                time.sleep(moments.uniform(0, 0.05))
                largest = max(largest, memory(service.process))
                run.kill()
                killed += 1
            run.communicate()
            assert position(file) >= before
            if number == 1:
                service.kill()
                service.start().wait()
        last = backfill(file, service.port)
        while last.poll() is None:
            largest = max(largest, memory(service.process))
            time.sleep(0.05)
        told, errors = last.communicate()
    finally:
        service.kill()
    assert last.returncode == 0, errors
    assert killed
    assert position(file) == file.stat().st_size
    assert {line.split()[-1] for line in told.splitlines()} <= {"accepted", "duplicate"}
    assert kept_once(store_url, {f"e{n:08}" for n in range(EVENTS)}, unanswered=0) == EVENTS
    assert largest < MOST_MEMORY
    print(f"{EVENTS:,} events, killed {killed} times; the service held {largest / 1e6:.0f} MB at most")
