"""The command ``partnergate price``, and the schemas of what it reads and prints."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

from partnergate.cli.schemas import published_schema
from partnergate.cli.statement.price import command
from partnergate.errors import InvalidInputError, UsageError
from partnergate.rendering.diagnostics.text import diagnostic_text

ROOT = Path(__file__).parents[3]
EXAMPLES = sorted((ROOT / "tests" / "data" / "worked_examples").glob("*.json"))

DEFINITION = """\
effective: 2026-10-01
currency: EUR
time_zone: Europe/Berlin
charges:
  - name: Calls
    meter: {event: call, aggregate: count}
    price: {model: per_unit, unit: "0.05"}
"""


@pytest.fixture
def price(tmp_path):
    def run(definition=DEFINITION, usage='{"quantities": {"Calls": 3}}', *options):
        (tmp_path / "definition.yaml").write_text(definition, encoding="utf-8")
        (tmp_path / "usage.json").write_text(usage, encoding="utf-8")
        arguments = [
            "--definition",
            str(tmp_path / "definition.yaml"),
            "--usage",
            str(tmp_path / "usage.json"),
        ]
        return CliRunner().invoke(command, [*arguments, *options])

    return run


def test_a_bill_is_printed_as_json(price):
    result = price()
    assert result.exit_code == 0
    bill = json.loads(result.stdout)
    assert (bill["total"], bill["currency"], bill["start"]) == ("0.15", "EUR", "2026-09-30T22:00:00Z")


def test_the_compact_form_is_the_same_bytes_each_time_and_has_no_float(price):
    one, two = (
        price(DEFINITION, '{"quantities": {"Calls": 3}}', "--compact"),
        price(DEFINITION, '{"quantities": {"Calls": "3.0"}}', "--compact"),
    )
    assert one.stdout == two.stdout
    assert json.loads(one.stdout, parse_float=lambda text: pytest.fail(f"a float: {text}"))


def test_the_compact_form_has_its_keys_in_order_and_no_spaces(price):
    text = price(DEFINITION, '{"quantities": {"Calls": 3}}', "--compact").stdout.strip()
    keys = list(json.loads(text))
    assert keys == sorted(keys)
    assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def test_the_explanation_is_text(price):
    assert "3 x 0.05 = 0.15" in price(DEFINITION, '{"quantities": {"Calls": 3}}', "--format", "text").stdout


def test_json_and_yaml_give_the_same_bill(price):
    terms = {
        "effective": "2026-10-01",
        "currency": "EUR",
        "time_zone": "Europe/Berlin",
        "charges": [
            {
                "name": "Calls",
                "meter": {"event": "call", "aggregate": "count"},
                "price": {"model": "per_unit", "unit": "0.05"},
            }
        ],
    }
    bill = json.loads(price().stdout)
    again = json.loads(price(json.dumps(terms)).stdout)
    for one in (bill, again):
        del one["lines"][0]["versions"][0]["line"]
    assert bill == again


def test_a_partner_file_is_a_definition(tmp_path):
    usage = tmp_path / "usage.yaml"
    usage.write_text("period: 2026-10-15\nquantities: {Active users: 612, Tasks: 7500.5}\n", encoding="utf-8")
    arguments = ["--definition", str(ROOT / "partners" / "acme.yaml"), "--usage", str(usage)]
    bill = json.loads(CliRunner().invoke(command, arguments).stdout)
    assert bill["total"] == "1601.60"
    written = (ROOT / "partners" / "acme.yaml").read_text(encoding="utf-8").splitlines()
    assert written[bill["lines"][0]["versions"][0]["line"] - 1].startswith("  - effective: 2026-10-01")


CHARGE = '{"name": "C", "meter": {"event": "e", "aggregate": "sum", "of": "q"}, "price": '
PRICES = [
    (
        '{"model": "graduated", "tiers": [{"up_to": 9, "unit": "1"}, {"up_to": 9, "unit": "1"}, {"unit": "1"}]}',
        "PG305",
    ),
    ('{"model": "volume", "tiers": [{"up_to": 9, "unit": "1"}]}', "PG305"),
    ('{"model": "graduated", "tiers": [{"unit": "1"}, {"unit": "1"}]}', "PG305"),
    ('{"model": "package", "size": 0, "amount": "1"}', "PG020"),
    ('{"model": "per_unit", "unit": "-1"}', "PG020"),
    ('{"model": "per_unit", "unit": 1.5}', "PG019"),
    ('{"model": "percentage", "percent": "101"}', "PG310"),
    ('{"model": "percentage", "percent": "1", "event_minimum": "2", "event_maximum": "1"}', "PG309"),
    ('{"model": "flat", "amount": "1"}', "PG306"),
    ('{"model": "free"}', "PG015"),
]


def problems(result: Result) -> str:
    assert isinstance(result.exception, InvalidInputError)
    return "\n".join(diagnostic_text(found) for found in result.exception.found)


@pytest.mark.parametrize(("written", "code"), PRICES)
def test_a_price_that_cannot_be_rated_is_a_diagnostic_with_its_line(price, written, code):
    result = price('{"currency": "EUR",\n "charges": [\n' + CHARGE + written + "}]}")
    assert isinstance(result.exception, InvalidInputError)
    assert "definition.yaml:3:" in problems(result)
    assert f"error[{code}]" in problems(result)
    assert result.stdout == ""


OTHERS = [
    ("currency: XXQ", "currency: EUR", "PG301"),
    ("time_zone: Mars/Olympus", "time_zone: Europe/Berlin", "PG302"),
    ("    price: {model: percentage, percent: '1'}", '    price: {model: per_unit, unit: "0.05"}', "PG307"),
    ("    meter: {event: call, aggregate: sum}", "    meter: {event: call, aggregate: count}", "PG308"),
    ("until: 2026-09-01", "", "PG314"),
]


@pytest.mark.parametrize(("written", "instead", "code"), OTHERS)
def test_an_agreement_that_cannot_be_rated_is_a_diagnostic_with_its_line(price, written, instead, code):
    text = DEFINITION.replace(instead, written) if instead else f"{written}\n{DEFINITION}"
    line = text.splitlines().index(written) + 1
    result = price(text)
    assert isinstance(result.exception, InvalidInputError)
    assert f"definition.yaml:{line}:" in problems(result)
    assert f"error[{code}]" in problems(result)


@pytest.mark.parametrize(
    ("usage", "code"),
    [
        ('{"quantities": {"Calls": -3}}', "PG020"),
        ('{"quantities": {"Calls": "many"}}', "PG020"),
        ('{"quantities": {"Calls": NaN}}', "PG020"),
        ('{"quantities": {"Cals": 3}}', "PG012"),
        ('{"quantity": {}}', "PG012"),
        ('{"quantities": [{"charge": "Calls"}]}', "PG013"),
        (
            '{"quantities": [{"charge": "Calls", "value": 1, "from": "2026-10-02", "to": "2026-10-01"}]}',
            "PG314",
        ),
        ('{"period": "October"}', "PG018"),
        ('{"period": "2026-10-01T00:00:00"}', "PG018"),
        ('{"quantities": 3}', "PG014"),
        ("[]", "PG014"),
        ("{]", "PG004"),
        ("", "PG010"),
    ],
)
def test_usage_that_cannot_be_read_is_a_diagnostic_with_its_line(price, usage, code):
    result = price(DEFINITION, usage)
    assert isinstance(result.exception, InvalidInputError)
    assert "usage.json:1:" in problems(result)
    assert f"error[{code}]" in problems(result)


def test_both_files_are_required():
    result = CliRunner().invoke(command, ["--definition", str(ROOT / "partners" / "acme.yaml")])
    assert isinstance(result.exception, UsageError)
    assert str(result.exception) == "missing input file: pass --usage"


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_examples_and_their_bills_fit_the_schemas(file, price):
    example = json.loads(file.read_text(encoding="utf-8"))
    jsonschema.validate(example["definition"], published_schema("price_definition"))
    jsonschema.validate(example["usage"], published_schema("price_usage"))
    bill = price(json.dumps(example["definition"]), json.dumps(example["usage"]))
    jsonschema.validate(json.loads(bill.stdout), published_schema("price_result"))
