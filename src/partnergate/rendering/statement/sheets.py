"""The sheets of a PDF: head of later pages, foot with the number of pages, watermark of drafts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

if TYPE_CHECKING:
    from io import BytesIO

    from reportlab.lib.colors import Color

    from partnergate.rendering.statement.fonts import Fonts

_TOP, _BOTTOM = 20 * mm, 18 * mm
_MARK_SIZE = 64
_SMALL = 7.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What every page of one document carries."""

    title: str
    subject: str
    state: str
    mark: str
    """Across each page; empty on a finalized document."""
    fonts: Fonts
    quiet: Color
    rule: Color
    margin: float


def build_sheets(into: BytesIO, story: list[Any], sheet: Sheet) -> None:
    """Set the story on as many sheets as it needs; equal stories give equal bytes."""

    class Counted(Canvas):  # type: ignore[misc]
        """Keeps the pages until their number is known, then writes the foot of each."""

        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 - the library's name
            self._pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self._pages, start=1):
                self.__dict__.update(page)
                _foot(self, sheet, number, len(self._pages))
                super().showPage()
            super().save()

    width, height = A4
    frame = Frame(
        sheet.margin, _BOTTOM, width - 2 * sheet.margin, height - _TOP - _BOTTOM,
        leftPadding=0, rightPadding=0, topPadding=0, bottomPadding=0,
    )  # fmt: skip
    document = BaseDocTemplate(
        into,
        pagesize=A4,
        title=sheet.title,
        author="partnergate",
        subject=sheet.subject,
        lang="en",
        invariant=1,
    )
    document.addPageTemplates(PageTemplate(frames=[frame], onPage=lambda canvas, _: _ground(canvas, sheet)))
    document.build(story, canvasmaker=Counted)


def _ground(canvas: Any, sheet: Sheet) -> None:
    """Draw the watermark under the text and, on later pages, the document number in the head."""
    width, height = A4
    canvas.saveState()
    if sheet.mark:
        canvas.setFont("Helvetica-Bold", _MARK_SIZE)
        canvas.setFillColor(sheet.rule, alpha=0.35)
        canvas.translate(width / 2, height / 2)
        canvas.rotate(52)
        canvas.drawCentredString(0, -_MARK_SIZE / 3, sheet.mark)
    canvas.restoreState()
    if canvas.getPageNumber() > 1:
        canvas.saveState()
        canvas.setFillColor(sheet.quiet)
        end = _write(canvas, sheet, sheet.title, sheet.margin, height - 13 * mm)
        room = width - sheet.margin - end - 6 * mm
        subject = _cut(sheet.subject, sheet.fonts, room)
        _write(canvas, sheet, subject, width - sheet.margin - _width(subject, sheet.fonts), height - 13 * mm)
        canvas.restoreState()


def _foot(canvas: Any, sheet: Sheet, number: int, of: int) -> None:
    width, _ = A4
    canvas.saveState()
    canvas.setStrokeColor(sheet.rule)
    canvas.setLineWidth(0.4)
    canvas.line(sheet.margin, 13 * mm, width - sheet.margin, 13 * mm)
    canvas.setFillColor(sheet.quiet)
    _write(canvas, sheet, f"{sheet.title}, {sheet.state}", sheet.margin, 9 * mm)
    page = f"page {number} of {of}"
    _write(canvas, sheet, page, width - sheet.margin - _width(page, sheet.fonts), 9 * mm)
    canvas.restoreState()


def _write(canvas: Any, sheet: Sheet, text: str, x: float, y: float) -> float:
    """Write the text, each run in its font; where it ends."""
    for part, other in sheet.fonts.runs(text):
        font = sheet.fonts.east_asian if other else sheet.fonts.regular
        canvas.setFont(font, _SMALL)
        canvas.drawString(x, y, part)
        x += stringWidth(part, font, _SMALL)
    return x


def _width(text: str, fonts: Fonts) -> float:
    runs = fonts.runs(text)
    return float(sum(stringWidth(t, fonts.east_asian if far else fonts.regular, _SMALL) for t, far in runs))


def _cut(text: str, fonts: Fonts, room: float) -> str:
    """The text, shortened where it is wider than the room."""
    if _width(text, fonts) <= room:
        return text
    while text and _width(f"{text}...", fonts) > room:
        text = text[:-1]
    return f"{text}..."
