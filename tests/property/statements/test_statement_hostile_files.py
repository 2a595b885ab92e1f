"""Any value in any place of a statement file: a failed check, in bounded time, and never a crash."""

from __future__ import annotations

import copy
import json
import time
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from builders.partners import billed_partner
from fakes.statement_facts import october_facts
from partnergate.statements.account import Account, next_period
from partnergate.statements.document import seal_statement, statement_file
from partnergate.statements.draft import draft
from partnergate.statements.finalize import with_place
from partnergate.statements.seal import new_key_pair
from partnergate.statements.verify import verify_file

NOW = datetime(2026, 11, 3, tzinfo=UTC)
KEYS = new_key_pair()
SECONDS = 5
HOSTILE = (
    "", "9" * 60, "-" + "9" * 60, "0." + "0" * 59 + "1", "-1", "1E+999999999", "NaN", None, [], {}, True, 10**15,
    -1, "9999-12-31", "0001-01-01", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "Mars/Base", "XXX", "JPY",
    "x" * 100_000, "\ud800", 1.5, [[]] * 10,
)  # fmt: skip


def _whole() -> dict[str, Any]:
    account = Account(partner=billed_partner())
    statement = draft(
        october_facts(until=NOW, unattributed={}), account, next_period(account), now=NOW
    ).statement
    document = seal_statement(with_place(statement, (), at=NOW, override=None), KEYS.private)
    return json.loads(statement_file(document.statement, document.seal))


def _paths(value: Any, path: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(p for step, one in inner for p in _paths(one, (*path, step)))]


WHOLE = _whole()
PATHS = [p for p in _paths(WHOLE, ()) if p]


def test_the_file_itself_is_verified() -> None:
    assert verify_file(json.dumps(WHOLE).encode(), KEYS.public).ok


@settings(max_examples=300, deadline=None)
@given(path=st.sampled_from(PATHS), value=st.sampled_from(HOSTILE))
def test_a_hostile_value_in_any_place_is_a_failed_check(path, value) -> None:
    whole = copy.deepcopy(WHOLE)
    place = whole
    for step in path[:-1]:
        place = place[step]
    if place[path[-1]] == value or path == ("seal", "jws"):
        return
    place[path[-1]] = value
    start = time.perf_counter()
    result = verify_file(json.dumps(whole).encode(), KEYS.public)
    assert not result.ok
    assert time.perf_counter() - start < SECONDS
    assert all(len(c.detail) < 3_000 for c in result.checks)


def test_terms_that_are_missing_are_a_failed_check() -> None:
    whole = copy.deepcopy(WHOLE)
    whole["statement"]["terms"] = []
    assert not verify_file(json.dumps(whole).encode(), KEYS.public).ok


def test_a_period_of_thousands_of_years_is_not_rated() -> None:
    whole = copy.deepcopy(WHOLE)
    whole["statement"]["period"]["end"] = "9999-12-31T23:59:59Z"
    start = time.perf_counter()
    details = {c.name: c.detail for c in verify_file(json.dumps(whole).encode(), KEYS.public).checks}
    assert details["rates"] == "the period is longer than any billing cycle"
    assert time.perf_counter() - start < 1
