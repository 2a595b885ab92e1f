"""A rated period and what is known about its facts, as a statement. Pure: the same in, the same out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from partnergate.attribution.outcome import Exclusion, UnattributedReason
from partnergate.model.days import local_date
from partnergate.pricing.parts import counts_uniques
from partnergate.pricing.timeline import in_force
from partnergate.statements.statement import (
    FORMAT,
    Counted,
    DocumentKind,
    Incomplete,
    LineDiscount,
    LineFacts,
    LineStep,
    MeasuredQuantity,
    ShareCorrection,
    ShareLine,
    ShareSection,
    Source,
    Span,
    Statement,
    StatementLine,
    StatementLineKind,
    StatementPeriod,
    TermsRef,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from partnergate.metering.usage import FactSet, Quantity
    from partnergate.model.agreement import Agreement, Cycle
    from partnergate.pricing.rated import AgreementVersion, RatedLine, RatedPeriod, RatedShare, VersionId

_INSTANT = timedelta(microseconds=1)

EXCLUSION_RULES: dict[str, str] = {
    Exclusion.TEST_USER: "users and e-mail domains under test_users of the partner file, from their date on",
    Exclusion.SUSPENDED: "what happened while the partner was suspended",
    Exclusion.STAGING: "what happened in the environment staging, or before the partner was live",
    "unmeasured": "usage events without the number that the charge measures",
}
UNATTRIBUTED_RULES: dict[str, str] = {
    UnattributedReason.NO_PROVIDER: "the session has no login through a partner's provider",
    UnattributedReason.UNKNOWN_ALIAS: "the provider belonged to no partner at that time",
    UnattributedReason.FOREIGN_CLIENT: "the login was for a client that is not the host's product",
    UnattributedReason.IMPERSONATION: "an administrator acted as the user",
    UnattributedReason.SERVICE_ACCOUNT: "a service account, not a person",
    UnattributedReason.UNKNOWN_SESSION: "usage that names a session of which no login is known",
    UnattributedReason.UNKNOWN_USER: "usage that names a user of whom no login is known",
    UnattributedReason.FUTURE: "usage with a time in the future",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Whom a statement is for, and the file that says so."""

    environment: str
    partner: str
    name: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendments:
    """What a statement carries from earlier periods: corrections and credits, in order."""

    lines: tuple[StatementLine, ...] = ()
    shares: tuple[ShareCorrection, ...] = ()


def build_statement(
    *,
    party: Party,
    rated: RatedPeriod,
    versions: Sequence[AgreementVersion],
    quantities: Sequence[Quantity] = (),
    unbilled: Sequence[Quantity] = (),
    unattributed: Mapping[str, int] | None = None,
    incomplete: tuple[Incomplete, ...] = (),
    suspended: Iterable[tuple[datetime, datetime]] = (),
    amendments: Amendments | None = None,
    revision: int = 1,
) -> Statement:
    """The statement of one period, not yet final; its total is the sum of its rounded lines."""
    carried = amendments or Amendments()
    used = tuple(v for v in sorted(versions, key=lambda v: v.agreement.effective) if _begun(v, rated))
    own = [statement_line(line) for line in rated.lines]
    lines = tuple(replace(line, number=n) for n, line in enumerate((*own, *carried.lines), start=1))
    tax = sum((x.amount for x in lines if x.is_tax), Decimal(0))
    total = sum((x.amount for x in lines), Decimal(0))
    agreement = used[-1].agreement
    period = _period(rated, agreement)
    return Statement(
        format=FORMAT,
        kind=DocumentKind.STATEMENT,
        number=statement_number(party.partner, period.first_day, revision),
        environment=party.environment,
        partner=party.partner,
        name=party.name,
        source=party.source,
        period=period,
        currency=rated.currency,
        measured=measured_quantities(quantities),
        suspended=tuple(Span(start=start, end=end) for start, end in suspended),
        lines=lines,
        subtotal=total - tax,
        tax=tax,
        total=total,
        shares=tuple(share_section(s) for s in rated.shares),
        share_corrections=carried.shares,
        share_total=rated.share_total + sum((s.amount for s in carried.shares), Decimal(0)),
        rules=(*rated.rules, *counting_rules(agreement)),
        explanation=rated.explanation,
        excluded=_excluded((*quantities, *unbilled), used),
        unattributed=tuple(
            Counted(of="", reason=r, count=n, rule=UNATTRIBUTED_RULES.get(r, ""))
            for r, n in sorted((unattributed or {}).items())
            if n
        ),
        incomplete=incomplete,
        versions=tuple(terms_ref(v.id) for v in used),
        terms=tuple(v.agreement for v in used),
    )


def statement_number(partner: str, first_day: date, revision: int = 1) -> str:
    """The name of a statement, known before it exists."""
    first = f"{partner}-{first_day.isoformat()}"
    return first if revision == 1 else f"{first}-{revision}"


def statement_line(line: RatedLine) -> StatementLine:
    """A rated line as the document has it; its number is given by its place."""
    discount = line.discount
    return StatementLine(
        number=0,
        kind=StatementLineKind(line.kind.value),
        name=line.name,
        model=line.model,
        start=line.start,
        end=line.end,
        due=line.due,
        quantity=line.quantity,
        included=line.included,
        events=line.events,
        unit=line.unit,
        steps=tuple(
            LineStep(
                where=c.where,
                model=c.model,
                basis=t.basis.value,
                lower=t.lower,
                upper=t.upper,
                quantity=t.quantity,
                unit=t.unit,
                flat=t.flat,
                amount=t.amount,
            )
            for c in line.components
            for t in c.tiers
        ),
        gross=line.gross,
        discount=None
        if discount is None
        else LineDiscount(
            percent=discount.percent, amount=discount.amount, taken=discount.taken, reason=discount.reason
        ),
        minimum=line.minimum,
        maximum=line.maximum,
        fraction=""
        if line.fraction.numerator == line.fraction.denominator
        else f"{line.fraction.numerator}/{line.fraction.denominator} {line.fraction.by.value}s",
        exact=line.exact,
        amount=line.amount,
        versions=tuple(terms_ref(v) for v in line.versions),
        facts=line_facts(line.facts),
        rules=line.rules,
    )


def measured_quantities(quantities: Iterable[Quantity]) -> tuple[MeasuredQuantity, ...]:
    """What was measured, as the document has it; in one order whatever order it came in."""
    return tuple(
        sorted(
            (
                MeasuredQuantity(
                    charge=q.meter,
                    start=q.start,
                    end=q.end,
                    dimensions=q.dimensions,
                    value=q.value,
                    events=q.events,
                    event_values=q.event_values,
                    facts=line_facts(q.facts),
                )
                for q in quantities
            ),
            key=lambda m: (m.charge, m.start, m.end, m.dimensions),
        )
    )


def line_facts(facts: FactSet | None) -> LineFacts | None:
    """The hash of the facts as the document has it."""
    return None if facts is None else LineFacts(count=facts.count, sha256=facts.sha256)


def terms_ref(version: VersionId) -> TermsRef:
    """A version of the agreement as the document names it."""
    return TermsRef(effective=version.effective, commit=version.commit, file=version.file, line=version.line)


def counting_rules(agreement: Agreement) -> tuple[tuple[str, str], ...]:
    """How active users are counted, to be printed beside the rules of rating."""
    rule = agreement.active_user
    return (
        ("active_user.by", ", ".join(rule.by)),
        ("active_user.unique_by", rule.unique_by),
        ("active_user.min_days", str(rule.min_days)),
        ("time_zone", agreement.time_zone),
        ("grace_hours", str(agreement.grace_hours)),
    )


def cycle_words(cycle: Cycle) -> str:
    """The cycle in words, such as ``month from day 1``."""
    month = f" of month {cycle.anchor_month}" if cycle.every in ("quarter", "year") else ""
    return (
        str(cycle.every.value)
        if cycle.every == "day"
        else f"{cycle.every.value} from day {cycle.anchor_day}{month}"
    )


def _period(rated: RatedPeriod, agreement: Agreement) -> StatementPeriod:
    return StatementPeriod(
        start=rated.start,
        end=rated.end,
        first_day=local_date(rated.start, agreement.time_zone),
        last_day=local_date(rated.end - _INSTANT, agreement.time_zone),
        time_zone=agreement.time_zone,
        cycle=cycle_words(agreement.cycle),
    )


def share_section(share: RatedShare) -> ShareSection:
    """A share as the document has it."""
    return ShareSection(
        of=share.of,
        percent=share.percent,
        base=share.base,
        partner=share.partner,
        host=share.host,
        lines=tuple(
            ShareLine(name=x.name, start=x.start, base=x.base, partner=x.partner) for x in share.lines
        ),
        version=terms_ref(share.version),
    )


def _excluded(quantities: Iterable[Quantity], used: Iterable[AgreementVersion]) -> tuple[Counted, ...]:
    """What was not billed; a meter of distinct things says it of the whole period in every part."""
    uniques = {c.name for v in used for c in v.agreement.charges if counts_uniques(c)}
    by_part: dict[tuple[str, str], dict[datetime, int]] = {}
    for quantity in quantities:
        for reason, number in (*quantity.excluded, ("unmeasured", quantity.unmeasured)):
            parts = by_part.setdefault((quantity.meter, str(reason)), {})
            parts[quantity.start] = parts.get(quantity.start, 0) + number
    counts = {
        key: max(parts.values()) if key[0] in uniques else sum(parts.values())
        for key, parts in by_part.items()
    }
    return tuple(
        Counted(of=meter, reason=reason, count=number, rule=EXCLUSION_RULES.get(reason, ""))
        for (meter, reason), number in sorted(counts.items())
        if number
    )


def _begun(version: AgreementVersion, rated: RatedPeriod) -> bool:
    """Earlier versions stay with the statement: they tell whether what is due once was due before."""
    return in_force(version)[0] < rated.end
