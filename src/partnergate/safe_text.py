"""Makes text that another party wrote safe for a terminal, a log, an email and a spreadsheet.

A control character can move the cursor or recolor the screen, a direction mark can hide the text next to
it, and a cell that starts like a formula runs in a spreadsheet. Everything that prints such text uses one
of these functions.
"""

from __future__ import annotations

import json
import re
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""C0, C1, line separators, direction marks, and unpaired surrogates."""
_CONTROLLING = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""As above without the marks and joiners that names and amounts of right-to-left locales contain."""
_FORMULA = re.compile(
    r"[\s\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u2069\ufeff]*"
    r"[=+\-@\uff1d\uff0b\uff0d\uff20\u2212\ufe62\ufe63\ufe66\ufe6b]"
)
"""Starts of formulas, after spaces and invisible characters; spreadsheets also read full-width forms."""
_AFTER_SEMICOLON = re.compile(rf";(?={_FORMULA.pattern})")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?", re.ASCII)
_EDGES = ("\t", "\r", "\n")


def plain(text: str) -> str:
    """The text on one line, with control characters and text direction marks as escapes."""
    return text if text.isprintable() else "".join(map(_escaped, text))


def plain_lines(text: str) -> str:
    """As ``plain``, but the text may have several lines."""
    return "\n".join(map(plain, text.split("\n")))


def same_width(text: str) -> str:
    """The text on one line with ``U+FFFD`` for each character that is not printable: columns stay."""
    return text if text.isprintable() else "".join(c if c.isprintable() else "\ufffd" for c in text)


def plain_fields(value: _T) -> _T:
    """The dataclass with the control characters of every text in it as escapes, at any depth.

    For views: special spaces and the direction marks of formatted amounts stay as they are.
    """
    return _plain_value(value)  # type: ignore[no-any-return]


def json_text(value: object, *, sort_keys: bool = False, default: Callable[[Any], Any] | None = None) -> str:
    """Indented JSON for a terminal or a file; control characters and direction marks become escapes."""
    text = json.dumps(value, indent=2, sort_keys=sort_keys, default=default, ensure_ascii=False)
    return _CONTROL.sub(lambda found: found[0] if found[0] == "\n" else f"\\u{ord(found[0]):04x}", text)


def json_string(text: str) -> str:
    """One text as ``json_text`` writes it inside a larger value."""
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def spreadsheet_cell(text: str) -> str:
    """The text as a CSV cell that no spreadsheet evaluates; a plain number stays a number.

    A cell that starts like a formula, also after spaces or in full-width form, gets a leading apostrophe,
    and so does what follows a semicolon, which separates cells in many countries. Control characters
    become escapes.
    """
    if _NUMBER.fullmatch(text):
        return text
    dangerous = text.startswith(_EDGES) or _FORMULA.match(text)
    shown = _AFTER_SEMICOLON.sub(";'", _CONTROLLING.sub(_escape, text))
    return f"'{shown}" if dangerous else shown


def _escaped(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode()


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode()


def _plain_value(value: Any) -> Any:
    match value:
        case str():
            # An enumeration is our own text, and its type matters to the reader.
            return _CONTROLLING.sub(_escape, value) if type(value) is str else value
        case tuple():
            return tuple(map(_plain_value, value))
        case _ if is_dataclass(value) and not isinstance(value, type):
            changed = {f.name: _plain_value(getattr(value, f.name)) for f in fields(value)}
            return replace(value, **changed)
        case _:
            return value
