"""Decodes the bytes of a file. Everything after this step works on bounded, printable text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from partnergate.diagnostics import Span

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from partnergate.language.report import Report

SIZE_LIMIT = 256 * 1024
"""Size limit in bytes. The largest partner files, with years of agreements, use a tenth of it."""

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")
_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f\u205f]")
_INVISIBLE = re.compile("[\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\u00ad]")

_DELETE = "delete it: reviewers cannot see it"


def hidden_character(value: str) -> str:
    """Describe the first character of a value that reviewers cannot see, such as ``U+202E``; or empty."""
    if value.isprintable():
        return ""
    found = _FORBIDDEN.search(value) or _INVISIBLE.search(value)
    return f"U+{ord(found[0]):04X}" if found else ""


def _place(text: str, offset: int, file: PurePosixPath) -> Span:
    line = text.count("\n", 0, offset) + 1
    column = offset - (text.rfind("\n", 0, offset) + 1) + 1
    return Span(file=file, line=line, column=column, end_column=column + 1)


def decoded(content: bytes, file: PurePosixPath, report: Report, *, limit: int = SIZE_LIMIT) -> str | None:
    """Return the text; none after reporting why the file cannot be decoded. ``limit`` is in bytes."""
    if len(content) > limit:
        report.add(
            "PG003",
            Span(file=file),
            f"the file has {len(content):,} bytes; the limit is {limit:,}",
            "move content that does not belong to this partner to other files",
        )
        return None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", errors="replace")
        report.add(
            "PG001",
            _place(before, len(before), file),
            f"the file is not valid UTF-8: byte 0x{content[error.start]:02x}",
            "save the file as UTF-8",
        )
        return None
    text = text.removeprefix("\ufeff")
    if not text.isascii() or not text.isprintable():
        for pattern, what, hint in (
            (_FORBIDDEN, "control character", _DELETE),
            (_INVISIBLE, "invisible character", _DELETE),
            (_SPACES, "space that YAML does not recognize,", "replace it with an ordinary space"),
        ):
            if found := pattern.search(text):
                report.add(
                    "PG002",
                    _place(text, found.start(), file),
                    f"{what} U+{ord(found[0]):04X}",
                    hint,
                )
                return None
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
