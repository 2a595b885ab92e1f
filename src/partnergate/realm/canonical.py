"""JSON as comparable values and back: objects are sorted tuples of pairs, lists are tuples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from partnergate.realm.state import FieldValue


def freeze(value: Any) -> FieldValue:
    """JSON as a comparable, hashable value."""
    match value:
        case dict():
            return tuple((str(key), freeze(value[key])) for key in sorted(value))
        case list() | tuple():
            return tuple(freeze(item) for item in value)
        case float():
            return int(value) if value.is_integer() else str(value)
        case None | str() | bool() | int():
            return value
        case _:
            raise TypeError(f"not JSON: {type(value).__name__}")


def is_object(value: FieldValue) -> bool:
    """Whether a frozen value stands for a JSON object; an empty tuple is a list."""
    return (
        isinstance(value, tuple)
        and bool(value)
        and all(isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str) for item in value)  # noqa: PLR2004
    )


def thaw(value: FieldValue) -> Any:
    """The JSON that was frozen."""
    if not isinstance(value, tuple):
        return value
    if is_object(value):
        return {pair[0]: thaw(pair[1]) for pair in value}  # type: ignore[index]
    return [thaw(item) for item in value]
