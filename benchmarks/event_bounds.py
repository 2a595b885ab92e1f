"""Time of a draft in which each event has a minimum or maximum fee, which no rollup can answer.

    scripts/benchmark event_bounds --store sqlite:////var/tmp/filled.db [--events N] [--partners N]

The store is that of ``filled_store.py``. The agreement of the first partner is one percentage with bounds.
The benchmark drafts its month, finalizes it, and drafts the next month, which compares the first one again.
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import replace
from decimal import Decimal

import filled_store
from partnergate.model.agreement import Charge, UsageMeter
from partnergate.pricing.models.percentage import Percentage
from partnergate.statements.account import Account, next_period
from partnergate.statements.document import content_of, seal_statement
from partnergate.statements.draft import draft
from partnergate.statements.finalize import with_place
from partnergate.statements.seal import new_key_pair
from partnergate.store import open_store
from partnergate.store.statements.facts import StoredFacts

FEES = Charge(
    name="Fees",
    meter=UsageMeter(event="task.run", aggregate="sum", of="quantity"),
    price=Percentage(percent=Decimal(2), event_minimum=Decimal("0.2"), event_maximum=Decimal("1.5")),
)


def drafted(store, account: Account, what: str):
    began, cpu = time.perf_counter(), time.process_time()
    facts = StoredFacts(store, filled_store.REALM)
    statement = draft(facts, account, next_period(account), now=filled_store.NOW).statement
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    print(
        f"{what}: {statement.lines[0].events:,} events, {len(content_of(statement)):,} bytes, "
        f"{seconds:.2f} s, {cpu:.2f} s of processor time, load {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    return statement


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", required=True, help="sqlite:///FILE or postgresql+psycopg://...")
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--partners", type=int, default=200)
    given = parser.parse_args()
    with open_store(given.store) as store:
        first, *_ = filled_store.fill(store, events=given.events, partners=given.partners)
        terms = replace(first.agreements[0], charges=(FEES,))
        account = Account(partner=replace(first, agreements=(terms,)))
        month = drafted(store, account, "the month")
        place = with_place(month, (), at=filled_store.NOW, override=None)
        sealed = seal_statement(place, new_key_pair().private)
        drafted(store, replace(account, chain=(sealed,)), "the next month")


if __name__ == "__main__":
    main()
