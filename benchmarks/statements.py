"""How long a draft takes: one partner-month with many stored usage events, and all of many partners.

    python benchmarks/statements.py --store sqlite:////var/tmp/filled.db [--events 10000000] [--partners 200]

Times drafts as ``statement draft`` makes them. The store is filled first (``filled_store``), unless it is.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace

from filled_store import NOW, fill

from partnergate.statements.document import content_of, seal_statement
from partnergate.statements.drafting import Account, draft, next_period
from partnergate.statements.finalising import with_place
from partnergate.statements.seal import new_key_pair
from partnergate.store.opening import open_store
from partnergate.store.statements_facts import StoredFacts


def timed(work, repeat: int = 5) -> tuple[float, float]:
    times = []
    for _ in range(repeat):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times), sorted(times)[len(times) // 2]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--partners", type=int, default=200)
    parser.add_argument("--store", help="the address of a store; one that is filled already is left as it is")
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(dir="/var/tmp") as temporary,
        open_store(given.store or f"sqlite:///{temporary}/bench.db") as store,
    ):
        measure(store, fill(store, events=given.events, partners=given.partners))


def measure(store, partners) -> None:
    def one():
        facts = StoredFacts(store, "host")
        account = Account(partner=partners[0])
        return draft(facts, account, next_period(account), now=NOW).statement

    statement = one()
    tasks = next(x for x in statement.lines if x.name == "Tasks")
    assert content_of(one()) == content_of(statement)
    known = StoredFacts(store, "host")
    known.settle()
    own = Account(partner=partners[0])
    best, middle = timed(lambda: draft(known, own, next_period(own), now=NOW))
    print(f"the same where the rollups are up to date: best {best:.3f} s, median {middle:.3f} s")
    best, middle = timed(one)
    print(f"one partner-month, {tasks.facts.count} usage events: best {best:.3f} s, median {middle:.3f} s")

    facts = StoredFacts(store, "host")
    begin = time.perf_counter()
    for spec in partners:
        account = Account(partner=spec)
        draft(facts, account, next_period(account), now=NOW)
    print(f"drafts of {len(partners)} partners: {time.perf_counter() - begin:.2f} s")

    keys = new_key_pair()
    account = Account(partner=partners[0])
    first = draft(facts, account, next_period(account), now=NOW).statement
    sealed = seal_statement(with_place(first, (), at=NOW, override=None), keys.private)
    after = replace(account, chain=(sealed,))
    best, middle = timed(lambda: draft(StoredFacts(store, "host"), after, next_period(after), now=NOW))
    print(f"draft that re-rates one final statement: best {best:.3f} s, median {middle:.3f} s")


if __name__ == "__main__":
    main()
