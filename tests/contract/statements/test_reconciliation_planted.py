"""Planted causes on random data, through a real store and a CSV of unknown columns and zone.

Logins and usage are stored as the reader and the API store them, the statement is finalized, and
the partner's file is read as ``reconcile`` reads it: mapping guessed, records paired, causes summed.
``PARTNERGATE_PLANTED`` says how many random worlds are tried.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from partnergate.statements.reconciliation.partner_csv import csv_rows
from partnergate.statements.reconciliation.records import Cause
from partnergate.store.database.opening import open_store
from worlds.planted_world import LOGIN_CAUSES, PEOPLE_CAUSES, TASK_CAUSES, StoreWorld

PLANS = {"Tasks": TASK_CAUSES, "Logins": LOGIN_CAUSES, "People": PEOPLE_CAUSES}


def check(world: StoreWorld, line: str) -> None:
    """Counts and amounts of every cause, and that they cover both sides."""
    side = world.finished(line)
    head, rows = csv_rows(world.csv())
    mapping = side.guess(head, rows)
    assert world.columns_of(mapping) == world.style.columns
    result = side.reconcile(rows, mapping)
    assert {c.cause: c.count for c in result.counts} == dict(+Counter(world.expected))
    assert {c.cause: c.amount for c in result.counts} == {c: world.amounts[c] for c in world.expected}
    assert sum(c.amount for c in result.counts) == result.partner_total - result.host_total
    assert result.host_total == sum(x.amount for x in side.lines)


@settings(
    max_examples=int(os.environ.get("PARTNERGATE_PLANTED", "25")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    st.integers(0, 2**32),
    st.sampled_from(sorted(PLANS)).flatmap(
        lambda line: st.tuples(
            st.just(line), st.dictionaries(st.sampled_from(PLANS[line]), st.integers(1, 5), max_size=9)
        )
    ),
)
def test_planted_causes_are_found_through_the_store_with_their_counts_and_amounts(
    seed: int, asked: tuple[str, dict[Cause, int]]
) -> None:
    line, plan = asked
    with (
        tempfile.TemporaryDirectory() as folder,
        open_store(f"sqlite:///{Path(folder) / 'store.db'}") as opened,
    ):
        world = StoreWorld(opened, seed)
        world.plant(line, plan)
        check(world, line)


@pytest.mark.parametrize("line", sorted(PLANS))
def test_every_cause_at_once_is_found_on_both_stores(store, line: str) -> None:
    world = StoreWorld(store, 20261001)
    world.plant(line, dict.fromkeys(PLANS[line], 3))
    check(world, line)


def test_a_charge_with_a_changed_price_is_compared_across_its_lines(store) -> None:
    """Two lines of one name: each record is priced by its own line."""
    world = StoreWorld(store, 7, price_change=True)
    world.plant("Tasks", {Cause.MISSING_AT_HOST: 2, Cause.QUANTITY: 3, Cause.MISSING_AT_PARTNER: 4})
    assert len(world.finished("Tasks").lines) > 1
    check(world, "Tasks")
