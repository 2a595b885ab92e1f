"""Killed with -9 at random moments while it takes usage: what was acknowledged is there once.

``PARTNERGATE_KILLS`` says how often on each database.
"""

import http.client
import os
import random
import threading
import time

import sqlalchemy as sa
from service_process import Service
from usage_builders import batch, cloud_event, ledger

from partnergate.store import open_store
from partnergate.store.usage import StoredUsage

KILLS = int(os.environ.get("PARTNERGATE_KILLS", "2"))
SENDERS = 2
SIZE = 100


class Sender(threading.Thread):
    """Sends batches until told to stop; one that was cut off is sent again, as the same events."""

    def __init__(self, service, name):
        super().__init__(daemon=True)
        self.service, self.sender = service, name
        self.stopping = threading.Event()
        self.acknowledged, self.again = set(), 0
        self.failure = None

    def run(self):
        number = 0
        while not self.stopping.is_set():
            named = [f"{self.sender}-{number}-{n}" for n in range(SIZE)]
            body = batch(*(cloud_event(i, subject=f"acme:{i[-1]}", quantity=1, model="m") for i in named))
            while not self.stopping.is_set():
                try:
                    status, _, answer = self.service.send(body)
                except (OSError, http.client.HTTPException):
                    self.again += 1
                    self.stopping.wait(0.05)
                    continue
                if status == 200 and {r["status"] for r in answer["results"]} <= {"accepted", "duplicate"}:
                    self.acknowledged.update(named)
                    break
                if status not in {429, 503}:
                    self.failure = (status, answer)
                    return
                self.stopping.wait(0.05)
            number += 1


def test_what_was_acknowledged_before_a_kill_is_there_once_and_rollups_equal_the_rebuild(store_url):
    moments = random.Random(20261124)
    service = Service(store_url, "--open-local")
    senders = [Sender(service, f"s{n}") for n in range(SENDERS)]
    service.start().wait()
    try:
        for sender in senders:
            sender.start()
        for _ in range(KILLS):
            time.sleep(moments.uniform(0.01, 1.2))
            service.kill()
            service.start().wait()
        time.sleep(0.3)
    finally:
        for sender in senders:
            sender.stopping.set()
        for sender in senders:
            sender.join(60)
        service.kill()
    assert [s.failure for s in senders] == [None] * SENDERS
    acknowledged = set().union(*(s.acknowledged for s in senders))
    with open_store(store_url) as store:
        stored = StoredUsage(store)
        stored.settle()
        with store.read() as connection:
            kept = connection.execute(sa.text("SELECT id FROM usage_events")).scalars().all()
        assert len(kept) == len(set(kept))
        assert acknowledged <= set(kept)
        assert len(set(kept) - acknowledged) <= SENDERS * SIZE
        found = ledger(store)
        assert len(found["attributed"]) == len(kept)
        stored.rebuild()
        assert ledger(store) == found
    print(
        f"{KILLS} kills: {len(acknowledged):,} acknowledged, {len(kept):,} kept, none lost, none twice; "
        f"{sum(s.again for s in senders):,} requests cut off or refused and sent again"
    )
