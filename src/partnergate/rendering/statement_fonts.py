"""Which fonts a PDF is set in: those that come with the PDF library, wider ones where the text needs them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFError, TTFont

_BUNDLED = ("Vera.ttf", "VeraBd.ttf")
_WIDER = (
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
)
_PLACES = (Path("/usr/share/fonts/truetype/dejavu"), Path("/usr/share/fonts/truetype/liberation"))
_EAST_ASIAN = "HeiseiKakuGo-W5"


def fonts(text: str) -> tuple[str, str]:
    """Names of a regular and a bold font that have every character of the text, as far as one is at hand."""
    needed = {ord(c) for c in text if c.isprintable() and not c.isspace()}
    for regular, bold in (_BUNDLED, *_WIDER):
        found = _pair(regular, bold)
        if found is not None and needed <= _characters(regular):
            return found
    if any(0x3000 <= code <= 0x9FFF or 0xFF00 <= code <= 0xFFEF for code in needed):  # noqa: PLR2004 - CJK
        return _cid(), _cid()
    return _pair(*_WIDER[0]) or _pair(*_BUNDLED) or ("Helvetica", "Helvetica-Bold")


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


@lru_cache(maxsize=1)
def _cid() -> str:
    pdfmetrics.registerFont(UnicodeCIDFont(_EAST_ASIAN))
    return _EAST_ASIAN
