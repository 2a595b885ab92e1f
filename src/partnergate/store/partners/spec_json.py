"""Partner files as canonical JSON and back, exactly; equal specs give equal text."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from decimal import Decimal
from enum import Enum
from pathlib import PurePosixPath
from typing import Any

from partnergate.canonical_json import canonical_json
from partnergate.model import agreement, environment
from partnergate.model import partner as model
from partnergate.pricing.models import value_types

_TYPES: dict[str, type] = value_types() | {
    name: kind
    for module in (model, agreement, environment)
    for name, kind in vars(module).items()
    if isinstance(kind, type) and (dataclasses.is_dataclass(kind) or issubclass(kind, Enum))
}
_TAG = "$"


def to_json(value: object) -> str:
    """Return the canonical JSON of a dataclass of ``model``."""
    return canonical_json(_plain(value))


def from_json(text: str) -> Any:
    """Return the value that ``to_json`` wrote; fields missing from older text take their defaults."""
    return _value(json.loads(text))


def _plain(value: object) -> object:
    match value:
        case Enum():
            return {_TAG: type(value).__name__, "value": value.value}
        case None | bool() | int() | str():
            return value
        case Decimal():
            return {_TAG: "Decimal", "value": str(value)}
        case date():
            return {_TAG: "date", "value": value.isoformat()}
        case PurePosixPath():
            return {_TAG: "path", "value": str(value)}
        case tuple() | list():
            return [_plain(v) for v in value]
        case dict():
            return {_TAG: "dict", "value": [[_plain(k), _plain(v)] for k, v in sorted(value.items())]}
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
            return {_TAG: type(value).__name__, **fields}
        case _:
            raise TypeError(f"{type(value).__name__} has no canonical form")


def _value(plain: Any) -> Any:
    match plain:
        case list():
            return tuple(_value(v) for v in plain)
        case {"$": "Decimal", "value": text}:
            return Decimal(text)
        case {"$": "date", "value": text}:
            return date.fromisoformat(text)
        case {"$": "path", "value": text}:
            return PurePosixPath(text)
        case {"$": "dict", "value": items}:
            return {_value(k): _value(v) for k, v in items}
        case {"$": name, **fields}:
            kind: Any = _TYPES[name]
            if issubclass(kind, Enum):
                return kind(fields["value"])
            return kind(**{str(k): _value(v) for k, v in fields.items()})
        case _:
            return plain
