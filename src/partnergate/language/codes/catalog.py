"""Every diagnostic code with its title, its severity, and whether it can be waived.

A code is one page, ``pages/<code>.md``. Its heading is the title, and the line below it states the severity.
The meaning of a code never changes, and a code is never reused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from partnergate.diagnostics import Severity

_PAGES = Path(__file__).with_name("pages")
_NAME = re.compile(r"PG[0-9]{3}\Z")
_HEAD = re.compile(
    r"# (?P<code>PG[0-9]{3}): (?P<title>.+)\n\n"
    r"Severity: (?P<severity>error|warning)\.(?P<waivable> A waiver can lower it to a note\.)?\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One stable code."""

    code: str
    title: str
    severity: Severity = Severity.ERROR
    waivable: bool = False
    """Whether ``waivers`` in a partner file can lower it to a note."""


def page(code: str) -> str:
    """Return the Markdown page of a code. Raises ``KeyError`` if the code does not exist."""
    if not _NAME.match(code):
        raise KeyError(code)
    try:
        return (_PAGES / f"{code}.md").read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise KeyError(code) from error


def parsed_page(code: str, text: str) -> Code:
    """Return the code that its page describes. Raises ``ValueError`` if the page is malformed."""
    head = _HEAD.match(text)
    if head is None or head["code"] != code:
        raise ValueError(f"{code}.md must start with its code, a title, and its severity")
    return Code(
        code=code,
        title=head["title"],
        severity=Severity(head["severity"]),
        waivable=head["waivable"] is not None,
    )


class _Catalog(Mapping[str, Code]):
    """The codes in order. Each page is read when its code is first used, so that startup reads none."""

    def __init__(self) -> None:
        self._read: dict[str, Code] = {}

    def __getitem__(self, code: str) -> Code:
        if code not in self._read:
            self._read[code] = parsed_page(code, page(code))
        return self._read[code]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(file.stem for file in _PAGES.iterdir() if _NAME.match(file.stem)))

    def __len__(self) -> int:
        return sum(1 for _ in self)


CODES: Mapping[str, Code] = _Catalog()
"""Every code by name, in order."""
