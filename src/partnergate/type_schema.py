"""JSON Schema (draft-07) of formats, derived from their dataclasses and typed dictionaries.

An object has the fields of its dataclass, all of them required, or the keys of its ``TypedDict``, except
those marked with ``NotRequired``. The descriptions are the docstrings of the class and of its fields.
``Annotated[str, Keywords(pattern=...)]`` adds what a type cannot express. Files of a workspace have a
schema derived from the language's shapes instead (``language.shape.json_schema``).
"""

from __future__ import annotations

import ast
import copy
import inspect
import re
import textwrap
import types
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

Schema = dict[str, Any]
Registered = Mapping[Any, tuple[type, ...] | Schema]

NOTHING: Registered = MappingProxyType({})

DRAFT = "http://json-schema.org/draft-07/schema#"
_NUMBER = {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
_INSTANT = {"type": "string", "format": "date-time", "pattern": "Z$"}
_WORD = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Keywords:
    """Keywords of the schema of one field, in ``Annotated``. None adds no keyword."""

    description: str | None = None
    pattern: str | None = None
    minimum: int | None = None
    const: int | None = None
    format: str | None = None
    enum: tuple[str, ...] | None = None
    """The accepted values, if they are fewer than those of the type."""

    def schema(self) -> Schema:
        """Return the keywords that are set."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
            if value is not None
        }


def type_tag(kind: type) -> str:
    """The value of the key ``type`` that tells the alternatives of a union apart, such as ``per_unit``."""
    return _WORD.sub("_", kind.__name__).lower()


def field_types(kind: type, *, include_extras: bool = False) -> dict[str, Any]:
    """Return the type of each field of a dataclass or ``TypedDict``.

    ``include_extras`` keeps ``Annotated`` and ``NotRequired``.
    """
    return get_type_hints(
        kind, localns={"date": date, "datetime": datetime, "Decimal": Decimal}, include_extras=include_extras
    )


def type_schema(kind: Any, definitions: dict[str, Schema], registered: Registered = NOTHING) -> Schema:
    """Return the schema of values of ``kind``, an annotation as a field has it.

    Adds the schema of every dataclass and ``TypedDict`` to ``definitions``, by class name. ``registered``
    maps a base class to its classes, or a type to its schema.
    Raises ``KeyError`` for a type that has no JSON form.
    """
    origin = get_origin(kind)
    if origin is Annotated:
        return _narrowed(*get_args(kind), definitions=definitions, registered=registered)
    if origin is NotRequired:
        return type_schema(get_args(kind)[0], definitions, registered)
    if origin in (Union, types.UnionType):
        return _choice(get_args(kind), definitions, registered)
    match registered.get(kind):
        case tuple() as kinds:
            return _choice(kinds, definitions, registered)
        case dict() as schema:
            return copy.deepcopy(schema)
    if origin is tuple:
        return _tuple(get_args(kind), definitions, registered)
    if origin is list:
        return {"type": "array", "items": type_schema(get_args(kind)[0], definitions, registered)}
    if origin is dict:
        values = type_schema(get_args(kind)[1], definitions, registered)
        return {"type": "object"} | ({"additionalProperties": values} if values else {})
    if origin is Literal:
        return {"enum": list(get_args(kind))}
    if kind is Any:
        return {}
    if is_dataclass(kind) or is_typeddict(kind):
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


def _narrowed(kind: Any, *marks: Any, definitions: Schema, registered: Registered) -> Schema:
    schema = type_schema(kind, definitions, registered)
    for mark in marks:
        if isinstance(mark, Keywords):
            schema |= mark.schema()
    return schema


def _choice(kinds: tuple[Any, ...], definitions: Schema, registered: Registered) -> Schema:
    real = [k for k in kinds if k is not type(None)]
    options = [
        _tagged(k, definitions, registered)
        if len(real) > 1 and is_dataclass(k)
        else type_schema(k, definitions, registered)
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
        hints = field_types(kind, include_extras=True)
        docstrings = _field_docstrings(kind)
        properties = {}
        for field in _keys(kind, hints):
            properties[field] = type_schema(hints[field], definitions, registered)
            if field in docstrings and "$ref" not in properties[field]:
                properties[field]["description"] = docstrings[field]
        definitions[name] = {
            "type": "object",
            "description": inspect.cleandoc(kind.__doc__ or ""),
            "additionalProperties": False,
            "required": sorted(required_keys(kind)),
            "properties": properties,
        }
    return {"$ref": f"#/definitions/{name}"}


def required_keys(kind: type) -> tuple[str, ...]:
    """Return the keys that an object must have: the fields of a dataclass, or keys of a ``TypedDict``.

    ``TypedDict.__required_keys__`` is wrong for annotations that are strings, so it is not used.
    """
    hints = field_types(kind, include_extras=True)
    return tuple(key for key in _keys(kind, hints) if get_origin(hints[key]) is not NotRequired)


def _keys(kind: type, hints: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys of an object of the kind. A dataclass may also have annotations of class variables."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else tuple(hints)


def _field_docstrings(kind: type) -> dict[str, str]:
    """The docstring under each field, by field name; none for a ``TypedDict`` without a class statement."""
    try:
        source = inspect.getsource(kind)
    except OSError:
        return {}
    body = ast.parse(textwrap.dedent(source)).body[0]
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
