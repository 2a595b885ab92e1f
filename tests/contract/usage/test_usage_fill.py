"""The benchmarks' filled store has the tables that the ledger itself makes of the same events."""

import random

import sqlalchemy as sa

import filled_store
from builders.events import KnownSubjects
from builders.usage import ledger
from partnergate.model.instants import from_us
from partnergate.store import open_store

EVENTS = 1_500
PARTNERS = 3


def test_rows_written_for_a_benchmark_equal_events_appended_to_the_ledger(store, tmp_path):
    named = filled_store.fill(store, events=EVENTS, partners=PARTNERS, subjects=KnownSubjects())
    order = random.Random(7)
    with open_store(f"sqlite:///{tmp_path}/appended.db") as other:
        filler = filled_store.filler_of(other, named, KnownSubjects())
        rows = list(filled_store.rows(0, EVENTS, EVENTS, PARTNERS))
        order.shuffle(rows)
        for begin in range(0, EVENTS, 400):
            for row in rows[begin : begin + 400]:
                event = filled_store.event_of_row(row)
                filler.usage.append(filled_store.REALM, (event,), from_us(row.received_us))
            filler.usage.attribute_pending()
        assert _events(store) == _events(other)
        found = ledger(store)
        assert found["rollups"]
        assert found["values"]
        assert found == ledger(other)


def test_a_filled_store_is_not_filled_again(store):
    filled_store.fill(store, events=200, partners=2)
    before = ledger(store)
    filled_store.fill(store, events=200, partners=2)
    assert ledger(store) == before
    assert len(before["attributed"]) == 200


def _events(store):
    query = (
        "SELECT s.realm, s.source, e.id, t.type, e.time_us, e.subject_kind, e.subject, e.action, e.target, "
        "e.data, e.received_us FROM usage_events e JOIN usage_sources s ON s.no = e.source_no "
        "JOIN usage_types t ON t.no = e.type_no"
    )
    with store.read() as connection:
        return sorted(map(tuple, connection.execute(sa.text(query))))
