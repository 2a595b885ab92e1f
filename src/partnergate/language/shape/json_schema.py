"""Converts shapes to JSON Schema draft-07 for editors.

The schema covers keys, types, allowed values, and formats. Only the loader checks quotes, positions, and
rules across keys.
"""

from __future__ import annotations

from typing import Any

from partnergate.language.shape.collections import Either, Key, ListOf, MapOf, Object, Variant
from partnergate.language.shape.loosening import WithVariables
from partnergate.language.shape.scalars import Choice, Day, Flag, Money, NumberOfUnits, Text, Whole
from partnergate.type_schema import DRAFT, Schema

_DECIMAL = r"^(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,12})?$"
_PERCENT = r"^(?:100(?:\.0{1,12})?|[1-9]?[0-9](?:\.[0-9]{1,12})?)$"
_TRIMMED = r"^\S(?:[\s\S]*\S)?\s*$"


def _text(shape: Text) -> Schema:
    schema: Schema = {"type": "string", "minLength": 1, "maxLength": shape.longest}
    schema["pattern"] = shape.pattern or _TRIMMED
    if shape.format:
        schema["format"] = shape.format
    if shape.examples:
        schema["examples"] = list(shape.examples)
    return schema


def _grouped(shape: Object) -> Schema:
    """Return the constraints for keys that require or exclude each other."""
    rules: list[Schema] = []
    if shape.exactly_one:
        rules.append({"oneOf": [{"required": [name]} for name in shape.exactly_one]})
    if shape.at_least_one:
        rules.append({"anyOf": [{"required": [name]} for name in shape.at_least_one]})
    for group in filter(None, (shape.at_most_one, *shape.exclusive)):
        pairs = [[one, other] for n, one in enumerate(group) for other in group[n + 1 :]]
        rules.append({"not": {"anyOf": [{"required": pair} for pair in pairs]}})
    return {"allOf": rules} if len(rules) > 1 else rules[0] if rules else {}


def _object(shape: Object, tag: tuple[str, str] | None = None) -> Schema:
    properties = {key.name: _key(key) for key in shape.keys}
    if tag:
        properties[tag[0]] = {**properties[tag[0]], "const": tag[1]}
        properties[tag[0]].pop("pattern", None)
    schema: Schema = {"type": "object", "additionalProperties": False, "properties": properties}
    required = [key.name for key in shape.keys if key.required]
    if required:
        schema["required"] = required
    return schema | _grouped(shape)


def _variant(shape: Variant) -> Schema:
    """Return the cases as ``if`` and ``then``, so that editors complete the keys of the chosen case."""
    names = [name for name, _ in shape.cases]
    tag = {"description": shape.tag_description, "enum": names}
    cases = [
        {
            "if": {"properties": {shape.tag: {"const": name}}, "required": [shape.tag]},
            "then": {**_object(case, (shape.tag, name)), "description": case.description},
        }
        for name, case in shape.cases
    ]
    return {"type": "object", "properties": {shape.tag: tag}, "required": [shape.tag], "allOf": cases}


def _list(shape: ListOf) -> Schema:
    schema: Schema = {"type": "array", "items": json_schema(shape.item), "maxItems": shape.most}
    if not shape.may_be_empty:
        schema["minItems"] = 1
    if isinstance(shape.item, Text | Choice):
        schema["uniqueItems"] = True
    return schema


def _map(shape: MapOf) -> Schema:
    schema: Schema = {"type": "object", "additionalProperties": json_schema(shape.value)}
    if isinstance(shape.key, Text) and shape.key.pattern:
        schema["propertyNames"] = {"pattern": shape.key.pattern}
    if not shape.may_be_empty:
        schema["minProperties"] = 1
    return schema


def _with_variables(shape: WithVariables) -> Schema:
    inner = json_schema(shape.shape)
    inner.pop("description", None)
    return {"anyOf": [inner, {"type": "string", "pattern": r"\$\{"}]}


def _bare(shape: Any) -> Schema:
    match shape:
        case Text():
            return _text(shape)
        case Choice():
            return {"enum": list(shape.words)}
        case Flag():
            return {"type": "boolean"}
        case Whole():
            return {"type": "integer", "minimum": shape.least, "maximum": shape.most}
        case Money():
            return {"type": "string", "pattern": _PERCENT if shape.percent else _DECIMAL}
        case NumberOfUnits():
            least = 1 if shape.positive else 0
            forms = rf"^(?!0(?:\.0*)?$){_DECIMAL[1:]}" if shape.positive else _DECIMAL
            return {
                "anyOf": [
                    {"type": "integer", "minimum": least, "maximum": 10**15 - 1},
                    {"type": "string", "pattern": forms},
                ]
            }
        case Day():
            return {"type": "string", "format": "date", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
        case ListOf():
            return _list(shape)
        case MapOf():
            return _map(shape)
        case Object():
            return _object(shape)
        case Variant():
            return _variant(shape)
        case Either():
            return {"anyOf": [json_schema(shape.scalar), json_schema(shape.mapping)]}
        case WithVariables():
            return _with_variables(shape)
    raise TypeError(shape)


def json_schema(shape: Any) -> Schema:
    """Return the schema of one shape."""
    schema = _bare(shape)
    if shape.description:
        schema["description"] = shape.description
    return schema


def _key(key: Key) -> Schema:
    schema = json_schema(key.shape)
    if key.description:
        schema["description"] = key.description
    if key.default is not None:
        schema["default"] = key.default
    return schema


def schema_document(shape: Object, *, title: str) -> Schema:
    """Return the schema of a whole document."""
    return {"$schema": DRAFT, "title": title, **json_schema(shape)}
