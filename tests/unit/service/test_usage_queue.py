"""The ingest queue: bounded, ordered, and still working after failed writes."""

from datetime import UTC, datetime
from threading import Event

import pytest

from partnergate.errors import StoreUnavailableError
from partnergate.metering.ports import Receipt
from partnergate.metering.usage import SubjectKind, UsageEvent
from partnergate.service.api.ingest import ClosedError, IngestQueue, QueueFullError

NOW = datetime(2026, 10, 20, tzinfo=UTC)


def event(name):
    return UsageEvent(
        source="s",
        id=name,
        type="task.run",
        time=NOW,
        subject_kind=SubjectKind.SESSION,
        subject="s1",
        data={},
    )


class Ledger:
    """Stores events, or raises the configured failures."""

    def __init__(self, *failures):
        self.failures = list(failures)
        self.kept, self.transactions = [], 0
        self.gate = Event()
        self.gate.set()

    def append(self, _realm, events, _received):
        self.gate.wait(10)
        if self.failures:
            raise self.failures.pop(0)
        self.transactions += 1
        self.kept.extend(e.id for e in events)
        return (Receipt.ACCEPTED,) * len(events)


@pytest.fixture
def started():
    queues = []

    def start(ledger, **options):
        queue = IngestQueue(ledger=ledger, realm="r", clock=lambda: NOW, **options)
        queue.start()
        queues.append((queue, ledger))
        return queue

    yield start
    for queue, ledger in queues:
        ledger.gate.set()
        queue.close(10)


@pytest.mark.parametrize(
    "failure", [StoreUnavailableError("no room", target="x"), RuntimeError("a bug"), MemoryError()]
)
def test_the_queue_works_after_a_failed_write(started, failure):
    """If the writer thread stopped, every later request would hang."""
    queue = started(Ledger(failure))
    with pytest.raises(type(failure)):
        queue.submit([event("1")]).result(10)
    assert queue.submit([event("1")]).result(10) == (Receipt.ACCEPTED,)


def test_queued_batches_are_written_together_and_get_their_own_receipts(started):
    ledger = Ledger()
    ledger.gate.clear()
    queue = started(ledger)
    waiting = [queue.submit([event(f"{n}-{i}") for i in range(n)]) for n in range(1, 5)]
    ledger.gate.set()
    assert [len(one.result(10)) for one in waiting] == [1, 2, 3, 4]
    assert len(ledger.kept) == 10
    assert ledger.transactions <= 2


def test_a_batch_beyond_the_capacity_is_refused_unless_the_queue_is_empty(started):
    ledger = Ledger()
    ledger.gate.clear()
    queue = started(ledger, capacity=3)
    first = queue.submit([event(str(n)) for n in range(5)])
    while queue.waiting_events:
        pass
    second = queue.submit([event("a"), event("b")])
    with pytest.raises(QueueFullError):
        queue.submit([event("c"), event("d")])
    ledger.gate.set()
    assert len(first.result(10)) == 5
    assert len(second.result(10)) == 2


def test_a_closed_queue_writes_queued_batches_and_rejects_new_ones(started):
    ledger = Ledger()
    ledger.gate.clear()
    queue = started(ledger)
    waiting = queue.submit([event("1")])
    ledger.gate.set()
    queue.close(10)
    assert waiting.result(0) == (Receipt.ACCEPTED,)
    with pytest.raises(ClosedError):
        queue.submit([event("2")])
