"""Statements as CSV: one row for each line or usage group, also with FOCUS-like column names.

Text from a partner or the host's product never becomes a spreadsheet formula: a cell that starts like a
formula is prefixed with an apostrophe.
"""

from __future__ import annotations

import csv
import io
from itertools import islice
from typing import TYPE_CHECKING

from partnergate.model.decimals import decimal_text, number_text
from partnergate.model.instants import instant_text
from partnergate.pricing.rated import LineKind
from partnergate.safe_text import spreadsheet_cell
from partnergate.statements.statement import AmendmentKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from partnergate.statements.statement import Statement, StatementLine

_PART = 1_000
LINE_COLUMNS = (
    "statement", "state", "partner", "period_start", "period_end", "time_zone", "line", "kind", "name",
    "model", "line_start", "line_end", "quantity", "included", "unit_price", "amount", "currency",
    "corrects_statement", "corrects_line", "facts", "facts_sha256", "terms_effective", "terms_commit",
)  # fmt: skip
GROUP_COLUMNS = (
    "statement", "partner", "line", "name", "group", "basis", "from", "up_to", "quantity", "unit_price",
    "flat", "amount_exact", "currency",
)  # fmt: skip
FOCUS_COLUMNS = (
    "BillingAccountId", "BillingAccountName", "BillingPeriodStart", "BillingPeriodEnd", "BillingCurrency",
    "ChargePeriodStart", "ChargePeriodEnd", "ChargeCategory", "ChargeClass", "ChargeDescription",
    "ChargeFrequency", "ServiceName", "SubAccountId", "PricingCategory", "PricingQuantity", "PricingUnit",
    "ConsumedQuantity", "ConsumedUnit", "ListUnitPrice", "ListCost", "ContractedCost", "EffectiveCost",
    "BilledCost", "InvoiceId", "InvoiceIssuerName", "x_StatementLine", "x_FactsSha256", "x_TermsCommit",
)  # fmt: skip
_CATEGORIES: dict[LineKind | AmendmentKind, str] = {
    LineKind.FLAT: "Purchase",
    LineKind.USAGE: "Usage",
    LineKind.TRUE_UP: "Adjustment",
    LineKind.TAX: "Tax",
    AmendmentKind.CORRECTION: "Adjustment",
    AmendmentKind.CREDIT: "Credit",
}


def statement_csv(statements: Iterable[Statement]) -> str:
    """One row a line."""
    return written(
        LINE_COLUMNS,
        (
            (
                s.number,
                "finalized" if s.final else "draft",
                s.partner,
                instant_text(s.period.start),
                instant_text(s.period.end),
                s.period.time_zone,
                str(x.number),
                x.kind.value,
                x.name,
                x.rated.kind.value if x.corrects else x.rated.model,
                instant_text(x.rated.start),
                instant_text(x.rated.end),
                number_text(x.quantity),
                number_text(x.rated.included),
                "" if x.rated.unit is None else number_text(x.rated.unit),
                decimal_text(x.amount),
                s.currency,
                x.corrects.statement if x.corrects else "",
                str(x.corrects.line) if x.corrects else "",
                str(x.facts.count) if x.facts else "",
                x.facts.sha256 if x.facts else "",
                x.rated.version.effective.isoformat() if x.rated.versions else "",
                x.rated.version.commit if x.rated.versions else "",
            )
            for s in statements
            for x in s.lines
        ),
    )


def usage_group_csv(statements: Iterable[Statement]) -> str:
    """One row for each dimension and tier of each line."""
    return written(
        GROUP_COLUMNS,
        (
            (
                s.number,
                s.partner,
                str(x.number),
                x.name,
                "; ".join(f"{key}={value}" for key, value in component.where),
                step.basis,
                number_text(step.lower),
                "" if step.upper is None else number_text(step.upper),
                number_text(step.quantity),
                number_text(step.unit),
                number_text(step.flat),
                number_text(step.amount),
                s.currency,
            )
            for s in statements
            for x in s.lines
            for component in x.rated.components
            for step in component.tiers
        ),
    )


def focus_csv(statements: Iterable[Statement], *, issuer: str) -> str:
    """One row a line, columns as FOCUS (FinOps Open Cost and Usage Specification) names them, ours ``x_``."""
    return written(FOCUS_COLUMNS, (_focus(s, x, issuer) for s in statements for x in s.lines))


def _focus(s: Statement, x: StatementLine, issuer: str) -> tuple[str, ...]:
    metered = x.kind is LineKind.USAGE
    cost = decimal_text(x.amount)
    return (
        s.partner,
        s.name,
        instant_text(s.period.start),
        instant_text(s.period.end),
        s.currency,
        instant_text(x.rated.start),
        instant_text(x.rated.end),
        _CATEGORIES[x.kind],
        "Correction" if x.kind is AmendmentKind.CORRECTION else "",
        x.name,
        "Usage-Based" if metered else "One-Time" if x.corrects else "Recurring",
        x.name,
        s.environment,
        "Standard" if metered else "Other",
        number_text(x.quantity) if metered else "",
        "Units" if metered else "",
        number_text(x.quantity) if metered else "",
        "Units" if metered else "",
        "" if x.rated.unit is None else number_text(x.rated.unit),
        number_text(x.rated.gross),
        cost,
        cost,
        cost,
        s.number if s.final else "",
        issuer,
        str(x.number),
        x.facts.sha256 if x.facts else "",
        x.rated.version.commit if x.rated.versions else "",
    )


def written(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """CSV as RFC 4180 says, every text cell safe to open in a spreadsheet."""
    return "".join(csv_parts(columns, rows))


def csv_parts(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The same CSV, a thousand rows at a time."""
    following = iter(rows)
    part: list[Sequence[str]] = [columns]
    while part:
        into = io.StringIO()
        csv.writer(into, lineterminator="\r\n").writerows([spreadsheet_cell(c) for c in row] for row in part)
        yield into.getvalue()
        part = list(islice(following, _PART))
