"""A statement for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from partnergate.safe_text import plain

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from rich.console import RenderableType

    from partnergate.rendering.statement.view import CountView, StatementView
    from partnergate.statements.unattributed import UnattributedCount

_WIDE = 100


def statement_text(view: StatementView, *, width: int = 80) -> Group:
    """The whole statement; color is never the only signal."""
    parts: list[RenderableType] = [*_head(view), _lines(view, wide=width >= _WIDE), _sums(view)]
    if view.shares or view.share_corrections:
        parts += [Text(), _shares(view)]
    if view.excluded:
        parts += [Text(), _counts("Excluded from billing", view.excluded)]
    parts += [Text(), _pairs("Rules", view.rules)]
    parts += [Text(), _pairs("Terms", tuple((str(n), t) for n, t in enumerate(view.terms, start=1)))]
    parts += [Text(f"partner file {view.source}", style="dim")]
    if view.seal:
        parts += [Text(), _pairs("Seal", view.seal)]
    return Group(*parts)


def _head(view: StatementView) -> list[RenderableType]:
    title = Text()
    title.append(f"{view.title} {view.number}", style="bold")
    title.append(f"  {view.state.upper()}", style="green" if view.state == "finalized" else "yellow")
    parts: list[RenderableType] = [
        title,
        Text(f"{view.name} ({view.partner}), {view.environment}"),
        Text(f"{view.period}, every {view.cycle}"),
        Text(view.state_words, style="dim"),
    ]
    parts += [Text(f"! incomplete: {why}", style="bold red") for why in view.incomplete]
    if view.override:
        parts.append(Text(f"! {view.override}", style="bold red"))
    return parts


def _lines(view: StatementView, *, wide: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, expand=False, pad_edge=False, show_edge=False)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("Line", overflow="fold", ratio=None if wide else 1)
    if wide:
        table.add_column("Kind", no_wrap=True)
    table.add_column("Quantity", justify="right", no_wrap=True)
    if wide:
        table.add_column("Included", justify="right", no_wrap=True)
    table.add_column("Amount", justify="right", no_wrap=True)
    for line in view.lines:
        name = Text(line.name)
        if not wide and line.kind != "usage":
            name.append(f"  {line.kind}", style="dim")
        details = [*line.steps]
        if not wide and line.included:
            details.insert(0, f"{line.included} included")
        if line.span:
            details.append(line.span)
        if line.records:
            details.append(line.records)
        if line.terms:
            details.append(line.terms)
        for detail in details:
            name.append(f"\n  {detail}", style="dim")
        middle = [line.kind, line.quantity, line.included] if wide else [line.quantity]
        table.add_row(
            str(line.number), name, *middle, Text(line.amount, style="red" if line.is_negative else "")
        )
    return table


def _sums(view: StatementView) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(justify="right", no_wrap=True)
    if view.tax:
        table.add_row("Subtotal", view.subtotal)
        table.add_row("Tax", view.tax)
    table.add_row(Text("Total", style="bold"), Text(f"{view.total} ({view.currency})", style="bold"))
    return table


def _shares(view: StatementView) -> RenderableType:
    table = _plain()
    table.add_column("Line")
    table.add_column("Base", justify="right")
    table.add_column("Partner", justify="right")
    for share in view.shares:
        for name, base, partner in share.lines:
            table.add_row(escape(name), base, partner)
        table.add_row(share.title, share.base, share.partner)
    for title, amount in view.share_corrections:
        table.add_row(title, "", amount)
    table.add_row(Text("Owed to the partner", style="bold"), "", Text(view.share_total, style="bold"))
    return _titled("Revenue share, not deducted from the total", table)


def unattributed_text(
    counts: Sequence[UnattributedCount], *, start: datetime, end: datetime
) -> RenderableType:
    """The unattributed usage of an environment, for operators; never a part of a statement."""
    span = f"[{start:%Y-%m-%dT%H:%M:%SZ}, {end:%Y-%m-%dT%H:%M:%SZ})"
    table = _plain()
    table.add_column("Number", justify="right", no_wrap=True)
    table.add_column("Reason", no_wrap=True)
    table.add_column("Rule", overflow="fold")
    for one in counts:
        table.add_row(f"{one.count:,}", escape(plain(one.reason.replace("_", " "))), one.rule)
    return _titled(f"Unattributed usage of the whole environment, {span}", table)


def _counts(title: str, counts: tuple[CountView, ...]) -> RenderableType:
    table = _plain()
    table.add_column("Number", justify="right", no_wrap=True)
    table.add_column("Reason", no_wrap=True)
    table.add_column("Rule", overflow="fold")
    for count in counts:
        reason = f"{count.reason}, {count.of}" if count.of else count.reason
        table.add_row(count.count, escape(reason), count.rule)
    return _titled(title, table)


def _pairs(title: str, pairs: tuple[tuple[str, str], ...]) -> RenderableType:
    table = _plain(header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for key, value in pairs:
        table.add_row(key, escape(value))
    return _titled(title, table)


def _titled(title: str, table: Table) -> Group:
    return Group(Text(title, style="bold"), table)


def _plain(*, header: bool = True) -> Table:
    return Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=header)
