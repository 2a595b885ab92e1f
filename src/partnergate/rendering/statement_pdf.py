"""A statement as PDF on A4: the same view as text and page. Equal views give equal bytes."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from partnergate.rendering.statement_fonts import fonts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from partnergate.rendering.statement_view import CountView, LineView, StatementView

_INK = colors.HexColor("#1d2733")
_QUIET = colors.HexColor("#5a6472")
_RULE = colors.HexColor("#d5dae0")
_ALARM = colors.HexColor("#a3172b")
_MARGIN = 18 * mm
_WIDTH = A4[0] - 2 * _MARGIN - 12  # the page frame pads six points on either side


class _Styles:
    """The paragraph styles of one document."""

    def __init__(self, text: str) -> None:
        regular, bold = fonts(text)
        self.regular, self.bold = regular, bold
        self.body = ParagraphStyle("body", fontName=regular, fontSize=9, leading=12.5, textColor=_INK)
        self.quiet = ParagraphStyle("quiet", parent=self.body, fontSize=7.5, leading=10, textColor=_QUIET)
        self.alarm = ParagraphStyle("alarm", parent=self.body, textColor=_ALARM)
        self.right = ParagraphStyle("right", parent=self.body, alignment=TA_RIGHT)
        self.strong = ParagraphStyle("strong", parent=self.body, fontName=bold)
        self.strong_right = ParagraphStyle("strong_right", parent=self.strong, alignment=TA_RIGHT)
        self.head = ParagraphStyle("head", parent=self.quiet, fontName=bold)
        self.head_right = ParagraphStyle("head_right", parent=self.head, alignment=TA_RIGHT)
        self.title = ParagraphStyle("title", parent=self.strong, fontSize=16, leading=20)
        self.section = ParagraphStyle(
            "section", parent=self.strong, fontSize=10.5, leading=14, spaceBefore=10
        )


def statement_pdf(view: StatementView) -> bytes:
    """The document; its lines go on over as many pages as they need, under a repeated head."""
    styles = _Styles(_all_text(view))
    into = io.BytesIO()
    document = SimpleDocTemplate(
        into,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=16 * mm,
        bottomMargin=18 * mm,
        title=f"{view.title} {view.number}",
        author="partnergate",
        subject=f"{view.name}, {view.period}",
        invariant=1,
    )
    story = [*_head(view, styles), _lines(view, styles), *_sections(view, styles)]

    def foot(canvas: Any, _document: Any) -> None:
        canvas.saveState()
        canvas.setFont(styles.regular, 7)
        canvas.setFillColor(_QUIET)
        canvas.drawString(_MARGIN, 10 * mm, f"{view.title} {view.number}  {view.state}")
        canvas.drawRightString(A4[0] - _MARGIN, 10 * mm, f"page {canvas.getPageNumber()}")
        canvas.restoreState()

    document.build(story, onFirstPage=foot, onLaterPages=foot)
    return into.getvalue()


def _head(view: StatementView, styles: _Styles) -> list[Any]:
    title = Table(
        [[_p(f"{view.title} {view.number}", styles.title), _p(view.state.upper(), styles.strong_right)]],
        colWidths=[_WIDTH * 0.75, _WIDTH * 0.25],
        style=[
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ],
    )
    facts = [
        title,
        _p(f"{view.name} ({view.partner}), {view.environment}", styles.body),
        _p(f"{view.period}, every {view.cycle}", styles.body),
        _p(view.state_words, styles.quiet),
    ]
    facts += [_p(f"Incomplete: {why}", styles.alarm) for why in view.incomplete]
    if view.override:
        facts.append(_p(view.override, styles.alarm))
    return [*facts, Spacer(1, 5 * mm)]


def _lines(view: StatementView, styles: _Styles) -> Table:
    head = [
        ("#", True),
        ("Line", False),
        ("Kind", False),
        ("Quantity", True),
        ("Included", True),
        ("Amount", True),
    ]
    rows = [[_p(text, styles.head_right if right else styles.head) for text, right in head]]
    rows += [_line(line, styles) for line in view.lines]
    first_sum = len(rows)
    sums = [("Subtotal", view.subtotal), ("Tax", view.tax)] if view.tax else []
    rows += [["", _p(name, styles.body), "", "", "", _p(amount, styles.right)] for name, amount in sums]
    total = f"Total ({view.currency})"
    rows.append(["", _p(total, styles.strong), "", "", "", _p(view.total, styles.strong_right)])
    widths = [8 * mm, 0, 22 * mm, 27 * mm, 20 * mm, 30 * mm]
    widths[1] = _WIDTH - sum(widths)
    return Table(
        rows,
        colWidths=widths,
        repeatRows=1,
        style=TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LINEBELOW", (0, 0), (-1, first_sum - 1), 0.4, _RULE),
                ("LINEABOVE", (0, -1), (-1, -1), 1, _INK),
                ("LEFTPADDING", (0, 0), (-1, -1), 2),
                ("RIGHTPADDING", (0, 0), (-1, -1), 2),
                ("TOPPADDING", (0, 0), (-1, -1), 3),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
            ]
        ),
    )


def _line(line: LineView, styles: _Styles) -> list[Any]:
    details = [*line.steps, line.span, line.facts, line.terms]
    words = [_p(line.name, styles.strong), *(_p(d, styles.quiet) for d in details if d)]
    return [
        _p(str(line.number), styles.right),
        words,
        _p(line.kind, styles.body),
        _p(line.quantity, styles.right),
        _p(line.included, styles.right),
        _p(line.amount, styles.right),
    ]


def _sections(view: StatementView, styles: _Styles) -> list[Any]:
    parts: list[Any] = []
    if view.shares or view.share_corrections:
        rows = [(name, base, partner) for s in view.shares for name, base, partner in s.lines]
        rows += [(s.title, s.base, s.partner) for s in view.shares]
        rows += [(title, "", amount) for title, amount in view.share_corrections]
        rows.append(("Owed to the partner", "", view.share_total))
        table = _table(("Line", "Base", "Partner"), rows, (0.5, 0.25, 0.25), styles, right=(1, 2))
        parts.append(_section("Revenue share, not taken off the total", [table], styles))
    for title, counts in (
        ("Of this partner, and not billed", view.excluded),
        ("Of nobody, in the whole environment", view.unattributed),
    ):
        if counts:
            parts.append(_section(title, [_counts(counts, styles)], styles))
    parts.append(_section("Rules", [_table((), view.rules, (0.4, 0.6), styles)], styles))
    terms = [_p(t, styles.body) for t in view.terms]
    parts.append(
        _section(
            "Terms",
            [*terms, _p(f"partner file {view.source}", styles.quiet), _p(view.instants, styles.quiet)],
            styles,
        )
    )
    if view.seal:
        parts.append(_section("Seal", [_table((), view.seal, (0.22, 0.78), styles)], styles))
    return parts


def _counts(counts: Iterable[CountView], styles: _Styles) -> Table:
    rows = [(c.count, f"{c.reason}, {c.of}" if c.of else c.reason, c.rule) for c in counts]
    return _table(("Number", "Reason", "Rule"), rows, (0.12, 0.3, 0.58), styles, right=(0,))


def _section(title: str, content: Sequence[Any], styles: _Styles) -> KeepTogether:
    return KeepTogether([_p(title, styles.section), Spacer(1, 1 * mm), *content])


def _table(
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    shares: Sequence[float],
    styles: _Styles,
    *,
    right: Sequence[int] = (),
) -> Table:
    def cells(row: Sequence[str], usual: ParagraphStyle, to_right: ParagraphStyle) -> list[Paragraph]:
        return [_p(text, to_right if at in right else usual) for at, text in enumerate(row)]

    content = [cells(head, styles.head, styles.head_right)] if head else []
    content += [cells(row, styles.body, styles.right) for row in rows]
    return Table(
        content,
        colWidths=[_WIDTH * share for share in shares],
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.3, _RULE),
            ("LEFTPADDING", (0, 0), (-1, -1), 2),
            ("RIGHTPADDING", (0, 0), (-1, -1), 2),
            ("TOPPADDING", (0, 0), (-1, -1), 1.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
        ],
    )


def _p(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(text), style)


def _all_text(view: StatementView) -> str:
    parts = [view.name, view.total, view.state_words, *(view.incomplete), view.override]
    for line in view.lines:
        parts += [line.name, line.amount, line.quantity, *line.steps]
    parts += [count.of for count in view.excluded]
    return "".join(parts)
