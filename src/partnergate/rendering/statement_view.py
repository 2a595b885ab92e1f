"""A statement in words and formatted amounts, once, for every kind of output for people.

Text, page and PDF show this value and decide nothing. Amounts have the currency's decimals and the
locale's signs; nothing is computed from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError
from babel.numbers import format_decimal

from partnergate.errors import UsageError
from partnergate.rating.money import formatted, plain
from partnergate.spec.local_day import zone
from partnergate.statements.life import State, words_of
from partnergate.statements.model import DocumentKind, IncompleteReason, StatementLineKind

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from partnergate.statements.life import Standing
    from partnergate.statements.model import Counted, Statement, StatementLine, TermsRef
    from partnergate.statements.seal import Seal

_KINDS = {
    StatementLineKind.FLAT: "flat",
    StatementLineKind.USAGE: "usage",
    StatementLineKind.TRUE_UP: "minimum",
    StatementLineKind.TAX: "tax",
    StatementLineKind.CORRECTION: "correction",
    StatementLineKind.CREDIT: "credit",
}
_STATES = {
    State.OPEN: "the period is not over; amounts still grow",
    State.DRAFT: "the period is over; events are still being read",
    State.GRACE: "every event of the period is read; late facts still count",
    State.FINAL: "sealed; later facts become corrections on the next statement",
    State.VOID: "taken back by a credit note",
}
_RULES = {
    "rounding": "rounding of each line",
    "proration": "parts of a period by",
    "tier_boundary": "exactly on a tier's limit",
    "zero_usage_flat_fee": "first tier's flat fee at no usage",
    "unique_price_at": "price of a person at a price change",
    "active_user.by": "a user is active by",
    "active_user.unique_by": "a user is known by",
    "active_user.min_days": "days seen to be active",
    "time_zone": "time zone",
    "grace_hours": "hours of grace",
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
    """How the amount comes about, one step an entry."""
    facts: str
    terms: str
    span: str
    """Set where the line covers less than the statement's period."""
    is_negative: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareView:
    """A revenue share."""

    title: str
    lines: tuple[tuple[str, str, str], ...]
    """(line, base, partner's part)."""
    base: str
    partner: str
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CountView:
    """Facts that were not billed."""

    reason: str
    of: str
    count: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementView:
    """Everything that is shown."""

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
    unattributed: tuple[CountView, ...]
    rules: tuple[tuple[str, str], ...]
    terms: tuple[str, ...]
    source: str
    seal: tuple[tuple[str, str], ...]


def statement_view(
    statement: Statement, *, standing: Standing | None = None, seal: Seal | None = None, locale: str = "en_US"
) -> StatementView:
    """What is shown of a statement, in a locale."""
    show = _Amounts(currency=statement.currency, locale=_known(locale))
    period = statement.period
    state = standing.state if standing else State.FINAL if statement.final else State.DRAFT
    is_credit = statement.kind is DocumentKind.CREDIT_NOTE
    return StatementView(
        title="Credit note" if is_credit else "Statement",
        number=statement.number,
        partner=statement.partner,
        name=statement.name,
        environment=statement.environment,
        locale=locale,
        state=state.value,
        state_words=_state_words(state, standing, period.time_zone),
        period=f"{period.first_day.isoformat()} to {period.last_day.isoformat()} ({period.time_zone})",
        instants=f"[{_instant(period.start)}, {_instant(period.end)})",
        cycle=period.cycle,
        currency=statement.currency,
        lines=tuple(_line(statement, line, show) for line in statement.lines),
        subtotal=show.money(statement.subtotal),
        tax=show.money(statement.tax)
        if any(x.kind is StatementLineKind.TAX for x in statement.lines)
        else "",
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
            words_of(i)
            for i in statement.incomplete
            if state is not State.OPEN or i.reason is not IncompleteReason.NOT_READ
        ),
        override=_override(statement),
        excluded=tuple(_count(c, show) for c in statement.excluded),
        unattributed=tuple(_count(c, show) for c in statement.unattributed),
        rules=tuple((_RULES.get(k, k), _rule_value(v)) for k, v in statement.rules),
        terms=tuple(_terms(v) for v in statement.versions),
        source=_source(statement),
        seal=_seal(statement, seal),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Amounts:
    currency: str
    locale: str

    def money(self, amount: Decimal) -> str:
        return formatted(amount, self.currency, self.locale)

    def number(self, value: Decimal) -> str:
        return str(format_decimal(plain(value), format="#,##0.###################", locale=self.locale))


def _known(locale: str) -> str:
    try:
        return str(Locale.parse(locale, sep="-" if "-" in locale else "_"))
    except (UnknownLocaleError, ValueError) as error:
        raise UsageError(f'"{locale}" is not a locale', advice="use one like en_US or de_DE") from error


def _line(statement: Statement, line: StatementLine, show: _Amounts) -> LineView:
    whole = (line.start, line.end) == (statement.period.start, statement.period.end)
    told = line.corrects
    return LineView(
        number=line.number,
        name=line.name,
        kind=_KINDS[line.kind],
        model=line.model,
        quantity=""
        if line.kind in (StatementLineKind.TRUE_UP, StatementLineKind.TAX)
        else show.number(line.quantity),
        included=show.number(line.included) if line.included and line.kind is StatementLineKind.USAGE else "",
        unit=show.number(line.unit) if line.unit is not None else "",
        amount=show.money(line.amount),
        steps=_steps(line, show) if told is None else _correction_steps(line, show),
        facts=f"{line.facts.count} facts, {line.facts.sha256[:_SHORT_HASH]}" if line.facts else "",
        terms=_terms(line.versions[-1]) if line.versions and len(statement.versions) > 1 else "",
        span="" if whole else f"{_instant(line.start)} to {_instant(line.end)}",
        is_negative=line.amount < 0,
    )


def _steps(line: StatementLine, show: _Amounts) -> tuple[str, ...]:
    found = []
    for step in line.steps:
        if not step.quantity and not step.amount:
            continue
        where = ", ".join(f"{k}={v}" for k, v in step.where)
        percent = " %" if step.basis == "amount" else ""
        flat = f" + {show.number(step.flat)}" if step.flat else ""
        product = f"{show.number(step.quantity)} x {show.number(step.unit)}{percent}{flat}"
        amount = f"{product} = {show.number(step.amount)}"
        tier = "" if len(line.steps) == 1 else _tier(step.lower, step.upper, show)
        found.append(
            " ".join(x for x in (f"[{where}]" if where else "", tier, step.basis + ":", amount) if x)
        )
    if line.discount is not None:
        reason = f" ({line.discount.reason})" if line.discount.reason else ""
        found.append(f"discount{reason}: -{show.number(line.discount.taken)}")
    if line.minimum is not None:
        found.append(f"raised to the minimum {show.number(line.minimum)}")
    if line.maximum is not None:
        found.append(f"lowered to the maximum {show.number(line.maximum)}")
    if line.fraction:
        found.append(f"for {line.fraction}")
    if line.kind is StatementLineKind.TRUE_UP:
        found.append(f"{show.number(line.quantity)} less {show.number(line.included)} of the lines above")
    return tuple(found)


def _correction_steps(line: StatementLine, show: _Amounts) -> tuple[str, ...]:
    told = line.corrects
    if told is None:
        return ()
    of = f"of {told.statement} line {told.line}" if told.line else f"of {told.statement}"
    earlier = f" and {show.money(told.earlier)} corrected before" if told.earlier else ""
    if line.kind is StatementLineKind.CREDIT:
        why = "".join(f": {value}" for key, value in line.rules if key == "reason")
        dispute = f", dispute {told.dispute}" if told.dispute else ""
        return (f"{of}, billed {show.money(told.original)}{dispute}{why}",)
    return (f"{of}: {show.money(told.rerated)} re-rated less {show.money(told.original)} billed{earlier}",)


def _tier(lower: Decimal, upper: Decimal | None, show: _Amounts) -> str:
    return f"over {show.number(lower)}" if upper is None else f"{show.number(lower)} to {show.number(upper)}"


def _state_words(state: State, standing: Standing | None, time_zone: str) -> str:
    words = _STATES[state]
    if standing is not None and state in (State.DRAFT, State.GRACE):
        local = standing.final_from.astimezone(zone(time_zone))
        words += f"; may be final {'since' if standing.grace_over else 'from'} {local:%Y-%m-%d %H:%M %Z}"
    return words


def _override(statement: Statement) -> str:
    told = statement.final.override if statement.final else None
    return f"made final although incomplete by {told.name}: {told.reason}" if told else ""


def _count(count: Counted, show: _Amounts) -> CountView:
    return CountView(
        reason=count.reason.replace("_", " "),
        of=count.of,
        count=str(format_decimal(count.count, locale=show.locale)),
        rule=count.rule,
    )


def _terms(version: TermsRef) -> str:
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
        ("final since", _instant(statement.final.at)),
        ("number in the chain", str(statement.final.sequence)),
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
