"""The fonts of a PDF: those of the PDF library, or installed fonts for other scripts.

Fonts are embedded, so that the file looks the same everywhere. If no installed font has the characters of
an East Asian text, the PDF refers to a font that the PDF viewer must provide.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from babel import Locale
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

_BUNDLED = ("Vera.ttf", "VeraBd.ttf")
_WIDER = (
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
)
_EAST_ASIAN = ("DroidSansFallbackFull.ttf", "wqy-zenhei.ttc", "ipaexg.ttf", "VL-PGothic-Regular.ttf")
_PLACES = tuple(
    Path("/usr/share/fonts") / kind / name
    for kind, name in (
        ("truetype", "dejavu"),
        ("truetype", "liberation"),
        ("truetype", "droid"),
        ("truetype", "wqy"),
        ("opentype", "ipaexfont-gothic"),
        ("truetype", "vlgothic"),
    )
)
_NOT_IN_THE_FILE = "HeiseiKakuGo-W5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fonts:
    """Names of the fonts of one document."""

    regular: str
    bold: str
    east_asian: str
    """For the runs of characters that the others do not have; empty when there are none."""

    def runs(self, text: str) -> Iterator[tuple[str, bool]]:
        """The text in pieces, each with whether it is set in the East Asian font."""
        for other, part in groupby(text, key=lambda c: bool(self.east_asian) and _is_east_asian(ord(c))):
            yield "".join(part), other


def fonts(text: str) -> Fonts:
    """Fonts that have every character of the text, as far as there are any at hand."""
    needed = {ord(c) for c in text if c.isprintable() and not c.isspace()}
    far = {code for code in needed if _is_east_asian(code)}
    east_asian = _east_asian(far) if far else ""
    pairs = [found for names in (_BUNDLED, *_WIDER) if (found := _pair(*names)) is not None]
    fitting = (pair for pair in pairs if needed - far <= _characters(pair[0]))
    regular, bold = next(fitting, None) or _pair(*_WIDER[0]) or pairs[0]
    return Fonts(regular=regular, bold=bold, east_asian=east_asian)


def is_left_to_right(locale: str) -> bool:
    """Whether amounts of the locale can be set; signs of direction inside them have no glyph."""
    return Locale.parse(locale).text_direction == "ltr"


def _is_east_asian(code: int) -> bool:
    return 0x2E80 <= code <= 0x9FFF or 0xAC00 <= code <= 0xD7AF or 0xFF00 <= code <= 0xFFEF  # noqa: PLR2004


def _east_asian(needed: AbstractSet[int]) -> str:
    """The installed font that has most of the characters; where there is none, one of the reader's own."""
    found = [name for name in _EAST_ASIAN if _pair(name, name) is not None]
    if found:
        return max(found, key=lambda name: len(needed & _characters(name)))
    pdfmetrics.registerFont(UnicodeCIDFont(_NOT_IN_THE_FILE))
    return _NOT_IN_THE_FILE


@lru_cache(maxsize=16)
def _pair(regular: str, bold: str) -> tuple[str, str] | None:
    try:
        for name in (regular, bold):
            pdfmetrics.registerFont(TTFont(name, _path(name)))
    except (TTFError, OSError):
        return None
    return regular, bold


def _path(name: str) -> str:
    return next((str(place / name) for place in _PLACES if (place / name).is_file()), name)


@lru_cache(maxsize=16)
def _characters(name: str) -> frozenset[int]:
    return frozenset(pdfmetrics.getFont(name).face.charToGlyph)
