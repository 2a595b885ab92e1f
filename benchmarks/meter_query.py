"""One partner-month out of ten million stored usage events: rollups beside the events themselves.

    python benchmarks/meter_query.py [--events 10000000] [--keep FILE]

Events go into ``usage_events`` by SQL (ingest has a benchmark of its own), are settled by the product,
and every kind of usage meter is asked for one partner and month. All events are of one month and spread
over ten partners, one of which has half of them. The answer is checked against the database's own count.
"""

import argparse
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import sqlalchemy as sa

sys.path[:0] = [
    str(Path(__file__).parents[1] / "tests" / name) for name in ("support_events", "support_usage")
]

from event_builders import REALM, KnownSubjects, partner, realm  # noqa: E402 - after its path

from partnergate.spec.agreement import (  # noqa: E402
    Aggregate,
    Agreement,
    Charge,
    Cycle,
    DimensionPrice,
    PerUnit,
    UsageMeter,
)
from partnergate.store import EventIngest, open_store  # noqa: E402
from partnergate.store.usage import StoredUsage  # noqa: E402

ONE = PerUnit(unit=Decimal(1))
MONTH = (datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))
PARTNERS = tuple(f"partner{n}" for n in range(10))


def charge(name, aggregate, of, *splits):
    return Charge(
        name=name,
        price=ONE,
        meter=UsageMeter(event="task.run", aggregate=aggregate, of=of),
        by_dimension=tuple(DimensionPrice(where=(("model", m),), price=ONE) for m in splits),
    )


def terms(zone="UTC"):
    return Agreement(
        effective=date(2026, 1, 1),
        until=None,
        currency="USD",
        time_zone=zone,
        cycle=Cycle(),
        charges=(
            charge("count", Aggregate.COUNT, None),
            charge("sum by model", Aggregate.SUM, "quantity", "m0", "m1"),
            charge("max", Aggregate.MAX, "quantity"),
            charge("last", Aggregate.LAST, "quantity"),
            charge("unique", Aggregate.UNIQUE_COUNT, "workspace"),
        ),
    )


def fill(store, events):
    start = int(MONTH[0].timestamp() * 1e6)
    length = int((MONTH[1] - MONTH[0]).total_seconds() * 1e6)
    with store.write(lock="usage") as connection:
        connection.execute(
            sa.text("INSERT INTO usage_sources VALUES (1, :r, 'https://product.example')"), {"r": REALM}
        )
        connection.execute(sa.text("INSERT INTO usage_types VALUES (1, 'task.run')"))
    statement = (
        "INSERT INTO usage_events (seq, source_no, id, type_no, time_us, subject_kind, subject, action, "
        "target, data, received_us) VALUES (?, 1, ?, 1, ?, 3, ?, 0, '', ?, ?)"
    )
    for begin in range(0, events, 50_000):
        rows = [
            (
                n + 1,
                f"{n * 2654435761 % 2**32:08x}-{n:012x}",
                start + n * length // events,
                f"{PARTNERS[0 if n % 2 else n // 2 % 10]}:{n % 9973:032x}",
                f'{{"model":"m{n % 3}","quantity":{n % 97},"workspace":"w{n % 1009}"}}',
                start + n * length // events,
            )
            for n in range(begin, min(begin + 50_000, events))
        ]
        with store.write(lock="usage") as connection:
            connection.exec_driver_sql(statement, rows)


def timed(question, rounds):
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        question()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times), max(times)


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=10_000_000)
    options.add_argument("--rounds", type=int, default=15)
    options.add_argument("--keep")
    given = options.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        open_store(f"sqlite:///{given.keep or folder + '/s.db'}") as store,
    ):
        named = tuple(replace(partner(p), agreements=(terms(),)) for p in PARTNERS)
        EventIngest(store=store, subjects=KnownSubjects()).record_registry(realm(REALM), named, 0)
        stored = StoredUsage(store, source=KnownSubjects())
        with store.read() as connection:
            known = connection.execute(sa.text("SELECT count(*) FROM usage_events")).scalar_one()
        if not known:
            fill(store, given.events)
        began = time.perf_counter()
        looked = stored.settle()
        seconds = time.perf_counter() - began
        if looked:
            print(f"settled {looked:,} events in {seconds:,.0f} s ({looked / seconds:,.0f}/s)", flush=True)
        reader = stored.reader(REALM)
        for who in (PARTNERS[0], PARTNERS[1]):
            found = reader.quantities(who, terms(), *MONTH)
            with store.read() as connection:
                counted = connection.execute(
                    sa.text(
                        "SELECT count(*) FROM usage_attributed a JOIN usage_owners o ON o.no = a.owner_no "
                        "WHERE o.partner = :p"
                    ),
                    {"p": who},
                ).scalar_one()
            assert found[0].value == counted, (found[0].value, counted)
            print(f"{who}: {counted:,} events of {given.events:,} in the month")
            for one in terms().charges:
                single = replace(terms(), charges=(one,))
                middle, worst = timed(
                    lambda one=single, who=who: reader.quantities(who, one, *MONTH), given.rounds
                )
                print(f"  {one.name:14} median {middle:6.1f} ms, slowest {worst:6.1f} ms")
            edges = (MONTH[0].replace(minute=30), MONTH[1].replace(day=1))
            middle, worst = timed(
                lambda who=who, edges=edges: reader.quantities(
                    who, replace(terms(), charges=terms().charges[:1]), *edges
                ),
                given.rounds,
            )
            print(f"  count from half past an hour: median {middle:.1f} ms, slowest {worst:.1f} ms")


if __name__ == "__main__":
    main()
