"""A reconciliation as text, page, CSV and JSON. Rows of the partner's file are shown escaped."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from markupsafe import Markup
from rich import box
from rich.console import Group
from rich.table import Table
from rich.text import Text

from partnergate.model.decimals import plain, rounded_to
from partnergate.model.instants import instant_text
from partnergate.pricing.money import exponent
from partnergate.rendering.statement.csv import csv_parts
from partnergate.rendering.statement.html import rendered
from partnergate.rendering.stylesheets import page_style
from partnergate.safe_text import json_string, json_text, plain_fields
from partnergate.statements.reconciliation.records import CAUSE_WORDS, Cause
from partnergate.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from decimal import Decimal

    from rich.console import RenderableType

    from partnergate.statements.reconciliation.mapping import ColumnMapping
    from partnergate.statements.reconciliation.records import ClassifiedRecord, Reconciliation

COLUMNS = (
    "cause", "row", "partner_id", "partner_time", "partner_quantity", "partner_amount", "host_id",
    "host_time", "host_status", "host_quantity", "host_amount", "quantity_difference",
    "amount_difference", "detail",
)  # fmt: skip
_PLACES = 6
_EXACT_PLACES = 12
"""Of files; prices by the unit have more."""
_MOST_ROWS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseView:
    """All findings of one cause."""

    cause: str
    words: str
    count: int
    quantity: str
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordView:
    """One side of a difference."""

    name: str
    time: str
    quantity: str
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceView:
    """One finding that is not an agreement."""

    cause: str
    detail: str
    partner: RecordView | None
    host: RecordView | None
    quantity: str
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationView:
    """What is shown."""

    title: str
    currency: str
    mapping: tuple[tuple[str, str], ...]
    causes: tuple[CauseView, ...]
    partner_records: str
    """Their number with the noun."""
    host_records: str
    records: int
    partner_total: str
    host_total: str
    difference: str
    rows: tuple[DifferenceView, ...]
    left_out: str
    """The number of differences that the page does not list, with the noun; empty for none."""


def reconciliation_view(
    result: Reconciliation, *, title: str, currency: str, mapping: tuple[tuple[str, str], ...]
) -> ReconciliationView:
    """What is shown of a result; findings that are not agreements are rows, as far as people read."""
    places = exponent(currency)
    differing = [f for f in result.findings if f.cause is not Cause.AGREED]
    left_out = len(differing) - _MOST_ROWS
    view = ReconciliationView(
        title=title,
        currency=currency,
        mapping=mapping,
        causes=tuple(
            CauseView(
                cause=c.cause.value.replace("_", " "),
                words=CAUSE_WORDS[c.cause],
                count=c.count,
                quantity=_signed(c.quantity),
                amount=_signed(c.amount, places),
            )
            for c in result.counts
        ),
        partner_records=counted(result.partner_records, "record"),
        host_records=counted(result.host_records, "record"),
        records=len(result.findings),
        partner_total=_short(result.partner_total, places),
        host_total=_short(result.host_total, places),
        difference=_signed(result.partner_total - result.host_total, places),
        rows=tuple(_difference(f, places) for f in differing[:_MOST_ROWS]),
        left_out=counted(left_out, "more difference") if left_out > 0 else "",
    )
    return plain_fields(view)  # names, dimensions and rows come from other parties


def mapping_pairs(mapping: ColumnMapping) -> tuple[tuple[str, str], ...]:
    """Which column was read as what."""
    return tuple((f.name, str(getattr(mapping, f.name))) for f in fields(mapping) if getattr(mapping, f.name))


def reconciliation_fragment(view: ReconciliationView) -> Markup:
    """The result without a page around it."""
    return Markup(rendered("reconciliation_body.html", view=view))  # noqa: S704


def reconciliation_text(view: ReconciliationView) -> Group:
    """The causes and sums for the terminal."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("Cause", no_wrap=True)
    table.add_column("Records", justify="right", no_wrap=True)
    table.add_column("Quantity", justify="right", no_wrap=True)
    table.add_column(f"Amount ({view.currency})", justify="right", no_wrap=True)
    table.add_column("Meaning", overflow="fold")
    for cause in view.causes:
        table.add_row(cause.cause, str(cause.count), cause.quantity, cause.amount, cause.words)
    parts: list[RenderableType] = [Text(view.title, style="bold")]
    parts += [Text("  ".join(f"{key} = {value}" for key, value in view.mapping), style="dim"), table]
    parts.append(
        Text(
            f"{view.partner_records} of the partner and {view.host_records} of the host: "
            f"{counted(view.records, 'finding')}; partner {view.partner_total}, host {view.host_total}, "
            f"difference {view.difference} {view.currency}"
        )
    )
    return Group(*parts)


def reconciliation_page(view: ReconciliationView) -> str:
    """The whole page."""
    return rendered("reconciliation_page.html", view=view, css=Markup(page_style()))  # noqa: S704 - our own


def reconciliation_csv(result: Reconciliation) -> Iterator[str]:
    """One row a record, agreements too; in parts, because a file can have millions of rows."""
    return csv_parts(COLUMNS, (_row(f) for f in result.findings))


def reconciliation_json(result: Reconciliation, view: ReconciliationView) -> Iterator[str]:
    """Everything, for programs; in parts as the CSV."""
    value = {
        "title": view.title,
        "currency": view.currency,
        "mapping": dict(view.mapping),
        "partner_records": result.partner_records,
        "host_records": result.host_records,
        "records": len(result.findings),
        "partner_total": _text(result.partner_total),
        "host_total": _text(result.host_total),
        "causes": [
            {
                "cause": c.cause.value,
                "count": c.count,
                "quantity": _text(c.quantity),
                "amount": _text(c.amount),
            }
            for c in result.counts
        ],
        "findings": [],
    }
    yield json_text(value).removesuffix("]\n}")
    separator = "\n    "
    for finding in result.findings:
        pairs = zip(COLUMNS, map(json_string, _row(finding)), strict=True)
        inside = ",\n".join(f'      "{name}": {value}' for name, value in pairs)
        yield f"{separator}{{\n{inside}\n    }}"
        separator = ",\n    "
    yield "\n  ]\n}\n" if result.findings else "]\n}\n"


def _row(finding: ClassifiedRecord) -> tuple[str, ...]:
    return tuple(_cells(finding))


def _cells(finding: ClassifiedRecord) -> Iterator[str]:
    partner, host = finding.partner, finding.host
    yield finding.cause.value
    yield str(partner.row) if partner else ""
    yield partner.id if partner else ""
    yield instant_text(partner.time) if partner and partner.time else ""
    yield _text(partner.quantity) if partner else ""
    yield _text(partner.amount) if partner and partner.amount is not None else ""
    yield host.id if host else ""
    yield instant_text(host.time) if host else ""
    yield host.status.value if host else ""
    yield _text(host.quantity) if host else ""
    yield _text(host.amount) if host else ""
    yield _text(finding.quantity)
    yield _text(finding.amount)
    yield finding.detail


def _text(amount: Decimal) -> str:
    return format(plain(rounded_to(amount, _EXACT_PLACES)), "f")


def _difference(finding: ClassifiedRecord, places: int) -> DifferenceView:
    partner, host = finding.partner, finding.host
    return DifferenceView(
        cause=finding.cause.value.replace("_", " "),
        detail=finding.detail,
        partner=None
        if partner is None
        else RecordView(
            name=f"row {partner.row}" + (f", {partner.id}" if partner.id else ""),
            time=_time(partner.time),
            quantity=_short(partner.quantity),
            amount="" if partner.amount is None else _short(partner.amount, places),
        ),
        host=None
        if host is None
        else RecordView(
            name=f"{host.id}, {host.status.value.replace('_', ' ')}",
            time=_time(host.time),
            quantity=_short(host.quantity),
            amount=_short(host.amount, places),
        ),
        quantity=_signed(finding.quantity),
        amount=_signed(finding.amount, places),
    )


def _time(instant: datetime | None) -> str:
    return "" if instant is None else f"{instant:%Y-%m-%d %H:%M:%S} UTC"


def _short(amount: Decimal, places: int = 0) -> str:
    """At most six decimals, and at least those of the currency."""
    text = format(plain(rounded_to(amount, _PLACES)), "f")
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction.ljust(places, '0')}" if fraction or places else whole


def _signed(amount: Decimal, places: int = 0) -> str:
    text = _short(amount, places)
    return text if text.startswith("-") or not rounded_to(amount, _PLACES) else f"+{text}"
