"""One partner-month out of millions of stored usage events: every usage meter, from rollups.

    scripts/benchmark meter_query [--store sqlite:////var/tmp/filled.db] [--events 10000000]

Fills the store first (``filled_store``) unless it is filled; without ``--store``, in a file that is
removed at the end. Nine tenths of the events belong to the partner of the query. Each result is compared
with one that the database computes from the events themselves, by SQL over the stored data.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import sqlalchemy as sa

from filled_store import END, REALM, START, fill
from partnergate.model.agreement import UsageMeter
from partnergate.store import open_store
from partnergate.store.usage.ledger import StoredUsage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from partnergate.metering.usage import Quantity
    from partnergate.store.database.engine import Store

_FIELDS = {
    "sqlite": ("json_extract(e.data, '$.quantity')", "json_extract(e.data, '$.{0}')"),
    "postgresql": ("(e.data::json->>'quantity')::bigint", "e.data::json->>'{0}'"),
}


def raw_figures(store: Store, partner: str) -> dict[str, dict[str, Decimal]]:
    """Meter -> dimension -> the same quantity, by SQL over the events."""
    quantity, field = _FIELDS[store.dialect.value]
    of_partner = (
        "FROM usage_events e JOIN usage_attributed a ON a.seq = e.seq "
        "JOIN usage_owners o ON o.no = a.owner_no WHERE o.partner = :p"
    )
    with store.read() as connection:
        count, total, most, distinct = connection.execute(
            sa.text(
                f"SELECT count(*), sum({quantity}), max({quantity}), "
                f"count(DISTINCT {field.format('workspace')}) {of_partner}"
            ),
            {"p": partner},
        ).one()
        last = connection.execute(
            sa.text(f"SELECT {quantity} {of_partner} ORDER BY e.time_us DESC, e.id DESC LIMIT 1"),
            {"p": partner},
        ).scalar_one()
        model = field.format("model")
        by_model = {
            name: Decimal(number)
            for name, number in connection.execute(
                sa.text(f"SELECT {model}, sum({quantity}) {of_partner} GROUP BY 1"),
                {"p": partner},
            )
        }
    by_model[""] = sum((v for m, v in by_model.items() if m not in {"m0", "m1"}), Decimal(0))
    return {
        "count": {"": Decimal(count)},
        "sum": {"": Decimal(total)},
        "sum by model": by_model,
        "max": {"": Decimal(most)},
        "last": {"": Decimal(last)},
        "distinct": {"": Decimal(distinct)},
    }


def checked(found: tuple[Quantity, ...], raw: dict[str, dict[str, Decimal]]) -> int:
    """The number of quantities that equal those of the events; raises at the first difference."""
    compared = 0
    for quantity in found:
        if quantity.meter in raw:
            split = dict(quantity.dimensions).get("model", "")
            if quantity.value != raw[quantity.meter][split]:
                raise SystemExit(
                    f"{quantity.meter} {split}: {quantity.value}, raw {raw[quantity.meter][split]}"
                )
            compared += 1
    return compared


def timed(question: Callable[[], object], rounds: int) -> tuple[float, float, float]:
    """The median, the slowest, and the first, in milliseconds."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        question()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times), max(times), times[0]


@contextlib.contextmanager
def given_store(url: str | None) -> Iterator[Store]:
    """The store at that address, or one in a file that is removed at the end."""
    if url is not None:
        with open_store(url) as store:
            yield store
        return
    with (
        tempfile.TemporaryDirectory(dir="/var/tmp") as folder,
        open_store(f"sqlite:///{folder}/store.db") as store,
    ):
        yield store


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--store", help="sqlite:///FILE or postgresql+psycopg://..., kept for the next run")
    options.add_argument("--events", type=int, default=10_000_000)
    options.add_argument("--partners", type=int, default=200)
    options.add_argument("--rounds", type=int, default=15)
    given = options.parse_args()
    with given_store(given.store) as store:
        partner = fill(store, events=given.events, partners=given.partners)[0]
        terms = partner.agreements[0]
        reader = StoredUsage(store).reader(REALM)
        began = time.perf_counter()
        raw = raw_figures(store, partner.partner)
        seconds = time.perf_counter() - began
        compared = checked(reader.quantities(partner.partner, terms, START, END), raw)
        print(
            f"{store.dialect}: {given.events:,} stored usage events, {int(raw['count']['']):,} of the "
            f"partner and month; {compared} quantities equal those by SQL over the events ({seconds:.0f} s); "
            f"load of the machine {os.getloadavg()[0]:.1f}"
        )
        print("| meter, one partner-month | median | slowest | first |\n| --- | --- | --- | --- |")
        half = (START + timedelta(minutes=30), END - timedelta(minutes=30))
        questions = {
            **{
                c.name: (replace(terms, charges=(c,)), START, END)
                for c in terms.charges
                if isinstance(c.meter, UsageMeter)
            },
            "all of the agreement": (terms, START, END),
            "count, from half past an hour": (
                replace(terms, charges=tuple(c for c in terms.charges if c.name == "count")),
                *half,
            ),
        }
        for name, question in questions.items():
            middle, worst, first = timed(
                lambda asked=question: reader.quantities(partner.partner, *asked), given.rounds
            )
            print(f"| {name} | {middle:.1f} ms | {worst:.1f} ms | {first:.1f} ms |", flush=True)


if __name__ == "__main__":
    main()
