"""What a mistyped word was probably meant to be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_FEW = 60
_LEAST_FOR_A_PART = 3
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PARTS = re.compile(r"[_\-./ ]")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word nearest to ``word``, or none when none is near."""
    import difflib  # noqa: PLC0415 - only a mistake needs it

    snake = _HUMP.sub("_", word.rpartition(":")[2]).replace("-", "_").lower()
    # In the order of their names: which of two equally near words is shown is never chance.
    words = {name.replace("-", "_").lower(): name for name in sorted(known, reverse=True)}
    if snake in words:
        return words[snake]
    if len(words) > _FEW:
        # Comparing with hundreds of names takes milliseconds; a slip of the pen keeps the first letter.
        words = {lower: name for lower, name in words.items() if lower[:1] == snake[:1]}
    found = difflib.get_close_matches(snake[:80], words, n=1, cutoff=0.7)
    return words[found[0]] if found else _only_part(snake, words)


def _only_part(snake: str, words: dict[str, str]) -> str | None:
    """``prod`` for production, ``basic`` for client_secret_basic; none where several would do."""
    if len(snake) < _LEAST_FOR_A_PART:
        return None
    found = [name for lower, name in words.items() if lower.startswith(snake) or snake in _PARTS.split(lower)]
    return found[0] if len(found) == 1 else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint; empty when no known word is near."""
    found = nearest(word, known)
    return f'did you mean "{found}"?' if found else ""
