"""Values of a plan as words that are safe to show: no control characters, no endless lines, no secrets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from partnergate.realm.comparable import thaw
from partnergate.rendering.plain_text import plain

if TYPE_CHECKING:
    from partnergate.planning.changes import FieldChange
    from partnergate.realm.state import FieldValue

LONGEST: Final = 2_000
"""A longer value is cut; the plan file has all of it."""
NOT_SET: Final = "(not set)"
SECRET: Final = "changed (a secret; its value is never shown)"  # noqa: S105 - words about one


def value_in_words(value: FieldValue) -> str:
    """A field's value as JSON, cut where it is long."""
    if value is None:
        return NOT_SET
    text = plain(json.dumps(thaw(value), ensure_ascii=False))
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]}... ({len(text)} characters)"


def field_in_words(field: FieldChange) -> str:
    """One changed field on one line."""
    name = plain(field.name)
    if field.secret:
        return f"{name}: {SECRET}"
    if isinstance(field.before, tuple) and isinstance(field.after, tuple):
        return f"{name}: {_list_change(field.before, field.after)}"
    return f"{name}: {value_in_words(field.before)} -> {value_in_words(field.after)}"


def _list_change(before: tuple[FieldValue, ...], after: tuple[FieldValue, ...]) -> str:
    """What goes out of a list and what comes in; of a list in another order, both whole."""
    gone = [value for value in before if value not in after]
    come = [value for value in after if value not in before]
    if not gone and not come:
        return f"{value_in_words(before)} -> {value_in_words(after)}"
    words = [f"- {value_in_words(value)}" for value in gone] + [
        f"+ {value_in_words(value)}" for value in come
    ]
    return ", ".join(words)
