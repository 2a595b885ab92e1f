"""Time of drafts: one partner-month among many stored usage events, and all drafts of many partners.

    scripts/benchmark statements [--store sqlite:////var/tmp/filled.db] [--events N] [--partners N]

The store is that of ``filled_store.py``: nine tenths of the events belong to the first partner, whose
agreement has every kind of usage meter, active users, a minimum and a revenue share. A draft is made as
``statement draft`` makes it: by a reader with an empty cache, with unattributed usage counted.
The bytes of every run are compared. A store that is already filled is used as it is.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import filled_store
from partnergate.statements.account import Account, next_period
from partnergate.statements.document import content_of, seal_statement
from partnergate.statements.draft import draft
from partnergate.statements.finalize import with_place
from partnergate.statements.seal import new_key_pair
from partnergate.store import open_store
from partnergate.store.statements.facts import StoredFacts

REPEAT = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Seconds that one kind of work took."""

    what: str
    aim: str
    wall: tuple[float, ...]
    cpu: tuple[float, ...]

    def row(self) -> str:
        wall, cpu = sorted(self.wall), sorted(self.cpu)
        middle = len(wall) // 2
        return f"| {self.what} | {wall[0]:.3f} | {wall[middle]:.3f} | {cpu[middle]:.3f} | {self.aim} |"


def taken(what: str, work, *, aim: str = "", repeat: int = REPEAT) -> Taken:
    wall, cpu = [], []
    for _ in range(repeat):
        began, began_cpu = time.perf_counter(), time.process_time()
        work()
        wall.append(time.perf_counter() - began)
        cpu.append(time.process_time() - began_cpu)
    return Taken(what=what, aim=aim, wall=tuple(wall), cpu=tuple(cpu))


def drafted(facts: StoredFacts, account: Account):
    return draft(facts, account, next_period(account), now=filled_store.NOW).statement


def measure(store, partners) -> None:
    own = Account(partner=partners[0])
    load = f"{os.getloadavg()[0]:.1f}"
    began = time.perf_counter()
    first = drafted(StoredFacts(store, filled_store.REALM), own)
    cold = time.perf_counter() - began
    reference = content_of(first)

    def one() -> None:
        assert content_of(drafted(StoredFacts(store, filled_store.REALM), own)) == reference

    def everybody() -> None:
        facts = StoredFacts(store, filled_store.REALM)
        for spec in partners:
            drafted(facts, Account(partner=spec))

    sealed = seal_statement(with_place(first, (), at=filled_store.NOW, override=None), new_key_pair().private)
    after = replace(own, chain=(sealed,))

    def next_month() -> None:
        found = drafted(StoredFacts(store, filled_store.REALM), after)
        assert not any(x.corrects for x in found.lines)

    events = max(x.facts.count for x in first.lines if x.facts)
    found = [
        taken(f"draft of a partner-month, {events:,} usage events", one, aim="under 1 s"),
        taken("draft of the next month, the first one compared again", next_month),
        taken(f"drafts of all {len(partners)} partners", everybody, aim="under 30 s", repeat=3),
    ]
    print(f"\nload {load} at the start, {os.cpu_count()} processors, Python {platform.python_version()}")
    print(
        f"the first draft of all took {cold:.3f} s; every later one had the same {len(reference):,} bytes\n"
    )
    print("| work | best, s | median, s | processor time, s | aim |\n| --- | --- | --- | --- | --- |")
    print("\n".join(one.row() for one in found))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--partners", type=int, default=200)
    parser.add_argument(
        "--store", help="URL such as sqlite:////var/tmp/filled.db; by default, a store for this run"
    )
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        open_store(given.store or f"sqlite:///{Path(folder) / 'filled.db'}") as store,
    ):
        partners = filled_store.fill(store, events=given.events, partners=given.partners)
        measure(store, partners)


if __name__ == "__main__":
    main()
