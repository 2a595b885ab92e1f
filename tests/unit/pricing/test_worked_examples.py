"""Every worked example that others published comes out as they say.

An example is a file with its source, a definition, usage and what the source says comes out. The
files hold the numbers of the sources; the descriptions are original.
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path, PurePosixPath

import pytest

from partnergate.pricing.price_file.definition import read_definition
from partnergate.pricing.price_file.usage_file import read_usage
from partnergate.pricing.rate import rate

FOLDER = Path(__file__).parents[2] / "data" / "worked_examples"
FILES = sorted(FOLDER.glob("*.json"))


def rated(example):
    versions, found = read_definition(json.dumps(example["definition"]), PurePosixPath("definition.json"))
    assert found == ()
    usage, found = read_usage(json.dumps(example["usage"]), PurePosixPath("usage.json"), versions)
    assert found == ()
    return rate(versions, usage.quantities, usage.period, until=usage.until)


def contains_in_order(lines, wanted):
    rest = iter(lines)
    return all(one in rest for one in wanted)


def test_there_are_at_least_sixty_published_examples():
    assert len(FILES) >= 60


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_published_example_has_the_result_of_its_source(file):
    example = json.loads(file.read_text(encoding="utf-8"))
    expect = example["expect"]
    bill = rated(example)
    if "total" in expect:
        assert str(bill.total) == expect["total"]
    lines = [[line.name, str(line.amount)] for line in bill.lines]
    assert contains_in_order(lines, expect.get("lines", []))
    for name, amounts in expect.get("tiers", {}).items():
        line = next(line for line in bill.lines if line.name == name)
        assert [t.amount for t in line.components[0].tiers] == [Decimal(a) for a in amounts]
    for name, amount in expect.get("exact", {}).items():
        assert next(line for line in bill.lines if line.name == name).exact == Decimal(amount)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_example_names_its_source_and_expects_something(file):
    example = json.loads(file.read_text(encoding="utf-8"))
    assert example["source"]["url"].startswith("https://")
    assert example["source"]["vendor"]
    assert example["source"]["says"]
    assert example["expect"]
