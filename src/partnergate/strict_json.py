"""Decodes JSON that another party wrote: bounded, without duplicate keys, and only valid Unicode.

Python's decoder accepts duplicate keys (the last one wins, other readers see the first), ``NaN``, numbers
that take minutes to expand, and unpaired surrogates. Every file that crosses a trust boundary is decoded
here, so that all readers see one meaning. Each error names the line and the path of the value.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from partnergate.safe_text import plain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
"""A string that is not closed reaches to the end of the text, so that the scan stays linear."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_NUMBER = re.compile(r"-?[0-9]")
_SHOWN = 60
_SEARCHED = 1_000_000
"""Tokens in which the place of a violation is looked for, about two seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The largest document that is decoded."""

    size: int = 64 * 2**20
    """Bytes."""
    depth: int = 64
    """Objects and lists inside each other."""
    number: int = 64
    """Characters of one number."""
    fractions: bool = True
    """Whether numbers may have a fraction or an exponent; canonical JSON writes them as strings."""


LIMITS = Limits()
EXACT_LIMITS = Limits(size=32 * 2**20, fractions=False)
"""For statements and other canonical JSON."""


class StrictJsonError(ValueError):
    """The text is not JSON that all readers understand in the same way."""

    def __init__(self, what: str, *, line: int, where: str = "") -> None:
        self.what, self.line, self.where = what, line, where
        super().__init__(f"line {line}{f', {where}' if where else ''}: {what}")


class _Refused(ValueError):  # noqa: N818 - never leaves this module
    """The fast pass found something; the scanner describes it."""


def read_limited(file: Path, limits: Limits = LIMITS) -> bytes:
    """Return the content of a file, or just enough of a larger one for ``decode_json`` to refuse it."""
    with file.open("rb") as opened:
        return opened.read(limits.size + 1)


def decode_json(content: bytes | str, limits: Limits = LIMITS) -> Any:
    """Return the value of a JSON text in UTF-8.

    Raises ``StrictJsonError`` for duplicate keys, ``NaN`` and infinities, unpaired surrogates, invalid
    UTF-8, a byte order mark, and documents beyond ``limits``. The time is linear in the size.
    """
    text = _text(content, limits)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_int=lambda number: int(_bounded(number, limits)),
            parse_float=lambda number: _finite(number, limits),
            parse_constant=_refused,
        )
        _check_depth(value, limits.depth)
        if "\\u" in text:
            _check_strings(value)
    except json.JSONDecodeError as error:
        raise _first_problem(text, limits) or StrictJsonError(
            error.msg[:1].lower() + error.msg[1:], line=error.lineno
        ) from None
    except (_Refused, RecursionError):
        far = StrictJsonError(f"invalid value after the first {_SEARCHED:,} tokens", line=1)
        raise _first_problem(text, limits) or far from None
    return value


def _text(content: bytes | str, limits: Limits) -> str:
    if len(content) > limits.size:
        raise StrictJsonError(f"more than {limits.size:,} bytes", line=1)
    text = content if isinstance(content, str) else _decoded(content)
    if text.startswith("\ufeff"):
        raise StrictJsonError("byte order mark; save the file as UTF-8 without one", line=1)
    if (found := _SURROGATE.search(text)) is not None:
        raise StrictJsonError("unpaired surrogate", line=text.count("\n", 0, found.start()) + 1)
    return text


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise StrictJsonError(f"invalid UTF-8: byte 0x{content[error.start]:02x}", line=line) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Refused
    return found


def _bounded(number: str, limits: Limits) -> str:
    if len(number) > limits.number:
        raise _Refused
    return number


def _finite(number: str, limits: Limits) -> float:
    if not limits.fractions or not math.isfinite(found := float(_bounded(number, limits))):
        raise _Refused
    return found


def _refused(_constant: str) -> Any:
    raise _Refused


def _children(value: Any) -> Any:
    return value.values() if isinstance(value, dict) else value


def _check_depth(value: Any, most: int) -> None:
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(most):
        if not level:
            return
        level = [inner for outer in level for inner in _children(outer) if isinstance(inner, (dict, list))]
    if level:
        raise _Refused


def _check_strings(value: Any) -> None:
    open_values = [value]
    while open_values:
        one = open_values.pop()
        if isinstance(one, str):
            if _SURROGATE.search(one):
                raise _Refused
        elif isinstance(one, dict):
            open_values += (*one, *one.values())
        elif isinstance(one, list):
            open_values += one


@dataclass(slots=True)
class _Open:
    """An object or list that is not closed yet."""

    is_object: bool
    keys: set[str]
    step: str | int
    """The current key or index."""
    at_key: bool


def _first_problem(text: str, limits: Limits) -> StrictJsonError | None:
    """The first violation in the order of the text; none for a syntax error, and for one far behind."""
    outer: list[_Open] = []
    for found in islice(_TOKEN.finditer(text), _SEARCHED):
        what = _problem(found[0], outer, limits)
        if what:
            return StrictJsonError(what, line=text.count("\n", 0, found.start()) + 1, where=_path(outer))
    return None


def _problem(token: str, outer: list[_Open], limits: Limits) -> str:
    """What is wrong with a token, or nothing; ``outer`` follows the nesting."""
    inside = outer[-1] if outer else None
    match token:
        case "{" | "[":
            outer.append(_Open(token == "{", set(), 0 if token == "[" else "", token == "{"))  # noqa: S105
            return f"more than {limits.depth} levels of nesting" if len(outer) > limits.depth else ""
        case "}" | "]":
            outer[-1:] = []
        case ",":
            if inside is not None and isinstance(inside.step, int):
                inside.step += 1
            elif inside is not None:
                inside.at_key = True
        case ":":
            pass
        case _ if token.startswith('"'):
            return _string_problem(token, inside)
        case _:
            return _number_problem(token, limits)
    return ""


def _string_problem(token: str, inside: _Open | None) -> str:
    try:
        value = str(json.loads(token))
    except ValueError:
        return ""
    repeated = False
    if inside is not None and inside.at_key:
        inside.step, inside.at_key = value, False
        repeated = value in inside.keys
        inside.keys.add(value)
    if _SURROGATE.search(value):
        return "unpaired surrogate"
    return "duplicate key" if repeated else ""


def _number_problem(token: str, limits: Limits) -> str:
    if token in {"NaN", "Infinity", "-Infinity"}:
        return f"{token} is not a JSON number"
    if not _NUMBER.match(token):
        return ""
    shown = token if len(token) <= _SHOWN else f"{token[:_SHOWN]}…"
    if len(token) > limits.number:
        return f"number with more than {limits.number} characters: {shown}"
    try:
        finite = math.isfinite(float(token))
    except ValueError:
        return ""
    if not limits.fractions and not token.removeprefix("-").isdigit():
        return f"the number {shown} is not a string"
    return "" if finite else f"number out of range: {shown}"


def _path(outer: list[_Open]) -> str:
    return "".join(_steps(outer)).removeprefix(".")[:200]


def _steps(outer: list[_Open]) -> Iterator[str]:
    for one in outer:
        if isinstance(one.step, int):
            yield f"[{one.step}]"
        elif one.step or one.keys:
            yield f".{plain(one.step)}"
