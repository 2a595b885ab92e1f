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
from reportlab.platypus import KeepTogether, Paragraph, Spacer, Table, TableStyle

from partnergate.rendering.statement.direction import set_from_left
from partnergate.rendering.statement.fonts import fonts
from partnergate.rendering.statement.sheets import Sheet, build_sheets
from partnergate.rendering.stylesheets import paper_colors

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from partnergate.rendering.statement.view import CountView, LineView, StatementView

_COLORS = {name: colors.HexColor(value) for name, value in paper_colors().items()}
_INK, _QUIET, _RULE, _ALARM = (_COLORS[name] for name in ("ink", "quiet", "line", "bad"))
_STATES = {"finalized": _COLORS["good"], "void": _ALARM}
_MARGIN = 18 * mm
_WIDTH = A4[0] - 2 * _MARGIN
_MOST_STEPS = 20
"""Of a line in one row of the table; a row never breaks over a page."""
_LONG = 12
"""A section of more rows than this may begin on one page and continue on the next."""


class _Styles:
    """The paragraph styles of one document."""

    def __init__(self, text: str) -> None:
        self.fonts = fonts(text)
        regular, bold = self.fonts.regular, self.fonts.bold
        self.body = ParagraphStyle("body", fontName=regular, fontSize=9, leading=12.5, textColor=_INK)
        self.quiet = ParagraphStyle("quiet", parent=self.body, fontSize=7.5, leading=10, textColor=_QUIET)
        self.alarm = ParagraphStyle("alarm", parent=self.body, textColor=_ALARM)
        self.right = ParagraphStyle("right", parent=self.body, alignment=TA_RIGHT)
        self.right_alarm = ParagraphStyle("right_alarm", parent=self.right, textColor=_ALARM)
        self.strong = ParagraphStyle("strong", parent=self.body, fontName=bold)
        self.strong_right = ParagraphStyle("strong_right", parent=self.strong, alignment=TA_RIGHT)
        self.head = ParagraphStyle("head", parent=self.quiet, fontName=bold)
        self.head_right = ParagraphStyle("head_right", parent=self.head, alignment=TA_RIGHT)
        self.title = ParagraphStyle("title", parent=self.strong, fontSize=16, leading=20)
        self.amount = ParagraphStyle("amount", parent=self.strong, fontSize=12, leading=15)
        self.section = ParagraphStyle(
            "section", parent=self.strong, fontSize=10.5, leading=14, spaceBefore=10, keepWithNext=1
        )

    def text(self, text: str, style: ParagraphStyle) -> Paragraph:
        """A paragraph; characters of East Asia are set in a font that has them, and break anywhere."""
        text = set_from_left(text)
        runs = list(self.fonts.runs(text))
        if not any(other for _, other in runs):
            return Paragraph(escape(text), style)
        marked = "".join(
            f'<font name="{self.fonts.east_asian}">{escape(part)}</font>' if other else escape(part)
            for part, other in runs
        )
        return Paragraph(marked, ParagraphStyle(style.name, parent=style, wordWrap="CJK"))


def statement_pdf(view: StatementView) -> bytes:
    """Return the document. Its lines fill as many pages as necessary, under a repeated head."""
    styles = _Styles("".join(map(set_from_left, _texts(view))))
    into = io.BytesIO()
    sheet = Sheet(
        title=f"{view.title} {view.number}",
        subject=f"{view.name}, {view.period}",
        state=view.state + (", incomplete" if view.incomplete else ""),
        mark="" if view.state == "finalized" else "VOID" if view.state == "void" else "NOT FINAL",
        fonts=styles.fonts,
        quiet=_QUIET,
        rule=_RULE,
        margin=_MARGIN,
    )
    build_sheets(into, [*_head(view, styles), _lines(view, styles), *_sections(view, styles)], sheet)
    return into.getvalue()


def _head(view: StatementView, styles: _Styles) -> list[Any]:
    state = ParagraphStyle(
        "state", parent=styles.strong_right, textColor=_STATES.get(view.state, _COLORS["warn"])
    )
    title = Table(
        [[styles.text(f"{view.title} {view.number}", styles.title), styles.text(view.state.upper(), state)]],
        colWidths=[_WIDTH * 0.78, _WIDTH * 0.22],
        style=[*_PLAIN, ("VALIGN", (0, 0), (-1, -1), "MIDDLE")],
    )
    strip = Table(
        [
            [styles.text(name, styles.quiet) for name in ("Period", "Cycle", "Total")],
            [
                styles.text(view.period, styles.body),
                styles.text(f"every {view.cycle}", styles.body),
                styles.text(f"{view.total}", styles.amount),
            ],
        ],
        colWidths=[_WIDTH * 0.48, _WIDTH * 0.29, _WIDTH * 0.23],
        style=[*_PLAIN, ("VALIGN", (0, 1), (-1, 1), "BOTTOM")],
    )
    facts: list[Any] = [
        title,
        styles.text(f"{view.name} ({view.partner}), {view.environment}", styles.body),
        Spacer(1, 3 * mm),
        strip,
        Spacer(1, 2 * mm),
        styles.text(view.state_words, styles.quiet),
    ]
    facts += [styles.text(f"Incomplete: {why}", styles.alarm) for why in view.incomplete]
    if view.override:
        facts.append(styles.text(view.override, styles.alarm))
    return [*facts, Spacer(1, 4 * mm)]


def _lines(view: StatementView, styles: _Styles) -> Table:
    head = [
        ("#", True),
        ("Line", False),
        ("Kind", False),
        ("Quantity", True),
        ("Included", True),
        ("Amount", True),
    ]
    rows = [[styles.text(text, styles.head_right if right else styles.head) for text, right in head]]
    ends = []
    for line in view.lines:
        rows += _line(line, styles)
        ends.append(len(rows) - 1)
    first_sum = len(rows)
    sums = [("Subtotal", view.subtotal), ("Tax", view.tax)] if view.tax else []
    rows += [
        ["", styles.text(name, styles.body), "", "", styles.text(amount, styles.right), ""]
        for name, amount in sums
    ]
    total = f"Total ({view.currency})"
    rows.append(
        ["", styles.text(total, styles.strong), "", "", styles.text(view.total, styles.strong_right), ""]
    )
    widths = [9 * mm, 0, 19 * mm, 24 * mm, 21 * mm, 31 * mm]
    widths[1] = _WIDTH - sum(widths)
    return Table(
        rows,
        colWidths=widths,
        repeatRows=1,
        style=TableStyle(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                *(("LINEBELOW", (0, end), (-1, end), 0.4, _RULE) for end in (0, *ends)),
                ("LINEABOVE", (0, -1), (-1, -1), 1, _INK),
                *(("SPAN", (4, at), (5, at)) for at in range(first_sum, len(rows))),
                ("NOSPLIT", (0, first_sum - 1), (-1, -1)),
                ("LEFTPADDING", (0, 0), (-1, -1), 2),
                ("RIGHTPADDING", (0, 0), (-1, -1), 2),
                ("TOPPADDING", (0, 0), (-1, -1), 3),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
            ]
        ),
    )


def _line(line: LineView, styles: _Styles) -> list[list[Any]]:
    """One row, and further ones where its steps would not fit on a page."""
    details = [styles.text(d, styles.quiet) for d in (*line.steps, line.span, line.records, line.terms) if d]
    row = [
        styles.text(str(line.number), styles.right),
        [styles.text(line.name, styles.strong), *details[:_MOST_STEPS]],
        styles.text(line.kind, styles.body),
        styles.text(line.quantity, styles.right),
        styles.text(line.included, styles.right),
        styles.text(line.amount, styles.right_alarm if line.is_negative else styles.right),
    ]
    more = range(_MOST_STEPS, len(details), _MOST_STEPS)
    return [row, *(["", details[at : at + _MOST_STEPS], "", "", "", ""] for at in more)]


def _sections(view: StatementView, styles: _Styles) -> list[Any]:
    parts: list[Any] = []
    if view.shares or view.share_corrections:
        parts += _section("Revenue share, not deducted from the total", [_shares(view, styles)], styles)
    if view.excluded:
        parts += _section("Excluded from billing", [_counts(view.excluded, styles)], styles)
    parts += _section("Rules", [_table((), view.rules, (0.4, 0.6), styles)], styles)
    terms = [styles.text(t, styles.body) for t in view.terms]
    parts += _section(
        "Terms",
        [
            *terms,
            styles.text(f"partner file {view.source}", styles.quiet),
            styles.text(view.instants, styles.quiet),
        ],
        styles,
    )
    if view.seal:
        parts += _section("Seal", [_table((), view.seal, (0.22, 0.78), styles)], styles)
    return parts


def _shares(view: StatementView, styles: _Styles) -> Table:
    rows: list[tuple[str, str, str]] = []
    sums: list[int] = []
    for share in view.shares:
        rows += share.lines
        sums.append(len(rows))
        rows.append((share.title, share.base, share.partner))
    rows += [(title, "", amount) for title, amount in view.share_corrections]
    sums.append(len(rows))
    rows.append(("Owed to the partner", "", view.share_total))
    return _table(("Line", "Base", "Partner"), rows, (0.5, 0.25, 0.25), styles, right=(1, 2), strong=sums)


def _counts(counts: Iterable[CountView], styles: _Styles) -> Table:
    rows = [(c.count, f"{c.reason}, {c.of}" if c.of else c.reason, c.rule) for c in counts]
    return _table(("Number", "Reason", "Rule"), rows, (0.12, 0.34, 0.54), styles, right=(0,))


def _section(title: str, content: Sequence[Any], styles: _Styles) -> list[Any]:
    """A short section stays on one page; a long one only never leaves its title alone."""
    heading = [styles.text(title, styles.section), Spacer(1, 1 * mm)]
    rows = sum(len(c._cellvalues) if isinstance(c, Table) else 1 for c in content)  # noqa: SLF001
    return [*heading, *content] if rows > _LONG else [KeepTogether([*heading, *content])]


def _table(
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    shares: Sequence[float],
    styles: _Styles,
    *,
    right: Sequence[int] = (),
    strong: Sequence[int] = (),
) -> Table:
    def cells(row: Sequence[str], usual: ParagraphStyle, to_right: ParagraphStyle) -> list[Paragraph]:
        return [styles.text(text, to_right if at in right else usual) for at, text in enumerate(row)]

    content = [cells(head, styles.head, styles.head_right)] if head else []
    content += [
        cells(row, styles.strong, styles.strong_right)
        if at in strong
        else cells(row, styles.body, styles.right)
        for at, row in enumerate(rows)
    ]
    return Table(
        content,
        colWidths=[_WIDTH * share for share in shares],
        repeatRows=1 if head else 0,
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.3, _RULE),
            ("LEFTPADDING", (0, 0), (-1, -1), 2),
            ("RIGHTPADDING", (0, 0), (-1, -1), 2),
            ("TOPPADDING", (0, 0), (-1, -1), 1.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
        ],
    )


_PLAIN = [
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 0),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
]


def _texts(view: StatementView) -> Iterable[str]:
    """Every text that is shown, so that the font has all of its characters."""
    yield from (view.name, view.total, view.subtotal, view.tax, view.state_words, view.override)
    yield from view.incomplete
    yield from view.terms
    for line in view.lines:
        yield from (line.name, line.amount, line.quantity, line.included, *line.steps)
    for share in view.shares:
        yield from (share.title, share.base, share.partner)
    for count in view.excluded:
        yield from (count.of, count.count, count.rule)
