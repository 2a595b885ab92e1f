"""The layout of a partner's text file: its encoding, its separator, and the row that names the columns."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from partnergate.statements.reconciliation.column_names import is_column_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SEPARATORS: Final = ",;\t|"
_LINES: Final = 50
"""The head is searched in so many lines."""
_LONGEST: Final = 65_536
_PIECE: Final = 1 << 20
_NULS: Final = 0.3
"""More than this share of zero bytes at even or odd places is UTF-16."""
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_TOTAL = re.compile(
    r"(grand |sub)?totals?|sum|summe|(gesamt|end|zwischen)summe|gesamt|insgesamt|total g[eé]n[eé]ral"
    r"|totale?|somme|suma|totaal"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the columns of a file are named."""

    separator: str
    head: tuple[str, ...]
    line: int
    """The last line of the head; the first line of the file is 1."""


def layout_of(lines: Sequence[str]) -> Layout | None:
    """Return the layout of a file by its first lines; None if they are blank.

    The head is the first row as wide as most rows are, without numbers; of several, the one with the most
    names that columns usually have. Titles above it are passed over. Raises ``csv.Error``.
    """
    stated = _stated_separator(lines[0]) if lines else ""
    separator = stated or _separator(lines)
    reader = csv.reader(lines, delimiter=separator)
    rows: list[tuple[int, tuple[str, ...]]] = []
    try:
        for row in reader:
            if any(c.strip() for c in row) and not (stated and reader.line_num == 1):
                rows.append((reader.line_num, tuple(c.strip() for c in row)))  # noqa: PERF401 - up to an error
    except csv.Error:
        if not rows:
            raise
    if not rows:
        return None
    line, head = _head(rows)
    return Layout(separator=separator, head=head, line=line)


def is_total(text: str) -> bool:
    """Whether the cell is a word for a total, such as ``Total`` or ``Summe:``."""
    return _TOTAL.fullmatch(text.strip().rstrip(":").strip().casefold()) is not None


def encoding_of(content: bytes) -> str:
    """Return the encoding of the byte order mark, or the first in which the content is text."""
    for mark, name in _BOMS:
        if content.startswith(mark):
            return name
    start = content[: 2 * _LONGEST]
    half = len(start) // 2
    if half and start[1::2].count(0) > half * _NULS:
        return "utf-16-le"
    if half and start[0::2].count(0) > half * _NULS:
        return "utf-16-be"
    for name in ("utf-8", "cp1252"):
        if _decodes(content, name):
            return name
    return "latin-1"


def first_lines(content: bytes, encoding: str) -> tuple[str, ...]:
    """Return the first lines of a text, each cut at 64 Ki characters."""
    with io.TextIOWrapper(io.BytesIO(content), encoding=encoding, errors="replace", newline="") as text:
        return tuple(islice(_lines(text), _LINES))


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    while line := text.readline(_LONGEST):
        yield line


def _decodes(content: bytes, name: str) -> bool:
    """Whether the content is text in the encoding. Decodes piece by piece."""
    decoder = codecs.getincrementaldecoder(name)()
    try:
        for start in range(0, len(content), _PIECE):
            decoder.decode(content[start : start + _PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _stated_separator(line: str) -> str:
    """Return the separator of a line such as ``sep=;``, which spreadsheets write and read."""
    found = re.fullmatch(r"\"?sep=([^\"\r\n])\"?[;,\t|]*", line.strip("\r\n"), re.IGNORECASE)
    return found[1] if found else ""


def _separator(lines: Sequence[str]) -> str:
    """Return the separator that gives the most rows the same width."""

    def fit(separator: str) -> tuple[int, int]:
        widths: Counter[int] = Counter()
        with suppress(csv.Error):
            widths.update(len(r) for r in csv.reader(lines, delimiter=separator) if len(r) > 1)
        width, count = max(widths.items(), key=lambda x: (x[1], x[0]), default=(0, 0))
        return count, width

    return max(_SEPARATORS, key=fit)


def _head(rows: Sequence[tuple[int, tuple[str, ...]]]) -> tuple[int, tuple[str, ...]]:
    filled = [sum(map(bool, row)) for _, row in rows]
    width = max(Counter(filled).items(), key=lambda x: (x[1], x[0]))[0]
    fitting = [
        (line, row)
        for (line, row), count in zip(rows, filled, strict=True)
        if count >= width and not any(re.match(r"[-+(]?[0-9]", cell) for cell in row)
    ]
    if not fitting:
        return rows[0]
    return max(fitting, key=lambda x: sum(map(is_column_name, x[1])))
