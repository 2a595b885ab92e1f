"""Every registered aggregate is complete, and nothing outside the registry depends on the name of one."""

from __future__ import annotations

import ast
import json
from decimal import Decimal
from pathlib import Path

import pytest

from builders.aggregates import BRUTE_FORCE
from builders.usage import every_meter
from partnergate.language.building.agreements import meter
from partnergate.metering.aggregates import AGGREGATES, aggregate_named
from partnergate.metering.aggregates.aggregate import CountedEvent
from partnergate.metering.aggregates.reference_section import meter_text
from partnergate.metering.counting import counted
from partnergate.metering.series import Series
from partnergate.model.agreement import UsageMeter

ROOT = Path(__file__).parents[3]
SOURCE = ROOT / "src" / "partnergate"
HOME = SOURCE / "metering" / "aggregates"
SHARED = {"__init__", "aggregate", "numbers", "reference_section"}
EVERY_AGGREGATE = pytest.mark.parametrize("aggregate", AGGREGATES, ids=lambda a: a.name)


def test_each_module_of_an_aggregate_is_registered_under_the_name_of_its_module() -> None:
    modules = {path.stem for path in HOME.glob("*.py")} - SHARED
    assert {type(a).__module__.rsplit(".", 1)[1] for a in AGGREGATES} == modules
    assert {aggregate.name for aggregate in AGGREGATES} == modules


def test_an_unknown_aggregate_is_refused() -> None:
    with pytest.raises(ValueError, match='unknown aggregate "median": use one of count, sum'):
        aggregate_named("median")  # type: ignore[arg-type]


@EVERY_AGGREGATE
def test_an_aggregate_is_in_the_language_reference_with_its_example(aggregate) -> None:
    text = (ROOT / "docs/language-reference.md").read_text(encoding="utf-8")
    assert f"| `{aggregate.name}` |" in text
    assert f"### `{aggregate.name}`\n" in text
    assert meter_text(aggregate) in text
    assert aggregate.meaning in text


@EVERY_AGGREGATE
@pytest.mark.parametrize("name", ["partner", "price_definition", "statement"])
def test_an_aggregate_is_in_the_schemas(aggregate, name) -> None:
    schema = json.loads((ROOT / f"schema/{name}.schema.json").read_text(encoding="utf-8"))
    found = [keys["aggregate"] for keys in _properties(schema) if "aggregate" in keys]
    assert found
    assert all(aggregate.name in one["enum"] for one in found)
    if name != "statement":
        assert all(aggregate.meaning in one["description"] for one in found)


@EVERY_AGGREGATE
def test_the_example_of_an_aggregate_gives_its_quantity(aggregate) -> None:
    example = aggregate.example
    assert len(example.data) > 1
    assert aggregate.check(example.of) is None
    events = [CountedEvent(n, "source", str(n), data, str(n)) for n, data in enumerate(example.data)]
    (part,) = counted(events, [(0, Series(event="task.run", aggregate=aggregate.name, of=example.of))])
    assert aggregate.value(part.tally.count, part.tally.state) == Decimal(example.quantity)
    assert part.tally.unmeasured == 0


@EVERY_AGGREGATE
def test_an_aggregate_is_described_with_the_event_and_the_field_it_reads(aggregate) -> None:
    words = aggregate.describe("task.run", aggregate.example.of)
    assert "task.run" in words
    assert aggregate.example.of is None or f'"{aggregate.example.of}"' in words
    assert len({a.describe("task.run", "units") for a in AGGREGATES}) == len(AGGREGATES)


@EVERY_AGGREGATE
def test_an_aggregate_needs_a_field_or_refuses_one(aggregate) -> None:
    wrong = None if aggregate.reads_field else "units"
    problem = aggregate.check(wrong)
    assert problem is not None
    assert problem.message.startswith(aggregate.name)
    assert aggregate.check("units" if aggregate.reads_field else None) is None


@EVERY_AGGREGATE
def test_an_aggregate_is_built_from_a_partner_file(aggregate) -> None:
    written = {"event": "task.run", "aggregate": aggregate.name, "of": aggregate.example.of}
    assert meter(written) == UsageMeter(event="task.run", aggregate=aggregate.name, of=aggregate.example.of)


@EVERY_AGGREGATE
def test_an_aggregate_is_in_the_contract_tests_of_the_store_and_has_a_definition_to_compare_with(
    aggregate,
) -> None:
    """``test_usage_pure_equal`` compares every charge of this agreement between rollups and raw events."""
    metered = {c.meter.aggregate for c in every_meter().charges if isinstance(c.meter, UsageMeter)}
    assert aggregate.name in metered
    assert aggregate.name in BRUTE_FORCE


def test_words_that_people_write_instead_lead_to_one_aggregate() -> None:
    words = [word for aggregate in AGGREGATES for word in aggregate.often]
    assert len(words) == len(set(words))
    assert not {aggregate.name for aggregate in AGGREGATES} & set(words)


@pytest.mark.parametrize(
    "path",
    [p for p in sorted(SOURCE.rglob("*.py")) if not p.is_relative_to(HOME)],
    ids=lambda p: str(p.relative_to(SOURCE)),
)
def test_nothing_outside_the_registry_switches_on_the_name_of_an_aggregate(path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    places = [f"line {node.lineno}: {ast.unparse(node)}" for node in ast.walk(tree) if _switches(node)]
    assert places == []


@pytest.mark.parametrize(
    "source",
    [
        'meter.aggregate == "sum"',
        'series.aggregate in ("max", "last")',
        "aggregate is SUM",
        'aggregate_named("sum")',
        'x = "unique_count"',
        "from partnergate.metering.aggregates.sum import AGGREGATE",
        'match m:\n    case UsageMeter(aggregate="sum"):\n        pass',
        'match meter.aggregate:\n    case "sum":\n        pass',
    ],
)
def test_the_search_for_switches_finds_each_kind(source) -> None:
    assert any(_switches(node) for node in ast.walk(ast.parse(source)))


def _switches(node: ast.AST) -> bool:
    match node:
        case ast.Compare(left=left, comparators=others):
            return any(map(_is_aggregate, [left, *others]))
        case ast.Match(subject=subject):
            return _is_aggregate(subject)
        case ast.MatchClass(kwd_attrs=names, kwd_patterns=patterns):
            pairs = zip(names, patterns, strict=True)
            return any(name == "aggregate" and not isinstance(p, ast.MatchAs) for name, p in pairs)
        case ast.Call(func=ast.Name(id="aggregate_named"), args=[ast.Constant()]):
            return True
        case ast.Constant(value=str(text)):
            return text == "unique_count"
        case ast.ImportFrom(module=str(module)):
            home, _, name = module.rpartition(".")
            return home == "partnergate.metering.aggregates" and name not in SHARED
        case _:
            return False


def _is_aggregate(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(attr="aggregate") | ast.Name(id="aggregate"):
            return True
        case _:
            return False


def _properties(schema):
    match schema:
        case dict():
            if isinstance(schema.get("properties"), dict):
                yield schema["properties"]
            for value in schema.values():
                yield from _properties(value)
        case list():
            for value in schema:
                yield from _properties(value)
