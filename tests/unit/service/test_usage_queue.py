"""The queue before the ledger: bounded, in order, and alive after whatever a write raises."""

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
    """Keeps what it is given, or fails as it is told."""

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
def test_after_a_write_that_failed_the_next_one_is_kept(started, failure):
    """A writer that died would leave every later request without an answer."""
    queue = started(Ledger(failure))
    with pytest.raises(type(failure)):
        queue.submit([event("1")]).result(10)
    assert queue.submit([event("1")]).result(10) == (Receipt.ACCEPTED,)


def test_batches_that_wait_are_written_together_and_each_gets_its_own_receipts(started):
    ledger = Ledger()
    ledger.gate.clear()
    queue = started(ledger)
    waiting = [queue.submit([event(f"{n}-{i}") for i in range(n)]) for n in range(1, 5)]
    ledger.gate.set()
    assert [len(one.result(10)) for one in waiting] == [1, 2, 3, 4]
    assert len(ledger.kept) == 10
    assert ledger.transactions <= 2


def test_a_batch_beyond_the_capacity_is_refused_and_one_alone_is_always_taken(started):
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


def test_a_closed_queue_writes_what_waits_and_takes_no_more(started):
    ledger = Ledger()
    ledger.gate.clear()
    queue = started(ledger)
    waiting = queue.submit([event("1")])
    ledger.gate.set()
    queue.close(10)
    assert waiting.result(0) == (Receipt.ACCEPTED,)
    with pytest.raises(ClosedError):
        queue.submit([event("2")])
