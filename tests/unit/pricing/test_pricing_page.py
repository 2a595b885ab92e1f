"""The examples on the page about pricing are true."""

from __future__ import annotations

import json
import re
from pathlib import Path, PurePosixPath

import pytest

from partnergate.pricing import rate
from partnergate.pricing.price_file.definition import read_definition
from partnergate.pricing.price_file.usage import read_usage

PAGE = (Path(__file__).parents[3] / "docs" / "pricing.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)` \| `(\{.*\})` \| (.*) \| (.*) \|$", re.MULTILINE)
ROWS = ROW.findall(PAGE)


def test_every_model_has_an_example():
    models = {"flat", "per_unit", "graduated", "volume", "package", "percentage", "graduated_percentage"}
    assert {row[0] for row in ROWS} == models


@pytest.mark.parametrize(("model", "written", "quantity", "amount"), ROWS, ids=[row[0] for row in ROWS])
def test_an_example_on_the_page_comes_out_as_written(model, written, quantity, amount):
    charge = {"name": "Charge", "price": json.loads(written)}
    quantities = []
    if model != "flat":
        charge["meter"] = {"event": "e", "aggregate": "sum", "of": "q"}
        value, *events = re.findall(r"[0-9.]+", quantity)
        quantities = [{"charge": "Charge", "value": value, "events": int(events[0]) if events else 0}]
    text = json.dumps({"currency": "EUR", "charges": [charge]})
    versions, found = read_definition(text, PurePosixPath("page.json"))
    assert found == ()
    usage, found = read_usage(json.dumps({"quantities": quantities}), PurePosixPath("u.json"), versions)
    assert found == ()
    assert str(rate(versions, usage.quantities, usage.period).total) == amount.split()[-1]


def test_the_defaults_on_the_page_are_those_of_the_rules():
    from partnergate.model.agreement import RatingRules
    from partnergate.pricing.deciding import all_rules

    for key, value in all_rules(RatingRules()):
        assert f"| `{key}` | `{value}`" in PAGE
