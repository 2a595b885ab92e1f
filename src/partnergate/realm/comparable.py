"""JSON as comparable values and back: objects are sorted tuples of pairs, lists are tuples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from partnergate.realm.state import FieldValue

_PAIR: Final = 2


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
    """Whether a frozen value is a JSON object: pairs sorted by name.

    An empty tuple is a list.
    """
    if not isinstance(value, tuple) or not value:
        return False
    last = None
    for item in value:
        if not isinstance(item, tuple) or len(item) != _PAIR or not isinstance(item[0], str):
            return False
        if last is not None and item[0] <= last:
            return False
        last = item[0]
    return True


def thaw(value: FieldValue) -> Any:
    """The JSON value of a frozen one."""
    if not isinstance(value, tuple):
        return value
    if is_object(value):
        return {pair[0]: thaw(pair[1]) for pair in value}  # type: ignore[index]
    return [thaw(item) for item in value]
