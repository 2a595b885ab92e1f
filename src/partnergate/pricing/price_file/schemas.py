"""The JSON Schemas of what ``partnergate price`` reads and prints."""

from __future__ import annotations

from typing import Any

from partnergate.language.keys.agreement import AGREEMENT
from partnergate.language.shape.json_schema import DRAFT, json_schema
from partnergate.pricing.models.steps import Basis
from partnergate.pricing.price_file.definition import DEFAULTS

Schema = dict[str, Any]


def _number(description: str) -> Schema:
    return {
        "description": description,
        "anyOf": [
            {"type": "number", "minimum": 0},
            {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"},
        ],
    }


def _text(description: str, **more: object) -> Schema:
    return {"type": "string", "description": description, **more}


def _object(description: str, properties: Schema, *, optional: tuple[str, ...] = ()) -> Schema:
    return {
        "type": "object",
        "description": description,
        "additionalProperties": False,
        "required": [name for name in properties if name not in optional],
        "properties": properties,
    }


def _list(items: Schema, description: str) -> Schema:
    return {"type": "array", "items": items, "description": description}


def _nullable(schema: Schema) -> Schema:
    description = schema.get("description", "")
    return {"description": description, "anyOf": [{"type": "null"}, schema]}


_DECIMAL = r"^-?[0-9]+(\.[0-9]+)?$"
_INSTANT = "A local date of the agreement, or an instant with its offset"


def _decimal(description: str) -> Schema:
    return _text(description, pattern=_DECIMAL)


def _instant(description: str) -> Schema:
    return _text(description, format="date-time", pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$")


def definition_schema() -> Schema:
    """Return the schema of ``--definition``: one version of an agreement, or a list of versions."""
    version = json_schema(AGREEMENT)
    version["required"] = [name for name in version.get("required", []) if name not in DEFAULTS]
    for name, default in DEFAULTS.items():
        version["properties"][name] = {**version["properties"][name], "default": default}
    return {
        "$schema": DRAFT,
        "title": "partnergate price definition",
        "description": "One version of an agreement, or all of them; a partner file is taken as well",
        "definitions": {"version": version},
        "anyOf": [
            {"$ref": "#/definitions/version"},
            {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/version"}},
            {"type": "object", "required": ["agreement"], "properties": {"agreement": {"type": "array"}}},
        ],
    }


def usage_schema() -> Schema:
    """Of ``--usage``: the period and its quantities."""
    quantity = _object(
        "What one charge measured",
        {
            "charge": _text("The charge's name"),
            "value": _number("The quantity; for a percentage the amount of money"),
            "from": _text(f"Where the quantity begins; the bill's start by default. {_INSTANT}"),
            "to": _text(f"Where it ends, exclusive; the bill's end by default. {_INSTANT}"),
            "dimensions": {
                "type": "object",
                "description": "Data fields with their values, for prices by dimension",
                "additionalProperties": {"type": "string"},
            },
            "events": {"type": "integer", "minimum": 0, "description": "Events behind the quantity"},
            "event_values": _list(
                _number("The value of one event"),
                "In order of time; required if a price depends on each event",
            ),
        },
        optional=("from", "to", "dimensions", "events", "event_values"),
    )
    simple = {
        "type": "object",
        "description": "Charge name: quantity",
        "additionalProperties": _number("The quantity of the charge"),
    }
    body = _object(
        "A period and its quantities",
        {
            "period": _text(
                f"Any day of the period to rate; the day the first version begins by default. {_INSTANT}"
            ),
            "until": _text(f"Nothing is billed from here on, as after a suspension. {_INSTANT}"),
            "quantities": {"anyOf": [simple, _list(quantity, "One entry a charge, dimension and part")]},
        },
        optional=("period", "until", "quantities"),
    )
    return {"$schema": DRAFT, "title": "partnergate price usage", **body}


def _tier() -> Schema:
    return _object(
        "One step of a price: quantity times unit plus flat",
        {
            "lower": _decimal("Where the tier begins"),
            "upper": _nullable(_decimal("Where the tier ends, null for the last")),
            "basis": {"enum": [basis.value for basis in Basis], "description": "What is counted"},
            "quantity": _decimal("Units, packages, money or events in the step"),
            "unit": _decimal("Price of one; for money a percentage"),
            "flat": _decimal("Fixed part"),
            "amount": _decimal("Exact amount of the step"),
        },
    )


def _component() -> Schema:
    pair = {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}
    return _object(
        "The part of a line that one price decided",
        {
            "where": _list(pair, "Dimensions of the price; empty for the charge's own"),
            "model": _text("The price model"),
            "quantity": _decimal("Measured quantity"),
            "included": _decimal("Units of it that were free"),
            "events": {"type": "integer", "description": "Events behind it"},
            "tiers": _list(_tier(), "Steps of the price"),
            "amount": _decimal("Exact sum of the steps"),
        },
    )


def _version() -> Schema:
    return _object(
        "The version of the agreement that decided",
        {
            "effective": _text("First day in force", format="date"),
            "commit": _text("Commit it was read from"),
            "file": _text("File that contains it"),
            "line": {"type": "integer", "description": "Line where it begins"},
        },
    )


def _rules() -> Schema:
    pair = {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2}
    return _list(pair, "Keys of the agreement's rules with their values")


def _line() -> Schema:
    discount = _object(
        "The discount as applied",
        {
            "percent": _decimal("Percentage, taken first"),
            "amount": _decimal("Fixed part, as prorated"),
            "taken": _decimal("Both together, as subtracted"),
            "reason": _text("As written in the agreement"),
        },
    )
    facts = _object(
        "The billable records that the line counts",
        {"count": {"type": "integer", "description": "How many"}, "sha256": _text("Hash of the set")},
    )
    fraction = _object(
        "How much of the period the line covers",
        {
            "numerator": {"type": "integer", "description": "Days or seconds covered"},
            "denominator": {"type": "integer", "description": "Days or seconds of the period"},
            "by": {"enum": ["second", "day", "none"], "description": "The proration unit"},
        },
    )
    return _object(
        "One line of the bill",
        {
            "kind": {"enum": ["flat", "usage", "true_up", "tax"], "description": "What the line is for"},
            "name": _text("The charge's or the tax's name"),
            "model": _text("The price model"),
            "start": _instant("Start of the span that the line covers"),
            "end": _instant("End, exclusive"),
            "due": _instant("When it is due"),
            "quantity": _decimal("Measured quantity; for a true-up the minimum, for tax its base"),
            "included": _decimal("Free units; for a true-up what the lines reach"),
            "events": {"type": "integer", "description": "Events behind it"},
            "unit": _nullable(_decimal("Unit price, or the tax rate")),
            "components": _list(_component(), "The part of each price"),
            "gross": _decimal("Exact, before discount, minimum and maximum"),
            "discount": _nullable(discount),
            "minimum": _nullable(_decimal("The charge's minimum if it raised the amount")),
            "maximum": _nullable(_decimal("The charge's maximum if it lowered the amount")),
            "fraction": fraction,
            "exact": _decimal("Exact, before rounding"),
            "amount": _decimal("Money, with the currency's decimals"),
            "versions": _list(_version(), "Versions in force, oldest first"),
            "facts": _nullable(facts),
            "rules": _rules(),
        },
    )


def bill_schema() -> Schema:
    """Return the schema of the bill that ``partnergate price`` prints."""
    line_share = _object(
        "The partner's part of a line",
        {
            "name": _text("The line"),
            "start": _instant("Start"),
            "base": _decimal("Its amount"),
            "partner": _decimal("The partner's part"),
        },
    )
    share = _object(
        "A revenue share: partner and host are the base",
        {
            "of": _text("usage, all, or a charge"),
            "percent": _decimal("The partner's percentage"),
            "base": _decimal("Sum of the lines in scope"),
            "exact": _decimal("Exact, before rounding"),
            "partner": _decimal("What the partner is owed"),
            "host": _decimal("What the host keeps"),
            "lines": _list(line_share, "Split over the lines"),
            "version": _version(),
        },
    )
    period = _object(
        "The whole period of the cycle",
        {
            "start": _instant("Start"),
            "end": _instant("End, exclusive"),
            "first_day": _text("First local day", format="date"),
            "end_day": _text("First local day of the next period", format="date"),
        },
    )
    body = _object(
        "A period as rated",
        {
            "period": period,
            "start": _instant("First instant that the bill covers"),
            "end": _instant("End of what the bill covers, exclusive"),
            "currency": _text("ISO 4217 code"),
            "lines": _list(_line(), "Every line; the total is the sum of their amounts"),
            "subtotal": _decimal("Lines without tax"),
            "tax": _decimal("Lines of tax"),
            "total": _decimal("Sum of the rounded lines"),
            "shares": _list(share, "What the partner is owed"),
            "share_total": _decimal("Sum of the shares; not subtracted from the total"),
            "rules": _rules(),
            "explanation": _list(_text("One line of text"), "The arithmetic of each amount"),
        },
    )
    return {"$schema": DRAFT, "title": "partnergate price result", **body}


PRICE_SCHEMAS = {
    "price_definition": definition_schema,
    "price_usage": usage_schema,
    "price_result": bill_schema,
}
"""The functions that make ``schema/<name>.schema.json``, by name."""
