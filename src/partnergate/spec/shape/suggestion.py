"""What a mistyped word was probably meant to be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_FEW = 60
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word nearest to ``word``, or none when none is near."""
    import difflib  # noqa: PLC0415 - only a mistake needs it

    words = list(known)
    snake = _HUMP.sub("_", word).replace("-", "_").lower()
    if snake in words:
        return snake
    if len(words) > _FEW:
        # Comparing with hundreds of names takes milliseconds; a slip of the pen keeps the first letter.
        words = [name for name in words if name[:1].lower() == snake[:1]]
    found = difflib.get_close_matches(snake[:80], words, n=1, cutoff=0.7)
    return found[0] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint; empty when no known word is near."""
    found = nearest(word, known)
    return f'did you mean "{found}"?' if found else ""
