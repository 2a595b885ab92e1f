"""Rules 9 and 10, at statements: however facts arrive and wherever the process dies, one statement comes out.

The process dies at any statement that it sends to the database, in the middle of a batch of logins,
of usage, of attributing, or of making a statement final; then it starts again and reads on with overlap.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.actors import ADA
from builders.events import KnownSubjects
from partnergate.statements.account import Account, next_period
from partnergate.statements.document import content_of, seal_statement
from partnergate.statements.draft import draft
from partnergate.statements.finalize import with_place
from partnergate.statements.seal import new_key_pair
from partnergate.store.database.opening import open_store
from partnergate.store.sessions.ingest import EventIngest
from partnergate.store.statements.facts import StoredFacts
from partnergate.store.statements.finalized import StoredStatements
from partnergate.store.usage.ledger import StoredUsage
from worlds.statement_store import StoreFiller, task
from worlds.statement_world import ACME, NOW, REALM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.store.database.engine import Store

BASE = datetime(2026, 10, 2, 9, tzinfo=UTC)
FACTS = 18
KEYS = new_key_pair()


class PowerCutError(Exception):
    """The process dies."""


@dataclass(slots=True)
class Fuse:
    """Burns through after a number of statements to the database."""

    left: int | None = None

    def burn(self, *_: object) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise PowerCutError


@dataclass(slots=True)
class World:
    """One database, and a process on it that dies and starts again."""

    url: str
    fuse: Fuse = field(default_factory=Fuse)
    deaths: int = 0
    store: Store = field(init=False)
    filler: StoreFiller = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        self.store = open_store(self.url)
        sa.event.listen(self.store._engine, "before_cursor_execute", self.fuse.burn)
        self.filler = StoreFiller(store=self.store, realm=REALM, partners=(ACME,))
        self.filler.ingest = EventIngest(store=self.store, subjects=KnownSubjects())
        self.filler.usage = StoredUsage(self.store, KnownSubjects())

    def restart(self) -> None:
        self.fuse.left = None
        self.store.close()
        self.start()
        self.deaths += 1

    def logins(self, numbers: list[int]) -> None:
        events = [
            self.filler.login(
                f"l{n}", BASE + timedelta(hours=7 * n), alias="acme", subject=f"p{n % 5}", session=f"s{n}"
            )
            for n in numbers
        ]
        self.filler.keep(events, read_until=NOW)

    def uses(self, numbers: list[int]) -> None:
        self.filler.use(
            [
                task(f"t{n}", BASE + timedelta(hours=7 * n, minutes=3), Decimal(100 + n), session=f"s{n}")
                for n in numbers
            ],
            received=NOW,
        )

    def final(self) -> None:
        kept = StoredStatements(self.store, "production")
        account = Account(partner=ACME, chain=kept.chain("acme"))
        if not account.chain:
            made = draft(StoredFacts(self.store, "host"), account, next_period(account), now=NOW).statement
            kept.append(seal_statement(with_place(made, (), at=NOW, override=None), KEYS.private), by=ADA)


def batches(random: Random) -> Iterator[tuple[str, list[int]]]:
    """Every login and every use, in batches of any size and order, some of them twice."""
    steps = []
    for kind in ("logins", "uses"):
        numbers = list(range(FACTS))
        random.shuffle(numbers)
        while numbers:
            size = random.randint(1, 9)
            steps.append((kind, numbers[:size]))
            numbers = numbers[size:]
    steps += random.sample(steps, k=min(3, len(steps)))
    steps += [("attribute", [])] * random.randint(0, 3)
    random.shuffle(steps)
    yield from steps


def outcome(world: World) -> tuple[bytes, bytes]:
    """The finalized statement of October, and the draft of November."""
    kept = StoredStatements(world.store, "production").chain("acme")
    account = Account(partner=ACME, chain=kept)
    upcoming = draft(StoredFacts(world.store, "host"), account, next_period(account), now=NOW).statement
    return kept[0].content, content_of(upcoming)


def undisturbed() -> tuple[bytes, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        world = World(f"sqlite:///{Path(folder) / 'store.db'}")
        world.logins(list(range(FACTS)))
        world.uses(list(range(FACTS)))
        world.final()
        found = outcome(world)
        world.store.close()
    return found


EXPECTED: list[tuple[bytes, bytes]] = []


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.lists(st.integers(0, 30), min_size=1, max_size=25))
def test_rule_10_a_crash_at_any_statement_ends_in_the_same_statement(seed: int, cuts: list[int]) -> None:
    """And rule 9: any batches, any order, any of them twice."""
    if not EXPECTED:
        EXPECTED.append(undisturbed())
    random = Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        world = World(f"sqlite:///{Path(folder) / 'store.db'}")
        waiting = list(cuts)
        for kind, numbers in (*batches(random), ("final", [])):
            while True:
                world.fuse.left = waiting.pop() if waiting and random.random() < 0.7 else None
                try:
                    match kind:
                        case "logins":
                            world.logins(numbers)
                        case "uses":
                            world.uses(numbers)
                        case "attribute":
                            world.filler.usage.attribute_pending()
                        case _:
                            world.final()
                except PowerCutError:
                    world.restart()
                    continue
                break
        world.fuse.left = None
        assert outcome(world) == EXPECTED[0]
        world.store.close()


def test_the_fuse_does_burn_inside_batches() -> None:
    """Each kind of step is cut short at each of its first statements, so the rule above is not empty."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(f"sqlite:///{Path(folder) / 'store.db'}")
        for cut in range(6):
            world.fuse.left = cut
            try:
                world.logins([1, 2, 3])
            except PowerCutError:
                world.restart()
        world.uses([1, 2, 3])
        assert world.deaths >= 5
        world.store.close()
