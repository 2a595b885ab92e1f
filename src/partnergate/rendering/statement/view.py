"""A statement as labels and formatted amounts, shared by every output for people.

Text, page, and PDF show this value and decide nothing. Amounts have the decimals of the currency and
the signs of the locale; nothing is computed from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError

from partnergate.errors import UsageError
from partnergate.model.days import zone
from partnergate.model.decimals import plain
from partnergate.pricing.money import formatted_number
from partnergate.pricing.rated import LineKind
from partnergate.rendering.statement.steps import Amounts, correction_steps, line_steps, local_span
from partnergate.safe_text import plain_fields
from partnergate.statements.lifecycle import State, describe_incomplete
from partnergate.statements.statement import AmendmentKind, DocumentKind, IncompleteReason

if TYPE_CHECKING:
    from datetime import datetime

    from partnergate.metering.usage import FactSet
    from partnergate.pricing.rated import VersionId
    from partnergate.statements.lifecycle import StatementStatus
    from partnergate.statements.seal import Seal
    from partnergate.statements.statement import Counted, Statement, StatementLine

_KINDS: dict[LineKind | AmendmentKind, str] = {
    LineKind.FLAT: "flat",
    LineKind.USAGE: "usage",
    LineKind.TRUE_UP: "minimum",
    LineKind.TAX: "tax",
    AmendmentKind.CORRECTION: "correction",
    AmendmentKind.CREDIT: "credit",
}
_STATES = {
    State.OPEN: "the period is not over; amounts are preliminary",
    State.DRAFT: "the period is over; events are still being read",
    State.GRACE: "all login events of the period are read; late usage still counts",
    State.FINALIZED: "finalized; late usage becomes corrections on the next statement",
    State.VOID: "reversed by a credit note",
}
_RULES = {
    "rounding": "rounding of each line",
    "proration": "proration",
    "tier_boundary": "usage exactly on a tier boundary",
    "zero_usage_flat_fee": "flat fee of the first tier at zero usage",
    "unique_price_at": "unique users when the price changes mid-period",
    "active_user.by": "users count as active by",
    "active_user.unique_by": "users identified by",
    "active_user.min_days": "minimum active days",
    "time_zone": "time zone",
    "grace_hours": "grace period (hours)",
}
_SHORT_HASH = 16
_SHORT_COMMIT = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class LineView:
    """One line."""

    number: int
    name: str
    kind: str
    model: str
    quantity: str
    included: str
    unit: str
    amount: str
    steps: tuple[str, ...]
    """The derivation of the amount, one step an entry."""
    records: str
    terms: str
    span: str
    """Set if the line covers only a part of the statement's period."""
    is_negative: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareView:
    """A revenue share."""

    title: str
    lines: tuple[tuple[str, str, str], ...]
    """Line, base, and partner's share."""
    base: str
    partner: str
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CountView:
    """Records that are excluded from billing."""

    reason: str
    of: str
    count: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementView:
    """Everything that a statement shows."""

    title: str
    number: str
    partner: str
    name: str
    environment: str
    locale: str
    state: str
    state_words: str
    period: str
    instants: str
    cycle: str
    currency: str
    lines: tuple[LineView, ...]
    subtotal: str
    tax: str
    total: str
    shares: tuple[ShareView, ...]
    share_corrections: tuple[tuple[str, str], ...]
    share_total: str
    incomplete: tuple[str, ...]
    override: str
    excluded: tuple[CountView, ...]
    rules: tuple[tuple[str, str], ...]
    terms: tuple[str, ...]
    source: str
    seal: tuple[tuple[str, str], ...]


def statement_view(
    statement: Statement,
    *,
    standing: StatementStatus | None = None,
    seal: Seal | None = None,
    locale: str = "en_US",
) -> StatementView:
    """Return what a statement shows in a locale. Raises ``UsageError`` for an unknown locale."""
    show = Amounts(currency=statement.currency, locale=_known(locale))
    period = statement.period
    state = standing.state if standing else State.FINALIZED if statement.final else State.DRAFT
    is_credit = statement.kind is DocumentKind.CREDIT_NOTE
    view = StatementView(
        title="Credit note" if is_credit else "Statement",
        number=statement.number,
        partner=statement.partner,
        name=statement.name,
        environment=statement.environment,
        locale=locale,
        state=state.value,
        state_words=_state_words(state, standing, statement),
        period=f"{period.first_day.isoformat()} to {period.last_day.isoformat()} ({period.time_zone})",
        instants=f"[{_instant(period.start)}, {_instant(period.end)})",
        cycle=period.cycle,
        currency=statement.currency,
        lines=tuple(_line(statement, line, show) for line in statement.lines),
        subtotal=show.money(statement.subtotal),
        tax=show.money(statement.tax) if any(x.rated.is_tax for x in statement.lines) else "",
        total=show.money(statement.total),
        shares=tuple(
            ShareView(
                title=f"{plain(s.percent)} % of {s.of}",
                lines=tuple((x.name, show.money(x.base), show.money(x.partner)) for x in s.lines),
                base=show.money(s.base),
                partner=show.money(s.partner),
                host=show.money(s.host),
            )
            for s in statement.shares
        ),
        share_corrections=tuple(
            (f"correction of {c.statement}", show.money(c.amount)) for c in statement.share_corrections
        ),
        share_total=show.money(statement.share_total),
        incomplete=tuple(
            describe_incomplete(i)
            for i in statement.incomplete
            if state is not State.OPEN or i.reason is not IncompleteReason.NOT_READ
        ),
        override=_override(statement),
        excluded=tuple(_count(c, show) for c in statement.excluded),
        rules=tuple((_RULES.get(k, k), _rule_value(v)) for k, v in statement.rules),
        terms=tuple(_terms(v) for v in statement.versions),
        source=_source(statement),
        seal=_seal(statement, seal),
    )
    return plain_fields(view)  # names, dimensions and rows come from other parties


def _known(locale: str) -> str:
    try:
        return str(Locale.parse(locale, sep="-" if "-" in locale else "_"))
    except (UnknownLocaleError, ValueError) as error:
        raise UsageError(f"unknown locale: {locale}", advice="use a locale such as en_US or de_DE") from error


def _line(statement: Statement, line: StatementLine, show: Amounts) -> LineView:
    rated = line.rated
    whole = (rated.start, rated.end) == (statement.period.start, statement.period.end)
    return LineView(
        number=line.number,
        name=line.name,
        kind=_KINDS[line.kind],
        model=rated.kind.value if line.corrects else rated.model,
        quantity=_quantity(line, show),
        included=show.number(rated.included) if rated.included and line.kind is LineKind.USAGE else "",
        unit=show.number(rated.unit) if rated.unit is not None else "",
        amount=show.money(line.amount),
        steps=line_steps(rated, show) if line.corrects is None else correction_steps(line, show),
        records=_records_text(line.facts, show) if line.facts else "",
        terms=_terms(rated.version) if rated.versions and len(statement.versions) > 1 else "",
        span="" if whole else local_span(rated.start, rated.end, statement.period.time_zone),
        is_negative=line.amount < 0,
    )


def _quantity(line: StatementLine, show: Amounts) -> str:
    of_money = line.kind in (LineKind.TRUE_UP, LineKind.TAX)
    unchanged = line.corrects is not None and not line.quantity
    return "" if of_money or unchanged else show.number(line.quantity)


def _records_text(facts: FactSet, show: Amounts) -> str:
    if not facts.count:
        return "no billable records"
    number = formatted_number(facts.count, show.locale)
    return f"{number} billable record{'' if facts.count == 1 else 's'}, hash {facts.sha256[:_SHORT_HASH]}"


def _state_words(state: State, standing: StatementStatus | None, statement: Statement) -> str:
    if state is State.FINALIZED and statement.voids is not None:
        return f"finalized; reverses statement {statement.voids.statement}"
    words = _STATES[state]
    if standing is not None and state in (State.DRAFT, State.GRACE):
        local = standing.final_from.astimezone(zone(statement.period.time_zone))
        words += f"; can be finalized {'since' if standing.grace_over else 'from'} {local:%Y-%m-%d %H:%M %Z}"
    return words


def _override(statement: Statement) -> str:
    override = statement.final.override if statement.final else None
    return f"finalized while incomplete by {override.name}: {override.reason}" if override else ""


def _count(count: Counted, show: Amounts) -> CountView:
    return CountView(
        reason=count.reason.replace("_", " "),
        of=count.of,
        count=formatted_number(count.count, show.locale),
        rule=count.rule,
    )


def _terms(version: VersionId) -> str:
    commit = f" at {version.commit[:_SHORT_COMMIT]}" if version.commit else " (not committed)"
    where = f", {version.file}:{version.line}" if version.file else ""
    return f"terms of {version.effective.isoformat()}{where}{commit}"


def _rule_value(value: str) -> str:
    return value if "/" in value else value.replace("_", " ")


def _source(statement: Statement) -> str:
    source = statement.source
    commit = source.commit[:_SHORT_COMMIT] if source.commit else "not committed"
    return f"{source.file} ({commit}), SHA-256 {source.sha256[:_SHORT_HASH]}"


def _seal(statement: Statement, seal: Seal | None) -> tuple[tuple[str, str], ...]:
    if statement.final is None:
        return ()
    found = [
        ("finalized at", _instant(statement.final.at)),
        ("sequence number", str(statement.final.sequence)),
        ("previous document", statement.final.previous),
    ]
    if seal is not None:
        found += [
            ("SHA-256", seal.sha256),
            (f"{seal.algorithm} key", seal.key_id),
            ("signature", seal.signature),
        ]
    return tuple(found)


def _instant(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"
