"""Visual order of text for the PDF: letters joined, right-to-left runs reversed.

The PDF library prints characters from left to right in the order of the string. This module implements the
Unicode bidirectional algorithm (UAX #9) for one line without directional controls, which partner files
cannot contain. Comments name its rules by number. Wrapped text is reordered as one line.
"""

from __future__ import annotations

import unicodedata
from itertools import groupby
from typing import Final

from arabic_reshaper import reshape

_RIGHT: Final = frozenset({"R", "AL", "AN"})
_STRONG: Final = frozenset({"L", "R", "AL"})
_LEVELS: Final = {"L": 0, "R": 1, "EN": 2, "AN": 2}
"""I1, in a document that runs from left to right."""
_MIRRORED: Final = dict(zip("()[]{}<>«»", ")(][}{><»«", strict=True))


def set_from_left(text: str) -> str:
    """The characters in the order in which they are drawn; a text of one direction is left as it is."""
    if not any(unicodedata.bidirectional(c) in _RIGHT for c in text):
        return text
    shown = reshape(text)
    kinds = [unicodedata.bidirectional(c) or "ON" for c in shown]
    levels = [_LEVELS[kind] for kind in _resolved(kinds, shown)]
    mirrored = (_MIRRORED.get(c, c) if level % 2 else c for c, level in zip(shown, levels, strict=True))
    return "".join(_turned(list(mirrored), levels))


def _resolved(kinds: list[str], letters: str) -> list[str]:
    """W1 to W7 and N0 to N2: every character is L, R, EN or AN."""
    found = _weak(kinds)
    for opening, closing in _pairs(letters):
        inside = {_side(kind) for kind in found[opening + 1 : closing] if kind in _LEVELS}
        before = next((_side(kind) for kind in reversed(found[:opening]) if kind in _LEVELS), "L")
        if inside:
            found[opening] = found[closing] = "L" if "L" in inside else before
    at = 0
    for neutral, run in groupby(list(found), key=lambda kind: kind not in _LEVELS):
        length = len(list(run))
        if neutral:
            before = _side(found[at - 1]) if at else "L"
            after = _side(found[at + length]) if at + length < len(found) else "L"
            found[at : at + length] = [before if before == after else "L"] * length
        at += length
    return found


def _weak(kinds: list[str]) -> list[str]:
    found: list[str] = []
    strong = "L"
    for given in kinds:
        kind = given if given != "NSM" else found[-1] if found else "L"  # W1
        found.append("AN" if kind == "EN" and strong == "AL" else kind)  # W2
        if kind in _STRONG:
            strong = kind
    found = ["R" if kind == "AL" else kind for kind in found]  # W3
    for at in range(1, len(found) - 1):  # W4
        around = {found[at - 1], found[at + 1]}
        if (found[at] in {"ES", "CS"} and around == {"EN"}) or (found[at] == "CS" and around == {"AN"}):
            found[at] = found[at - 1]
    at = 0
    for kind, run in groupby(list(found)):  # W5
        length = len(list(run))
        if kind == "ET" and "EN" in (found[at - 1 : at] + found[at + length : at + length + 1]):
            found[at : at + length] = ["EN"] * length
        at += length
    strong = "L"
    for at, kind in enumerate(found):  # W6, W7
        if kind in {"ES", "ET", "CS"}:
            found[at] = "ON"
        elif kind == "EN" and strong == "L":
            found[at] = "L"
        if kind in _STRONG:
            strong = kind
    return found


def _pairs(letters: str) -> list[tuple[int, int]]:
    """The places of brackets that belong together, by the opening one."""
    found, opened = [], list[int]()
    for at, letter in enumerate(letters):
        if letter in "([{":
            opened.append(at)
        elif letter in ")]}":
            fitting = [n for n, place in enumerate(opened) if _MIRRORED[letters[place]] == letter]
            if fitting:
                found.append((opened[fitting[-1]], at))
                del opened[fitting[-1] :]
    return sorted(found)


def _side(kind: str) -> str:
    return "L" if kind == "L" else "R"


def _turned(letters: list[str], levels: list[int]) -> list[str]:
    """L2: from the highest level down to 1, every run of that level or a higher one is turned."""
    for level in range(max(levels), 0, -1):
        at = 0
        for high, run in groupby([other >= level for other in levels]):
            length = len(list(run))
            if high:
                letters[at : at + length] = letters[at : at + length][::-1]
                levels[at : at + length] = levels[at : at + length][::-1]
            at += length
    return letters
