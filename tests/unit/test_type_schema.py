"""Schemas follow the types of a format: what the type has is in the schema, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal  # noqa: TC003 - the schema follows the annotations
from typing import Annotated, Any, Literal, NotRequired, TypedDict

import jsonschema
import pytest

from partnergate.planning.plan_document import ChangeDocument, PlanDocument
from partnergate.planning.plan_schema import plan_schema
from partnergate.pricing.price_file.price_schemas import usage_schema
from partnergate.pricing.price_file.usage_file import ChargeQuantity, UsageFile
from partnergate.type_schema import Keywords, field_types, required_keys, type_schema


@dataclass(frozen=True)
class Lamp:
    """A lamp."""

    watts: Decimal


class Room(TypedDict):
    """A room."""

    name: Annotated[str, Keywords(pattern="^[a-z]+$")]
    """The name."""
    lamp: NotRequired[Lamp | None]
    doors: dict[str, int]
    notes: list[Any]
    size: Literal["small", "large"]


def test_a_typed_dictionary_has_its_keys_and_the_required_ones() -> None:
    definitions: dict[str, Any] = {}
    assert type_schema(Room, definitions) == {"$ref": "#/definitions/Room"}
    assert definitions["Room"] == {
        "type": "object",
        "description": "A room.",
        "additionalProperties": False,
        "required": ["doors", "name", "notes", "size"],
        "properties": {
            "name": {"type": "string", "pattern": "^[a-z]+$", "description": "The name."},
            "lamp": {"oneOf": [{"$ref": "#/definitions/Lamp"}, {"type": "null"}]},
            "doors": {"type": "object", "additionalProperties": {"type": "integer"}},
            "notes": {"type": "array", "items": {}},
            "size": {"enum": ["small", "large"]},
        },
    }


def test_a_type_without_a_json_form_is_refused() -> None:
    with pytest.raises(KeyError):
        type_schema(complex, {})


@pytest.mark.parametrize(
    ("kind", "schema"),
    [
        (PlanDocument, plan_schema()),
        (ChangeDocument, plan_schema()),
        (UsageFile, usage_schema()),
        (ChargeQuantity, usage_schema()),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_published_schema_has_the_keys_of_the_type(kind, schema) -> None:
    jsonschema.Draft7Validator.check_schema(schema)
    definition = schema["definitions"][kind.__name__]
    assert set(definition["properties"]) == set(field_types(kind))
    assert definition["required"] == sorted(required_keys(kind))
    assert definition["additionalProperties"] is False
