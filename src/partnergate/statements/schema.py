"""The JSON Schema of a statement file, made from the types that write and read it."""

from __future__ import annotations

import ast
import inspect
import textwrap
import types
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints

from partnergate.metering.aggregates import AGGREGATES
from partnergate.model.agreement import AggregateName
from partnergate.statements.canonical import type_tag
from partnergate.statements.seal import Seal
from partnergate.statements.statement import FORMAT, Statement

_NUMBER = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
_INSTANT = {"type": "string", "format": "date-time", "pattern": "Z$"}


def statement_schema() -> dict[str, Any]:
    """Draft-07; every key has a description where its name does not say it all."""
    definitions: dict[str, Any] = {}
    statement = _of(Statement, definitions)
    seal = _of(Seal, definitions)
    definitions["Statement"]["properties"]["format"] = {"const": FORMAT}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A statement file of partnergate",
        "description": "What a partner owes for one period, and the seal over its canonical bytes.",
        "type": "object",
        "additionalProperties": False,
        "required": ["statement"],
        "properties": {"statement": statement, "seal": {"oneOf": [seal, {"type": "null"}]}},
        "definitions": dict(sorted(definitions.items())),
    }


def _of(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if kind is AggregateName:
        return {"enum": [aggregate.name for aggregate in AGGREGATES]}
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _choice(get_args(kind), definitions)
    if origin is tuple:
        return _tuple(get_args(kind), definitions)
    if is_dataclass(kind):
        return _reference(kind, definitions)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"enum": [member.value for member in kind]}
    simple: dict[Any, dict[str, Any]] = {
        str: {"type": "string"},
        bool: {"type": "boolean"},
        int: {"type": "integer"},
        Decimal: dict(_NUMBER),
        datetime: dict(_INSTANT),
        date: {"type": "string", "format": "date"},
    }
    return simple[kind]


def _choice(kinds: tuple[Any, ...], definitions: dict[str, Any]) -> dict[str, Any]:
    real = [k for k in kinds if k is not type(None)]
    options = [_of(k, definitions) if len(real) == 1 else _tagged(k, definitions) for k in real]
    if type(None) in kinds:
        options.append({"type": "null"})
    return {"oneOf": options}


def _tagged(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    """One of several types: its object has the type's name under ``type``."""
    reference = _reference(kind, definitions)
    definition = definitions[kind.__name__]
    definition["properties"]["type"] = {"const": type_tag(kind)}
    definition["required"] = sorted({*definition["required"], "type"})
    return reference


def _tuple(kinds: tuple[Any, ...], definitions: dict[str, Any]) -> dict[str, Any]:
    if len(kinds) == 2 and kinds[1] is Ellipsis:  # noqa: PLR2004 - tuple[X, ...]
        return {"type": "array", "items": _of(kinds[0], definitions)}
    items = [_of(k, definitions) for k in kinds]
    return {"type": "array", "items": items, "minItems": len(items), "maxItems": len(items)}


def _reference(kind: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    name = kind.__name__
    if name not in definitions:
        definitions[name] = {}
        hints = get_type_hints(kind, localns={"date": date, "datetime": datetime, "Decimal": Decimal})
        words = _words(kind)
        properties = {}
        for field in fields(kind):
            properties[field.name] = _of(hints[field.name], definitions)
            if field.name in words and "$ref" not in properties[field.name]:
                properties[field.name]["description"] = words[field.name]
        definitions[name] = {
            "type": "object",
            "description": inspect.getdoc(kind) or "",
            "additionalProperties": False,
            "required": sorted(properties),
            "properties": properties,
        }
    return {"$ref": f"#/definitions/{name}"}


def _words(kind: type) -> dict[str, str]:
    """The sentence that stands under each field."""
    body = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    if not isinstance(body, ast.ClassDef):
        return {}
    found = {}
    for before, after in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(before, ast.AnnAssign)
            and isinstance(before.target, ast.Name)
            and isinstance(after, ast.Expr)
            and isinstance(after.value, ast.Constant)
            and isinstance(after.value.value, str)
        ):
            found[before.target.id] = " ".join(after.value.value.split())
    return found
