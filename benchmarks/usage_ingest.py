"""Usage over HTTP compared with raw inserts into the same table of the same store, in one run.

    scripts/benchmark usage_ingest [--events 200000] [--batch 1000] [--store URL]

Raw: prepared rows into ``usage_events`` of an empty store, with the same unique key and durability, one
transaction per batch, once by executemany (what a program would write first) and once by the service's
single statement; the faster one counts. HTTP: ``partnergate serve`` in another process, batches of
CloudEvents over kept-alive connections. Rounds alternate; the median of each is printed.
"""

import argparse
import contextlib
import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa

from partnergate.store import open_store
from partnergate.store.usage.append import Row, insert_rows

ROOT = Path(__file__).parents[1]
NOW = datetime.now(UTC)


def bodies(count, batch, sessions=5000):
    made = []
    for begin in range(0, count, batch):
        events = [
            {
                "specversion": "1.0",
                "id": str(uuid4()),
                "source": "https://product.example/tasks",
                "type": "task.run",
                "time": (NOW - timedelta(milliseconds=17 * n)).isoformat(),
                "subject": f"session:{n % sessions:024x}",
                "data": {"quantity": n % 50, "model": f"m{n % 4}", "workspace": f"w{n % 100}"},
            }
            for n in range(begin, min(begin + batch, count))
        ]
        made.append(json.dumps(events).encode())
    return made


def raw_rows(count):
    us = int(NOW.timestamp() * 1e6)
    text = '{"model":"m1","quantity":17,"workspace":"w17"}'
    return [
        Row(1, str(uuid4()), 1, us - 17_000 * n, 1, f"{n % 5000:024x}", 0, "", text, us, n + 1)
        for n in range(count)
    ]


def raw_rate(url, rows, batch, *, single):
    columns = ", ".join(Row._fields)
    with open_store(url) as store:
        marks = ", ".join(("?" if store.dialect == "sqlite" else "%s",) * len(Row._fields))
        statement = f"INSERT INTO usage_events ({columns}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608 - constant names
        started, cpu = time.perf_counter(), time.process_time()
        for begin in range(0, len(rows), batch):
            part = rows[begin : begin + batch]
            with store.write(lock="usage") as connection:
                if single:
                    insert_rows(connection, part)
                else:
                    connection.exec_driver_sql(statement, [tuple(row) for row in part])
        return len(rows) / (time.perf_counter() - started), (time.process_time() - cpu) / len(rows) * 1e6


@contextlib.contextmanager
def service(url):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "partnergate", "serve", "-e", "demo", "--root", str(ROOT), "--store",
               url, "--port", str(port), "--open-local", "--without-events"]  # fmt: skip
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(200):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
                    break
                time.sleep(0.1)
            yield port, process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def http_rate(url, sent, senders):
    with service(url) as (port, pid):
        waiting = iter(sent)
        lock = threading.Lock()
        done, latencies = [], []

        def send():
            connection = http.client.HTTPConnection("127.0.0.1", port)
            while True:
                with lock:
                    body = next(waiting, None)
                if body is None:
                    return
                began = time.perf_counter()
                connection.request(
                    "POST", "/v1/usage", body, {"content-type": "application/cloudevents-batch+json"}
                )
                answer = connection.getresponse()
                result = json.loads(answer.read())
                assert answer.status == 200, result
                latencies.append(time.perf_counter() - began)
                done.append(sum(result["counts"].values()))

        threads = [threading.Thread(target=send) for _ in range(senders)]
        started, cpu = time.perf_counter(), cpu_seconds(pid)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.perf_counter() - started
        cpu = (cpu_seconds(pid) - cpu) / sum(done) * 1e6
        memory = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
        stored = time.perf_counter()
        while pending(url):
            time.sleep(0.2)
        behind = time.perf_counter() - stored
    return sum(done) / seconds, statistics.median(latencies) * 1000, memory, behind, cpu


def cpu_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def pending(url):
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        last = connection.execute(sa.text("SELECT max(seq) FROM usage_events")).scalar_one()
        at = connection.execute(sa.text("SELECT number FROM usage_state WHERE name = 'position'")).scalar()
    engine.dispose()
    return last - (at or 0)


@contextlib.contextmanager
def empty_store(given):
    if given.startswith("sqlite"):
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/store.db"
        return
    name = f"bench_{uuid4().hex}"
    admin = sa.create_engine(given, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    yield sa.engine.make_url(given).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=200_000)
    options.add_argument("--batch", type=int, default=1_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--senders", type=int, default=4)
    options.add_argument("--store", default="sqlite")
    given = options.parse_args()
    sent, rows = bodies(given.events, given.batch), raw_rows(given.events)
    many, one, through = [], [], []
    for _ in range(given.rounds):
        with empty_store(given.store) as url:
            many.append(raw_rate(url, rows, given.batch, single=False))
        with empty_store(given.store) as url:
            one.append(raw_rate(url, rows, given.batch, single=True))
        with empty_store(given.store) as url:
            through.append(http_rate(url, sent, given.senders))
        print(
            f"  raw executemany {many[-1][0]:,.0f}/s, raw one statement {one[-1][0]:,.0f}/s, "
            f"HTTP {through[-1][0]:,.0f}/s"
        )
    raw = max(statistics.median(r for r, _ in many), statistics.median(r for r, _ in one))
    rate = statistics.median(t[0] for t in through)
    print(f"{given.store}: {given.events:,} events in batches of {given.batch:,}, {given.senders} senders")
    print(f"raw {raw:,.0f}/s; HTTP {rate:,.0f}/s = {rate / raw:.0%} of raw")
    print(
        f"CPU for an event: raw {min(c for _, c in (*many, *one)):.1f} us, "
        f"service {min(t[4] for t in through):.1f} us; "
        f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    print(
        f"median answer {statistics.median(t[1] for t in through):.0f} ms; "
        f"memory of the service {max(t[2] for t in through):.0f} MB; "
        f"attributed {statistics.median(t[3] for t in through):.1f} s after the last answer"
    )


if __name__ == "__main__":
    main()
