"""JSON Schema (draft-07) of the formats that partnergate writes, derived from their dataclasses.

An object has the fields of its dataclass, all of them required. The descriptions are the docstrings
of the class and of its fields. Formats that people write have a schema derived from the language's
shapes instead (``language.shape.json_schema``).
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Union, get_args, get_origin, get_type_hints

Schema = dict[str, Any]
Registered = Mapping[Any, tuple[type, ...] | Schema]

NOTHING: Registered = MappingProxyType({})

DRAFT = "http://json-schema.org/draft-07/schema#"
_NUMBER = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
_INSTANT = {"type": "string", "format": "date-time", "pattern": "Z$"}
_WORD = re.compile(r"(?<!^)(?=[A-Z])")


def type_tag(kind: type) -> str:
    """The value of the key ``type`` that tells the alternatives of a union apart, such as ``per_unit``."""
    return _WORD.sub("_", kind.__name__).lower()


def field_types(kind: type, *, include_extras: bool = False) -> dict[str, Any]:
    """Return the type of each field of a dataclass; ``include_extras`` keeps the marks of ``Annotated``."""
    return get_type_hints(
        kind, localns={"date": date, "datetime": datetime, "Decimal": Decimal}, include_extras=include_extras
    )


def type_schema(kind: Any, definitions: dict[str, Schema], registered: Registered = NOTHING) -> Schema:
    """Return the schema of values of ``kind``, an annotation as a dataclass field has it.

    Adds the schema of every dataclass to ``definitions``, by class name. ``registered``
    maps a base class to its classes, or a type to its schema.
    Raises ``KeyError`` for a type that has no JSON form.
    """
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _choice(get_args(kind), definitions, registered)
    match registered.get(kind):
        case tuple() as kinds:
            return _choice(kinds, definitions, registered)
        case dict() as schema:
            return dict(schema)
    if origin is tuple:
        return _tuple(get_args(kind), definitions, registered)
    if is_dataclass(kind):
        return _reference(kind, definitions, registered)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"enum": [member.value for member in kind]}
    simple: dict[Any, Schema] = {
        str: {"type": "string"},
        bool: {"type": "boolean"},
        int: {"type": "integer"},
        Decimal: dict(_NUMBER),
        datetime: dict(_INSTANT),
        date: {"type": "string", "format": "date"},
    }
    return simple[kind]


def _choice(kinds: tuple[Any, ...], definitions: Schema, registered: Registered) -> Schema:
    real = [k for k in kinds if k is not type(None)]
    options = [
        type_schema(k, definitions, registered) if len(real) == 1 else _tagged(k, definitions, registered)
        for k in real
    ]
    if type(None) in kinds:
        options.append({"type": "null"})
    return {"oneOf": options}


def _tagged(kind: Any, definitions: Schema, registered: Registered) -> Schema:
    """An alternative of a union: its object has the tag of its type under ``type``."""
    reference = _reference(kind, definitions, registered)
    definition = definitions[kind.__name__]
    definition["properties"]["type"] = {"const": type_tag(kind)}
    definition["required"] = sorted({*definition["required"], "type"})
    return reference


def _tuple(kinds: tuple[Any, ...], definitions: Schema, registered: Registered) -> Schema:
    if len(kinds) == 2 and kinds[1] is Ellipsis:  # noqa: PLR2004 - tuple[X, ...]
        return {"type": "array", "items": type_schema(kinds[0], definitions, registered)}
    items = [type_schema(k, definitions, registered) for k in kinds]
    return {"type": "array", "items": items, "minItems": len(items), "maxItems": len(items)}


def _reference(kind: Any, definitions: Schema, registered: Registered) -> Schema:
    name = kind.__name__
    if name not in definitions:
        definitions[name] = {}
        hints = field_types(kind)
        docstrings = _field_docstrings(kind)
        properties = {}
        for field in fields(kind):
            properties[field.name] = type_schema(hints[field.name], definitions, registered)
            if field.name in docstrings and "$ref" not in properties[field.name]:
                properties[field.name]["description"] = docstrings[field.name]
        definitions[name] = {
            "type": "object",
            "description": inspect.getdoc(kind) or "",
            "additionalProperties": False,
            "required": sorted(properties),
            "properties": properties,
        }
    return {"$ref": f"#/definitions/{name}"}


def _field_docstrings(kind: type) -> dict[str, str]:
    """The docstring under each field, by field name."""
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
