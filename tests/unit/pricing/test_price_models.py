"""What every price model must have, and what happens with one that is not registered."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path, PurePosixPath
from types import SimpleNamespace

import pytest

from builders import rating_strategies
from builders.agreements import agreement
from partnergate.errors import RatingError
from partnergate.language.keys.pricing import PRICE
from partnergate.language.rules.rule_catalog import AGREEMENT_RULES
from partnergate.metering.usage import Quantity
from partnergate.model.agreement import Charge, LoginsMeter, Price, RatingRules
from partnergate.pricing import models
from partnergate.pricing.cumulative import steps
from partnergate.pricing.event_bounds import needs_each_event
from partnergate.pricing.models import MODELS, metered_model, model_named, model_of, value_types
from partnergate.pricing.models.measured import Measured
from partnergate.pricing.models.price_model import FixedPrice, MeteredPrice
from partnergate.pricing.parts import counts_uniques, takes_one_value
from partnergate.pricing.periods import period_containing
from partnergate.pricing.price_file.definition import read_definition
from partnergate.pricing.price_file.usage_file import read_usage
from partnergate.pricing.rate import rate
from partnergate.pricing.rated import AgreementVersion
from partnergate.rendering.statement.steps import Amounts, line_steps
from partnergate.statements.typed_json import from_json, to_json
from partnergate.store.partners import spec_json
from partnergate.type_schema import type_tag

ROOT = Path(__file__).parents[3]
SOURCE = ROOT / "src" / "partnergate"
WORKED = ROOT / "tests" / "data" / "worked_examples"
each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.model)


def bill_of(model):
    """The model's example as a bill."""
    example, charge = model.example, {"name": "Charge", "price": json.loads(model.example.price)}
    quantities = []
    if example.quantity:
        charge["meter"] = {"event": "e", "aggregate": "sum", "of": "q"}
        quantities = [{"charge": "Charge", "value": example.quantity, "events": example.events}]
    text = json.dumps({"currency": "EUR", "charges": [charge]})
    versions, found = read_definition(text, PurePosixPath("example.json"))
    assert found == ()
    usage, found = read_usage(json.dumps({"quantities": quantities}), PurePosixPath("u.json"), versions)
    assert found == ()
    return rate(versions, usage.quantities, usage.period)


def price_of(model) -> Price:
    return bill_terms(model).charges[0].price


def bill_terms(model):
    text = json.dumps({"currency": "EUR", "charges": [charge_of(model)]})
    return read_definition(text, PurePosixPath("example.json"))[0][0].agreement


def charge_of(model):
    charge = {"name": "Charge", "price": json.loads(model.example.price)}
    return charge | (
        {"meter": {"event": "e", "aggregate": "sum", "of": "q"}} if model.example.quantity else {}
    )


@each_model
def test_a_model_has_its_own_file_and_its_name_everywhere(model):
    assert model.__module__ == f"{models.__name__}.{model.model}"
    assert type_tag(model) == model.model
    assert model.shape.name == f"price ({model.model})"
    assert PRICE.by_tag[model.model] is model.shape


@each_model
def test_the_example_of_a_model_has_the_stated_amount(model):
    bill = bill_of(model)
    assert str(bill.total) == model.example.amount
    assert bill.lines[0].model == model.model


@each_model
@pytest.mark.parametrize("name", ["partner", "price_definition", "statement"])
def test_every_schema_has_the_model(model, name):
    schema = (ROOT / "schema" / f"{name}.schema.json").read_text(encoding="utf-8")
    assert f'"const": "{model.model}"' in schema


@each_model
def test_the_language_reference_has_the_model(model):
    text = (ROOT / "docs" / "language-reference.md").read_text(encoding="utf-8")
    assert f"`agreement.charges.price ({model.model})`" in text


@each_model
def test_a_worked_example_has_the_model(model):
    examples = [file.read_text(encoding="utf-8") for file in WORKED.glob("*.json")]
    assert any(f'"model": "{model.model}"' in example for example in examples)


@each_model
def test_the_steps_of_a_model_are_explained_and_listed_on_the_statement(model):
    bill = bill_of(model)
    if issubclass(model, FixedPrice):
        assert bill.lines[0].components[0].tiers == ()
        return
    amount = Decimal(model.example.amount)
    shown = [tier for tier in bill.lines[0].components[0].tiers if tier.amount]
    assert sum(tier.amount for tier in shown) == amount
    words = [line for line in bill.explanation if line.startswith("  ") and not line.startswith("  =")]
    listed = line_steps(bill.lines[0], Amounts(currency="EUR", locale="en_US"))
    for tier, explained, on_statement in zip(shown, words, listed, strict=True):
        assert explained.endswith(f" = {tier.amount}")
        assert on_statement.endswith(f" = {tier.amount}")


@each_model
def test_a_metered_model_joins_the_property_tests(model):
    assert (model.model in rating_strategies.BY_MODEL) == issubclass(model, MeteredPrice)


@each_model
def test_a_price_survives_the_store_and_the_statement_file(model):
    terms = bill_terms(model)
    assert spec_json.from_json(spec_json.to_json(terms)) == terms
    assert from_json(type(terms), to_json(terms)) == terms


def test_every_type_that_a_price_holds_can_be_stored():
    assert {"FlatTiming", "Tier", "PercentTier", *(model.__name__ for model in MODELS)} <= set(value_types())


@dataclass(frozen=True, slots=True, kw_only=True)
class Unregistered(Price):
    """A price whose model is not registered."""

    model = "per_unit"
    """The name of a registered model, which must not hide that this class is another."""


def unregistered_terms():
    charge = Charge(name="Tasks", meter=LoginsMeter(), price=Unregistered())
    return agreement(charges=(charge,), minimum=None, revenue_share=None)


@pytest.mark.parametrize(
    "use",
    [
        lambda: model_of(Unregistered()),
        lambda: steps(Unregistered(), Measured(), Decimal(0), RatingRules()),
        lambda: needs_each_event(unregistered_terms().charges[0]),
        lambda: [found for _, rule in AGREEMENT_RULES for found in rule(unregistered_terms(), ())],
        lambda: rated(unregistered_terms()),
    ],
    ids=["registry", "cost", "event bounds", "rules of the language", "bill"],
)
def test_a_price_of_an_unregistered_model_is_an_error_and_never_passed_over(use):
    with pytest.raises(RatingError, match="Unregistered is not a registered price model"):
        use()


def rated(terms):
    period = period_containing(terms.cycle, terms.time_zone, datetime(2026, 10, 9, tzinfo=UTC))
    used = Quantity(meter="Tasks", start=period.start, end=period.end, value=Decimal(1))
    return rate([AgreementVersion(agreement=terms, file="partners/acme.yaml")], [used], period)


def names_of_models(path):
    """The string constants of a module, other than docstrings, with a word that is a model's name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docs]
    return [text for text in texts if isinstance(text, str) and SPECIFIC.search(text)]


SPECIFIC = re.compile(
    rf"\b({'|'.join(m.model for m in MODELS if '_' in m.model or m.model == 'graduated')})\b"
)
"""Names that are not also ordinary words, as "flat" and "volume" are."""


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_text_outside_the_models_names_one(path):
    """A hint takes the name from the registry, so that a new or renamed model changes no other file."""
    if path.parent != SOURCE / "pricing" / "models":
        assert names_of_models(path) == []


def test_an_unknown_meter_or_aggregate_is_an_error():
    other = SimpleNamespace(meter=SimpleNamespace())
    median = SimpleNamespace(meter=replace(rating_strategies.SUM, aggregate="median"))
    for use in (counts_uniques, takes_one_value):
        with pytest.raises(AssertionError, match="unreachable"):
            use(other)
        with pytest.raises(ValueError, match='unknown aggregate "median"'):
            use(median)


def test_a_step_of_an_unknown_model_is_an_error_and_not_described_in_general_terms():
    line = bill_of(model_named("per_unit")).lines[0]
    other = replace(line, components=(replace(line.components[0], model="per_moon"),))
    with pytest.raises(RatingError, match='unknown price model "per_moon"'):
        line_steps(other, Amounts(currency="EUR", locale="en_US"))


def test_a_fixed_price_has_no_steps():
    with pytest.raises(RatingError, match='"flat" has no steps'):
        metered_model("flat")
    with pytest.raises(RatingError, match="a flat price has no steps"):
        steps(price_of(model_named("flat")), Measured(), Decimal(0), RatingRules())
