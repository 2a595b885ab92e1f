"""Every reader of JSON that another party wrote refuses a duplicate key, with its place."""

from __future__ import annotations

import json
from datetime import date

import pytest

from partnergate.audit.file import split_lines
from partnergate.doctor.direct_sign_in import _object
from partnergate.doctor.fetching import FetchResponse
from partnergate.errors import PartnergateError
from partnergate.language.drafting import draft
from partnergate.metering.backfill import Defaults, event_of_line
from partnergate.metering.cloudevents import Rejected, read_batch
from partnergate.planning.plan_file import plan_from_json
from partnergate.statements.document import read_statement_file
from partnergate.statements.key_set import read_key_set
from partnergate.statements.reconciliation.mapping import mapping_of

DUPLICATE = '{"a": 1,\n"a": 2}'


@pytest.mark.parametrize(
    "read",
    [
        plan_from_json,
        lambda text: mapping_of(text, ("a",)),
        lambda text: read_statement_file(text.encode()),
        lambda text: read_key_set(text.encode()),
        lambda text: split_lines([b'{"head": {}, "head": {}}\n'.replace(b": ", b":")]),
        lambda text: draft(
            text.encode(), partner="acme", name="Acme", source="x", today=date(2026, 1, 1), client_id="c"
        ),
    ],
    ids=["plan", "mapping", "statement", "key set", "audit", "discovery"],
)
def test_a_duplicate_key_is_refused_with_its_line(read) -> None:
    with pytest.raises((PartnergateError, ValueError), match=r"line \d.*duplicate key"):
        read(DUPLICATE)


def test_a_response_of_a_partner_with_a_duplicate_key_is_no_response() -> None:
    response = FetchResponse(status=200, headers={}, body=b'{"access_token":1,"access_token":2}')
    assert _object(response) == {}


def test_a_usage_line_with_a_duplicate_key_is_sent_as_one_that_is_refused() -> None:
    event = {"id": "1", "source": "s", "type": "t", "time": "2026-10-02T09:00:07Z", "subject": "user:u"}
    good = json.dumps(event | {"data": {"tokens": 1}})
    bad = good.replace('"tokens": 1', '"tokens": 1, "tokens": 2')
    results = [read_batch(b"[" + event_of_line(line.encode(), Defaults()) + b"]")[0] for line in (good, bad)]
    assert [isinstance(r, Rejected) for r in results] == [False, True]
