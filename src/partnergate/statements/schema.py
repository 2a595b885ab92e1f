"""The JSON Schema of a statement file, derived from the types that write and read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.metering.aggregates import AGGREGATES
from partnergate.model.agreement import AggregateName, Price
from partnergate.pricing.models import MODELS
from partnergate.statements.seal import Seal
from partnergate.statements.statement import FORMAT, Statement
from partnergate.type_schema import DRAFT, Registered, type_schema

if TYPE_CHECKING:
    from partnergate.type_schema import Schema

_REGISTERED: Registered = {
    Price: MODELS,
    AggregateName: {"enum": [aggregate.name for aggregate in AGGREGATES]},
}
"""The patterns of a price and of the name of an aggregate."""


def statement_schema() -> Schema:
    """Return the schema of a statement file, with or without its seal."""
    definitions: dict[str, Schema] = {}
    statement = type_schema(Statement, definitions, _REGISTERED)
    seal = type_schema(Seal, definitions)
    definitions["Statement"]["properties"]["format"] = {"const": FORMAT}
    return {
        "$schema": DRAFT,
        "title": "partnergate statement file",
        "description": "What a partner owes for one period, and the seal over its canonical bytes.",
        "type": "object",
        "additionalProperties": False,
        "required": ["statement"],
        "properties": {"statement": statement, "seal": {"oneOf": [seal, {"type": "null"}]}},
        "definitions": dict(sorted(definitions.items())),
    }
