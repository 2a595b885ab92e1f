"""The usage report of a partner for a period, shared by the API, the command line and the pages."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from partnergate.metering.excluded_share import share_of_quantities
from partnergate.model.days import first_instant
from partnergate.model.decimals import CONTEXT
from partnergate.model.event_data import text_of
from partnergate.pricing.periods import period_containing

if TYPE_CHECKING:
    from datetime import date, datetime

    from partnergate.metering.ports import QuantityReader
    from partnergate.metering.usage import Quantity
    from partnergate.model.agreement import Agreement
    from partnergate.model.partner import PartnerId


_HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageReport:
    """The quantities of one period, split where the agreement changes within the period."""

    partner: PartnerId
    first_day: date
    end_day: date
    """Exclusive."""
    start: datetime
    end: datetime
    time_zone: str
    quantities: tuple[Quantity, ...]

    @property
    def excluded_share(self) -> Decimal | None:
        """The percentage of the records that are excluded from billing; None without any record."""
        return share_of_quantities(self.quantities)


def agreement_at(agreements: tuple[Agreement, ...], instant: datetime) -> Agreement | None:
    """Return the agreement version in force at ``instant``, if any."""
    found = None
    for agreement in sorted(agreements, key=lambda a: a.effective):
        begins, ends = _in_force(agreement)
        if begins <= instant and (ends is None or instant < ends):
            found = agreement
    return found


def usage_report(
    reader: QuantityReader, partner: PartnerId, agreements: tuple[Agreement, ...], instant: datetime
) -> UsageReport | None:
    """Return the report of the period that contains ``instant``; None when no agreement is in force."""
    current = agreement_at(agreements, instant)
    if current is None:
        return None
    period = period_containing(current.cycle, current.time_zone, instant)
    found: list[Quantity] = []
    for agreement in sorted(agreements, key=lambda a: a.effective):
        begins, ends = _in_force(agreement)
        start, end = max(begins, period.start), min(ends or period.end, period.end)
        if start < end:
            whole = (period.start, period.end)
            found.extend(reader.quantities(partner, agreement, start, end, whole=whole))
    return UsageReport(
        partner=partner,
        first_day=period.first_day,
        end_day=period.end_day,
        start=period.start,
        end=period.end,
        time_zone=current.time_zone,
        quantities=tuple(found),
    )


def report_json(report: UsageReport) -> dict[str, Any]:
    """Return the report as JSON values. Quantities are strings, so that they stay exact."""
    return {
        "partner": report.partner,
        "period": {
            "first_day": report.first_day.isoformat(),
            "end_day": report.end_day.isoformat(),
            "start": report.start.isoformat(),
            "end": report.end.isoformat(),
            "time_zone": report.time_zone,
        },
        "excluded_percent": None
        if report.excluded_share is None
        else text_of(report.excluded_share.quantize(_HUNDREDTH, context=CONTEXT)),
        "quantities": [
            {
                "meter": q.meter,
                "start": q.start.isoformat(),
                "end": q.end.isoformat(),
                "dimensions": dict(q.dimensions),
                "value": text_of(q.value),
                "events": q.events,
                "facts": None if q.facts is None else {"count": q.facts.count, "sha256": q.facts.sha256},
                "excluded": dict(q.excluded),
                "unmeasured": q.unmeasured,
            }
            for q in report.quantities
        ],
    }


def _in_force(agreement: Agreement) -> tuple[datetime, datetime | None]:
    zone = agreement.time_zone
    until = None if agreement.until is None else first_instant(agreement.until, zone)
    return first_instant(agreement.effective, zone), until
