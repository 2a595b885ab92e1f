"""Canonical JSON (RFC 8785): the same value always gives the same bytes.

Accepts strings, integers, booleans, null, arrays, and objects with string keys. Floating-point
numbers are refused: write decimals and times as strings before calling. Object keys are ordered by
their UTF-16 code units, and there is no white space. Every signature and comparison of JSON uses this
module, and every hash except the derived IDs of events in ``events.pseudonymization``: texts of a login
may contain unpaired surrogates, which RFC 8785 does not allow.
"""

from __future__ import annotations

import json
from typing import Any

MAX_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader represents exactly (RFC 7493); larger ones are refused."""


class NotCanonicalError(ValueError):
    """The value has no canonical JSON form."""


def canonical_bytes(value: object) -> bytes:
    """Return the canonical form as UTF-8.

    Raises ``NotCanonicalError`` for floating-point numbers, integers beyond ``MAX_INTEGER``, keys that
    are not strings, unpaired surrogates, and any other type.
    """
    text = json.dumps(_ordered(value), separators=(",", ":"), ensure_ascii=False)
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise NotCanonicalError("unpaired surrogate in a string") from error


def canonical_json(value: object) -> str:
    """Return the canonical form as text; raises as ``canonical_bytes`` does."""
    return canonical_bytes(value).decode()


def _ordered(value: object) -> Any:
    """The value with the keys of every object in canonical order, after checking every type."""
    match value:
        case str() | bool() | None:
            return value
        case int():
            if not -MAX_INTEGER <= value <= MAX_INTEGER:
                raise NotCanonicalError(f"integer out of range: {value}; write it as a string")
            return value
        case list() | tuple():
            return [_ordered(item) for item in value]
        case dict():
            return {key: _ordered(value[key]) for key in sorted(value, key=_code_units)}
        case float():
            raise NotCanonicalError(f"floating-point number: {value}; write it as a string")
        case _:
            raise NotCanonicalError(f"type without a canonical form: {type(value).__name__}")


def _code_units(key: object) -> bytes:
    """Sort key of an object's key; big-endian UTF-16 orders bytes as it orders code units."""
    if not isinstance(key, str):
        raise NotCanonicalError(f"key is not a string: {key!r}")
    return key.encode("utf-16-be", "surrogatepass")
