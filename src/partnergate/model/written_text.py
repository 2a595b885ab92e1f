"""Text that another party writes: its limits, and the characters that it may contain.

Control characters can act on a terminal. Marks of text direction and characters without a width can make
a text look like another one (Unicode Technical Report 36). ``cleaned`` removes them when text arrives.
``visible`` shows them when text that was not cleaned is displayed.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from partnergate.errors import UsageError

_JOINERS = "\u200c\u200d"
"""Without a width, but part of the spelling between two letters, as in Persian and Hindi."""
_LINE_ENDS = {"\r\n": "\n", "\r": "\n", "\u2028": "\n", "\u2029": "\n", "\x85": "\n"}
_REFUSED = frozenset(["Cc", "Cf", "Cs", "Co", "Cn"])
_LETTERS = frozenset(["Lo", "Mn", "Mc"])
_SELECTORS = ((0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(code) for first, last in _SELECTORS for code in range(first, last + 1)
}
"""Letters and marks without a shape: Default_Ignorable_Code_Point of the Unicode Character Database, and
the blank Braille pattern."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLimits:
    """The limits of one kind of text."""

    characters: int
    lines: int = 1


MESSAGE = TextLimits(characters=4000, lines=100)
"""A message to the other party."""
NAME = TextLimits(characters=200)
"""The name of a user."""


def cleaned(text: str, limits: TextLimits, what: str) -> str:
    """Return the text without surrounding space and without characters that a reader cannot see.

    Raises ``UsageError`` when it exceeds the limits; ``what`` names the text in the message.
    """
    for old, new in _LINE_ENDS.items():
        text = text.replace(old, new)
    found = "".join(c for place, c in enumerate(text) if not _hidden(text, place)).strip()
    if limits.lines == 1:
        found = " ".join(found.split())
    if len(found) > limits.characters:
        raise UsageError(f"the {what} is longer than {limits.characters:,} characters")
    if found.count("\n") >= limits.lines:
        raise UsageError(f"the {what} has more than {limits.lines} lines")
    return found


def visible(text: str) -> str:
    """Return the text with a code such as ``[U+202E]`` for each character that ``cleaned`` removes."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(f"[U+{ord(c):04X}]" if _hidden(text, place) else c for place, c in enumerate(text))


def _hidden(text: str, place: int) -> bool:
    character = text[place]
    if character in _BLANK:
        return True
    if character in "\n\t" or unicodedata.category(character) not in _REFUSED:
        return False
    around = text[max(0, place - 1) : place] + text[place + 1 : place + 2]
    joins = character in _JOINERS and len(around) == 2 and _are_letters(around)  # noqa: PLR2004 - both sides
    return not joins


def _are_letters(characters: str) -> bool:
    return all(unicodedata.category(c) in _LETTERS for c in characters)
