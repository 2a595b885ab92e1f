"""Canonical JSON (RFC 8785): the same value always gives the same bytes.

Accepts strings, integers, booleans, null, arrays, and objects with string keys. Floating-point
numbers are refused: write decimals and times as strings before calling. Object keys are ordered by
their UTF-16 code units, and there is no white space. Every signature and comparison of JSON uses this
module, and every hash except the derived IDs of events in ``events.pseudonymization``: texts of a login
may contain unpaired surrogates, which RFC 8785 does not allow.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    # Most values are strings, which need no call of their own.
    match value:
        case dict():
            return {
                key: item if type(item := value[key]) in _AS_THEY_ARE else _ordered(item)
                for key in _ordered_keys(value)
            }
        case list() | tuple():
            return [item if type(item) in _AS_THEY_ARE else _ordered(item) for item in value]
        case str() | bool() | None:
            return value
        case int():
            if not -MAX_INTEGER <= value <= MAX_INTEGER:
                raise NotCanonicalError(f"integer out of range: {value}; write it as a string")
            return value
        case float():
            raise NotCanonicalError(f"floating-point number: {value}; write it as a string")
        case _:
            raise NotCanonicalError(f"type without a canonical form: {type(value).__name__}")


def _ordered_keys(keys: Iterable[Any]) -> list[str]:
    """The keys by their UTF-16 code units, which is the order of Python for keys in ASCII."""
    try:
        ascii_only = all(map(str.isascii, keys))
    except TypeError as error:
        raise NotCanonicalError(f"key is not a string: {error}") from error
    # Big-endian UTF-16 orders bytes as it orders code units.
    return (
        sorted(keys) if ascii_only else sorted(keys, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
    )


_AS_THEY_ARE = frozenset({str, bool, type(None)})
