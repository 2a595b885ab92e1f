"""A store with millions of usage events of one month, for the benchmarks that query it.

    scripts/benchmark filled_store --store sqlite:////var/tmp/filled.db [--events N] [--partners N]

Nine tenths of the events belong to the first partner, whose agreement has every kind of usage meter.
Logins pass through the pseudonymization of the product's reader. Usage events are written as rows, by the
statement that the service uses; ``tests/contract/usage/test_usage_fill.py`` compares the tables with those
that the ledger makes of the same events. The product attributes the events and rolls them up.
A store that is already filled is not changed.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import sqlalchemy as sa

from builders.agreements import agreement, charges
from builders.partners import billed_partner
from partnergate.metering.usage import SubjectKind, UsageEvent
from partnergate.model.agreement import AggregateName, Charge, DimensionPrice, UsageMeter
from partnergate.model.instants import from_us, to_us
from partnergate.pricing.models.per_unit import PerUnit
from partnergate.store import open_store
from partnergate.store.meters.login_hours import count_stale_hours
from partnergate.store.sessions.subjects import RandomSubjects
from partnergate.store.usage.append import insert_rows
from partnergate.store.usage.rows import Row, data_of
from worlds.statement_store import StoreFiller
from worlds.statement_world import REALM as REALM_SPEC
from worlds.statement_world import signing_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.model.partner import PartnerSpec
    from partnergate.store.database.engine import Store
    from partnergate.store.sessions.subjects import SubjectSource

REALM = REALM_SPEC.realm
SOURCE = "https://product.example/tasks"
START = datetime(2026, 10, 1, 4, tzinfo=UTC)
"""Midnight in New York, where the agreements' periods begin."""
END = datetime(2026, 11, 1, 4, tzinfo=UTC)
NOW = datetime(2026, 11, 5, tzinfo=UTC)
SESSIONS = 200
FIRST_SESSIONS = 20_000
"""Of the first partner."""
FIRST_PEOPLE = 5_000
_PART = 50_000


def every_meter() -> tuple[Charge, ...]:
    """One charge for each aggregate, one of them by dimension."""
    one = PerUnit(unit=Decimal("0.0001"))
    models = tuple(DimensionPrice(where=(("model", m),), price=one) for m in ("m0", "m1"))

    def charge(name: str, aggregate: AggregateName, of: str | None, **changes: object) -> Charge:
        meter = UsageMeter(event="task.run", aggregate=aggregate, of=of)
        return replace(Charge(name=name, price=one, meter=meter), **changes)

    return (
        charge("count", "count", None),
        charge("sum", "sum", "quantity"),
        charge("sum by model", "sum", "quantity", by_dimension=models),
        charge("max", "max", "quantity"),
        charge("last", "last", "quantity"),
        charge("distinct", "unique_count", "workspace"),
    )


def specs(number: int) -> tuple[PartnerSpec, ...]:
    """The partners; the first one's agreement has every meter."""
    return tuple(
        signing_in(
            billed_partner(
                *((agreement(charges=(*charges(), *every_meter())),) if n == 0 else ()),
                partner_id=f"p{n:03}",
                name=f"Partner {n}",
            )
        )
        for n in range(number)
    )


def rows(first: int, last: int, events: int, partners: int) -> Iterator[Row]:
    """The usage events numbered ``first`` to ``last`` of ``events``, in order of time."""
    start, length = to_us(START), to_us(END) - to_us(START)
    for n in range(first, last):
        at = start + n * length // events
        if n % 10 or partners == 1:
            session = f"p000-s{(n * FIRST_SESSIONS // events + n * 7 % 40) % FIRST_SESSIONS}"
        else:
            session = f"p{n // 10 % (partners - 1) + 1:03}-s{n * SESSIONS // events}"
        data = f'{{"model":"m{n % 3}","quantity":{n % 97},"workspace":"w{n * 7 % 1009}"}}'
        event_id = f"{at // 1000:012x}-{n:08x}"
        yield Row(1, event_id, 1, at, 1, session, 0, "", data, at + 900_000, n + 1)


def event_of_row(row: Row) -> UsageEvent:
    """The event that results in this row when it is sent."""
    return UsageEvent(
        source=SOURCE,
        id=row.id,
        type="task.run",
        time=from_us(row.time_us),
        subject_kind=SubjectKind.SESSION,
        subject=row.subject,
        data=data_of(row.data),
    )


def filler_of(
    store: Store, partners: tuple[PartnerSpec, ...], subjects: SubjectSource | None = None
) -> StoreFiller:
    """Registers the partners and reads their logins."""
    filler = StoreFiller(
        store=store, realm=REALM_SPEC, partners=partners, subjects=subjects or RandomSubjects()
    )
    logins = []
    for number, spec in enumerate(partners):
        name = spec.partner
        sessions, people = (FIRST_SESSIONS, FIRST_PEOPLE) if number == 0 else (SESSIONS, 90)
        logins.extend(
            filler.login(
                f"{name}-l{s}",
                START + timedelta(seconds=s * 2_600_000 // sessions),
                alias=name,
                subject=f"u{s % people}",
                session=f"{name}-s{s}",
            )
            for s in range(sessions)
        )
    filler.keep(logins, read_until=NOW)
    return filler


def write_events(store: Store, events: int, partners: int) -> None:
    """The usage events as rows, in transactions of many."""
    with store.write(lock="usage") as connection:
        connection.execute(
            sa.text("INSERT INTO usage_sources (no, realm, source) VALUES (1, :realm, :source)"),
            {"realm": REALM, "source": SOURCE},
        )
        connection.execute(sa.text("INSERT INTO usage_types (no, type) VALUES (1, 'task.run')"))
    for begin in range(0, events, _PART):
        part = list(rows(begin, min(begin + _PART, events), events, partners))
        with store.write(lock="usage") as connection:
            insert_rows(connection, part)


def fill(
    store: Store, *, events: int, partners: int, subjects: SubjectSource | None = None
) -> tuple[PartnerSpec, ...]:
    """Fill the store unless it is filled; returns the partners."""
    named = specs(partners)
    with store.read() as connection:
        found = connection.execute(sa.text("SELECT count(*) FROM usage_events")).scalar_one()
        left = connection.execute(sa.text("SELECT number FROM usage_state WHERE name = 'position'")).scalar()
    if found not in {0, events}:
        raise SystemExit(f"the store has {found:,} usage events, not {events:,}; give another one")
    began = time.perf_counter()
    filler = filler_of(store, named, subjects) if not found else None
    if not found:
        write_events(store, events, partners)
        print(f"wrote {events:,} usage events in {time.perf_counter() - began:,.0f} s", flush=True)
    if filler is not None or left != events:
        filler = filler or StoreFiller(store=store, realm=REALM_SPEC, partners=named)
        filler.usage.attributor.chunk = 100_000
        began, cpu = time.perf_counter(), time.process_time()
        filler.usage.attribute_pending()
        while count_stale_hours(store):
            pass
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
        print(
            f"attributed and rolled up in {seconds:,.0f} s ({events / seconds:,.0f}/s, "
            f"{cpu / events * 1e6:.1f} us of processor time an event)",
            flush=True,
        )
    return named


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--store", required=True, help="sqlite:///FILE or postgresql+psycopg://...")
    options.add_argument("--events", type=int, default=10_000_000)
    options.add_argument("--partners", type=int, default=200)
    given = options.parse_args()
    with open_store(given.store) as store:
        fill(store, events=given.events, partners=given.partners)


if __name__ == "__main__":
    main()
