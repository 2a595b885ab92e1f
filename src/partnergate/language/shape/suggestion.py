"""Guesses the intended spelling of a misspelled word, amount, or date."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_FEW = 60
_LEAST_FOR_A_PART = 3
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PARTS = re.compile(r"[_\-./ ]")
_LONGEST_AMOUNT = 40
_ROUND_AN_AMOUNT = re.compile(r"(?:[A-Z]{3}|[$\u00a3\u20ac\u00a5%]|\s)+")
_AMOUNT = re.compile(r"(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,12})?\Z")
_COMMA_FOR_POINT = re.compile(r"[0-9]+,[0-9]{1,2}\Z")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?=\.)|[0-9]{1,3}(?:[' ][0-9]{3})+")
_DAY_FIRST = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})\Z")
_DAY_AND_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word most similar to ``word``; none if no word is similar."""
    import difflib  # noqa: PLC0415 - only a mistake needs it

    snake = _HUMP.sub("_", word.rpartition(":")[2].rpartition("#")[2]).replace("-", "_").lower()
    # Sorted by name, so that the choice between two equally similar words is deterministic.
    words = {name.replace("-", "_").lower(): name for name in sorted(known, reverse=True)}
    if snake in words:
        return words[snake]
    if len(words) > _FEW:
        # Comparing with hundreds of names takes milliseconds. Typing mistakes rarely change the first letter.
        words = {lower: name for lower, name in words.items() if lower[:1] == snake[:1]}
    found = difflib.get_close_matches(snake[:80], words, n=1, cutoff=0.7)
    return words[found[0]] if found else _only_part(snake, words)


def _only_part(snake: str, words: dict[str, str]) -> str | None:
    """Return production for ``prod``, client_secret_basic for ``basic``; none if several words fit."""
    if len(snake) < _LEAST_FOR_A_PART:
        return None
    found = [name for lower, name in words.items() if lower.startswith(snake) or snake in _PARTS.split(lower)]
    return found[0] if len(found) == 1 else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a hint; empty if no known word is similar."""
    found = nearest(word, known)
    return f'did you mean "{found}"?' if found else ""


def intended_amount(text: str) -> str:
    """Return the amount without currency and thousands separators; empty if it is ambiguous."""
    if len(text) > _LONGEST_AMOUNT:
        return ""
    bare = _ROUND_AN_AMOUNT.sub("", text)
    bare = _THOUSANDS.sub(lambda found: re.sub("[,' ]", "", found[0]), bare)
    if _COMMA_FOR_POINT.match(bare):
        bare = bare.replace(",", ".")
    return bare if _AMOUNT.match(bare) else ""


def intended_day(text: str) -> str:
    """Return the day in ISO 8601 order; empty if the order of its parts is ambiguous."""
    if with_time := _DAY_AND_TIME.match(text):
        return with_time[1]
    if not (found := _DAY_FIRST.match(text)):
        return ""
    try:
        return date(int(found[3]), int(found[2]), int(found[1])).isoformat()
    except ValueError:
        return ""
