"""Senders that retry until they are stopped, and checks of the store afterwards."""

import http.client
import threading

import sqlalchemy as sa

from builders.usage import batch, cloud_event, ledger
from partnergate.store import open_store
from partnergate.store.usage.ledger import StoredUsage

SIZE = 100
AGAIN = frozenset({429, 503, 507})


class Sender(threading.Thread):
    """Sends batches until ``stopping`` is set. An interrupted or refused batch is sent again unchanged."""

    def __init__(self, service, name, *, size=SIZE, text=""):
        super().__init__(daemon=True)
        self.service, self.sender, self.size, self.text = service, name, size, text
        self.stopping = threading.Event()
        self.acknowledged, self.again = set(), 0
        self.refusals = []
        self.failure = None

    def run(self):
        number = 0
        while not self.stopping.is_set():
            named = [f"{self.sender}-{number}-{n}" for n in range(self.size)]
            data = {"quantity": 1, "model": "m", "text": self.text}
            body = batch(*(cloud_event(i, subject=f"acme:{i[-1]}", **data) for i in named))
            while not self.stopping.is_set() and not self._sent(body, named):
                self.stopping.wait(0.05)
            if self.failure is not None:
                return
            number += 1

    def _sent(self, body, named):
        try:
            status, headers, answer = self.service.send(body)
        except (OSError, http.client.HTTPException):
            self.again += 1
            return False
        if status == 200 and {r["status"] for r in answer["results"]} <= {"accepted", "duplicate"}:
            self.acknowledged.update(named)
            return True
        if status not in AGAIN:
            self.failure = (status, answer)
            return True
        self.refusals.append((status, headers.get("retry-after")))
        return False


def stopped(senders):
    """Stop all senders and return the acknowledged ids. Fails if a sender failed."""
    for sender in senders:
        sender.stopping.set()
    for sender in senders:
        sender.join(60)
    assert [s.failure for s in senders] == [None] * len(senders)
    return set().union(*(s.acknowledged for s in senders))


def kept_once(store_url, acknowledged, *, unanswered):
    """The number of stored events. Checks that all acknowledged ones are stored once and a rebuild changes nothing."""
    with open_store(store_url) as store:
        stored = StoredUsage(store)
        stored.attribute_pending()
        with store.read() as connection:
            kept = connection.execute(sa.text("SELECT id FROM usage_events")).scalars().all()
        assert len(kept) == len(set(kept))
        assert acknowledged <= set(kept)
        assert len(set(kept) - acknowledged) <= unanswered
        found = ledger(store)
        assert len(found["attributed"]) == len(kept)
        stored.rebuild()
        assert ledger(store) == found
    return len(kept)
