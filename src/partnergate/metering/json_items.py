"""Splits a JSON array into the text of its items, so that an item that cannot be decoded affects no other.

Brackets are counted, so no depth is too deep. The text of an item is not validated. The time that a body
takes is bounded by its size, because each character is visited at most twice.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BRACKETS: Final = 400_000
"""Ten times those of the largest batch."""
MOST_ITEMS: Final = 20_000
"""Twice the number of events in the largest batch; the items after them are not returned."""
_STRING: Final = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_BETWEEN_BRACKETS: Final = re.compile(rb'(?:[^"\[\]{}]++|' + _STRING + rb")++|[\[\]{}]", re.DOTALL)
_COMMA: Final = re.compile(rb'(?:[^",]++|' + _STRING + rb")++|,", re.DOTALL)
_ID_MEMBER: Final = re.compile(rb'(?:[^"]|' + _STRING + rb')*?"id"\s*+:\s*+(' + _STRING + rb")", re.DOTALL)
_SPACE: Final = b" \t\r\n"
_SEARCHED: Final = 4096


def array_items(body: bytes) -> list[bytes] | None:
    """Return the text of each item.

    None when the body is not an array with matching brackets, or has more than ``MOST_BRACKETS``.
    """
    found: list[bytes] = []
    begin = depth = end = 0
    for start, end, token in _tokens(body):
        if token in (b"[", b"{"):
            if depth == 0 and (token != b"[" or found or body[:start].strip(_SPACE)):
                return None
            depth += 1
            begin = end if depth == 1 else begin
        elif token in (b"]", b"}"):
            depth -= 1
            if depth == 0:
                found.append(body[begin:start])
                return _without_empty(found) if token == b"]" and not body[end:].strip(_SPACE) else None
        elif depth == 1:
            for comma in _commas(body, start, end):
                found.append(body[begin:comma])
                begin = comma + 1
                if len(found) > MOST_ITEMS:
                    return found
    return None


def id_member(item: bytes) -> str | None:
    """Return the member ``id`` of an object that cannot be decoded, if it is near the start.

    None if there is none, or if it is not printable text.
    """
    start = item[:_SEARCHED]
    depth, own = 0, b""
    for begin, end, token in _tokens(start):
        depth += (token in (b"[", b"{")) - (token in (b"]", b"}"))
        own += start[begin:end] if depth == 1 and not token else b" "
    found = _ID_MEMBER.match(own)
    if found is None:
        return None
    try:
        text = json.loads(found[1])
    except ValueError:
        return None
    return text if text.isprintable() else None


def _tokens(body: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield start, end and text of each bracket, and of everything between two; the text only of brackets."""
    brackets = 0
    for found in iter(_BETWEEN_BRACKETS.scanner(body).match, None):  # type: ignore[attr-defined]
        start, end = found.span()
        if end - start == 1 and body[start] in b"[]{}":
            brackets += 1
            if brackets > MOST_BRACKETS:
                return
            yield start, end, body[start:end]
        else:
            yield start, end, b""


def _commas(body: bytes, start: int, end: int) -> Iterator[int]:
    for found in _COMMA.finditer(body, start, end):
        if found.end() - found.start() == 1 and body[found.start()] == ord(","):
            yield found.start()


def _without_empty(items: list[bytes]) -> list[bytes] | None:
    """Return the items; an array without items has one empty text, and no other text may be empty."""
    stripped = [item.strip(_SPACE) for item in items]
    return [] if stripped == [b""] else stripped if all(stripped) else None
