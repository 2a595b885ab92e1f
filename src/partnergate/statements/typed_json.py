"""Typed values as canonical JSON and back: equal values always have equal bytes.

Canonical JSON has sorted keys, no white space, UTF-8, and no floating-point numbers. Numbers with a
fraction are strings in plain notation; times are UTC with a ``Z``. If the declared type of a value is
a union, the key ``type`` contains the name of the type.
"""

from __future__ import annotations

import hashlib
import types
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any, NewType, TypeVar, Union, get_args, get_origin

from partnergate.errors import StatementError
from partnergate.metering.aggregates import aggregate_named
from partnergate.model.agreement import AggregateName, Price
from partnergate.model.decimals import decimal_of, decimal_text
from partnergate.model.instants import instant_text
from partnergate.pricing.models import MODELS
from partnergate.type_schema import field_types, type_tag

T = TypeVar("T")


def sha256_hex(content: bytes) -> str:
    """Return the SHA-256 hash of canonical bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def to_json(value: Any) -> Any:
    """Return a domain value as JSON."""
    match value:
        case StrEnum():
            return value.value
        case None | str() | bool() | int():
            return value
        case Decimal():
            return decimal_text(value)
        case datetime():
            return instant_text(value)
        case date():
            return value.isoformat()
        case tuple() | list():
            return [to_json(item) for item in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            return _object(value)
    raise TypeError(f"no canonical form for {type(value).__name__}")


def from_json(kind: type[T], value: Any, *, where: str = "$") -> T:
    """Return the value of the type that the JSON represents; unknown and missing keys are errors."""
    found: T = _decoded(kind, value, where)
    return found


def _object(value: Any) -> dict[str, Any]:
    hints: dict[str, Any] = _hints(type(value))  # type: ignore[arg-type]
    return {
        f.name: (
            {"type": type_tag(type(item))} | _object(item)
            if _is_choice(hints[f.name]) and is_dataclass(item)
            else to_json(item)
        )
        for f in fields(value)
        for item in (getattr(value, f.name),)
    }


def _decoded(kind: Any, value: Any, where: str) -> Any:
    if kind is AggregateName:
        return _aggregate(value, where)
    if isinstance(kind, NewType):
        return _decoded(kind.__supertype__, value, where)
    origin = get_origin(kind)
    if kinds := alternatives(kind):
        return _one_of(kinds, value, where)
    if origin is tuple:
        return _tuple(get_args(kind), value, where)
    if is_dataclass(kind):
        return _instance(kind, value, where)
    return _scalar(kind, value, where)


def _aggregate(value: Any, where: str) -> AggregateName:
    try:
        return aggregate_named(value).name
    except (TypeError, ValueError):
        raise StatementError(f"{where} is not an aggregate") from None


def _instance(kind: Any, value: Any, where: str) -> Any:
    if not isinstance(value, dict):
        raise StatementError(f"{where} is not an object")
    hints = _hints(kind)
    given = {k: v for k, v in value.items() if k != "type" or "type" in hints}
    names = [f.name for f in fields(kind)]
    for name in sorted(given.keys() - set(names)):
        raise StatementError(f"{where}.{name} is not a key of this format")
    for name in names:
        if name not in given:
            raise StatementError(f"{where}.{name} is missing")
    return kind(**{name: _decoded(hints[name], given[name], f"{where}.{name}") for name in names})


def _one_of(kinds: tuple[Any, ...], value: Any, where: str) -> Any:
    if value is None and type(None) in kinds:
        return None
    real = [k for k in kinds if k is not type(None)]
    if len(real) == 1:
        return _decoded(real[0], value, where)
    for kind in real:
        if isinstance(value, dict) and value.get("type") == type_tag(kind):
            return _decoded(kind, value, where)
    raise StatementError(f"{where} has no known type")


def _tuple(kinds: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise StatementError(f"{where} is not a list")
    if len(kinds) == 2 and kinds[1] is Ellipsis:  # noqa: PLR2004 - tuple[X, ...]
        return tuple(_decoded(kinds[0], item, f"{where}[{i}]") for i, item in enumerate(value))
    if len(kinds) != len(value):
        raise StatementError(f"{where} does not have {len(kinds)} items")
    return tuple(
        _decoded(k, item, f"{where}[{i}]") for i, (k, item) in enumerate(zip(kinds, value, strict=True))
    )


def _scalar(kind: Any, value: Any, where: str) -> Any:
    try:
        if kind is Decimal and isinstance(value, str):
            number = decimal_of(value)
            if number is not None:
                return number
        elif kind is datetime and isinstance(value, str) and value.endswith("Z"):
            return datetime.fromisoformat(value)
        elif kind is date and isinstance(value, str):
            return date.fromisoformat(value)
        elif isinstance(kind, type) and issubclass(kind, StrEnum):
            return kind(value)
        elif kind in (str, bool, int) and type(value) is kind:
            return value
    except (ValueError, ArithmeticError):
        pass
    raise StatementError(f"{where} is not a {getattr(kind, '__name__', kind)}")


@lru_cache(maxsize=256)
def _hints(kind: type) -> dict[str, Any]:
    return field_types(kind)


def alternatives(kind: Any) -> tuple[Any, ...]:
    """Return the types of a choice: the members of a union, the price models; empty for one type."""
    if kind is Price:
        return MODELS
    return get_args(kind) if get_origin(kind) in (Union, types.UnionType) else ()


def _is_choice(hint: Any) -> bool:
    return sum(is_dataclass(k) for k in alternatives(hint)) > 1
