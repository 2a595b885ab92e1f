"""Reads the usage of ``partnergate price``: a period and its quantities.

``quantities`` is a mapping of charge names to numbers, or a list if dimensions, events or parts of the
period matter. Numbers may be quoted or not: their digits are read exactly as written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, NotRequired, TypedDict

from partnergate.diagnostics import Span, has_errors
from partnergate.language.report import Report
from partnergate.language.shape.suggestion import did_you_mean
from partnergate.language.text.nodes import compose
from partnergate.language.text.tree import Mapping, Scalar, Sequence, Tree, span_of
from partnergate.metering.usage import Quantity
from partnergate.model.days import first_instant
from partnergate.model.decimals import decimal_of
from partnergate.pricing.periods import Period, period_containing
from partnergate.pricing.timeline import in_force, segments
from partnergate.type_schema import Keywords, required_keys

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import PurePosixPath

    from partnergate.diagnostics import Diagnostic
    from partnergate.pricing.rated import AgreementVersion

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z")
_MOST_DIGITS = 30
"""Before the point, as in usage events."""
_SHOWN = 60
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_MOMENT = "A local date of the agreement, or an instant with its offset"

ChargeQuantity = TypedDict(
    "ChargeQuantity",
    {
        "charge": Annotated[str, Keywords(description="The charge's name")],
        "value": Annotated[
            Decimal, Keywords(description="The quantity; for a percentage the amount of money")
        ],
        "from": NotRequired[
            Annotated[
                datetime,
                Keywords(description=f"Start of the quantity; the bill's start by default. {_MOMENT}"),
            ]
        ],
        "to": NotRequired[
            Annotated[datetime, Keywords(description=f"End, exclusive; the bill's end by default. {_MOMENT}")]
        ],
        "dimensions": NotRequired[
            Annotated[
                dict[str, str],
                Keywords(description="Data fields with their values, for prices by dimension"),
            ]
        ],
        "events": NotRequired[
            Annotated[int, Keywords(minimum=0, description="Number of events behind the quantity")]
        ],
        "event_values": NotRequired[
            Annotated[
                list[Decimal],
                Keywords(description="Value of each event in order of time, for prices that need them"),
            ]
        ],
    },
)
ChargeQuantity.__doc__ = "A quantity of one charge, dimension and part of the period."


class UsageFile(TypedDict):
    """A period and its quantities."""

    period: NotRequired[datetime]
    """Any day of the period to rate; the first day of the first version by default. A local date of the
    agreement, or an instant with its offset."""
    until: NotRequired[datetime]
    """Nothing is billed from here on, as after a suspension. A local date of the agreement, or an instant
    with its offset."""
    quantities: NotRequired[dict[str, Decimal] | list[ChargeQuantity]]
    """Numbers by charge, or a list with an item for each charge, dimension and part of the period."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageToRate:
    """A period and its quantities."""

    period: Period
    until: datetime | None
    quantities: tuple[Quantity, ...]


def read_usage(
    text: str, file: PurePosixPath, versions: tuple[AgreementVersion, ...]
) -> tuple[UsageToRate | None, tuple[Diagnostic, ...]]:
    """Return the usage and every problem of the file; no usage if there are errors."""
    report = Report()
    tree = compose(text, file, report)
    if tree is None:
        return None, report.found()
    usage = _Reader(report, versions).usage(tree)
    return (None if has_errors(report.found()) else usage), report.found()


class _Reader:
    """Reads one usage file for the agreement versions that rate it."""

    def __init__(self, report: Report, versions: tuple[AgreementVersion, ...]) -> None:
        self._report, self._versions = report, versions
        self._charges = {c.name for v in versions for c in v.agreement.charges}

    def usage(self, tree: Tree) -> UsageToRate | None:
        keys = self._keys(tree, UsageFile)
        terms = self._versions[0].agreement
        at = self._instant(keys["period"]) if "period" in keys else in_force(self._versions[0])[0]
        until = self._instant(keys["until"]) if "until" in keys else None
        if at is None:
            return None
        version = next((v for v in reversed(self._versions) if in_force(v)[0] <= at), self._versions[0])
        terms = version.agreement
        period = period_containing(terms.cycle, terms.time_zone, at)
        found = tuple(self._quantities(keys.get("quantities"), period, until))
        return UsageToRate(period=period, until=until, quantities=found)

    def _quantities(self, tree: Tree | None, period: Period, until: datetime | None) -> Iterator[Quantity]:
        covered = segments(self._versions, period, until=until)
        whole = (covered[0].start, covered[-1].end) if covered else (period.start, period.end)
        match tree:
            case None:
                return
            case Mapping(entries=entries):
                for name, entry in entries.items():
                    self._check_charge(name, span_of(entry.key))
                    value = self._number(entry.value)
                    if value is not None:
                        yield Quantity(meter=name, start=whole[0], end=whole[1], value=value)
            case Sequence(items=items):
                for item in items:
                    quantity = self._quantity(item, whole)
                    if quantity is not None:
                        yield quantity
            case _:
                self._wrong(tree, "a mapping of charges to numbers, or a list")

    def _quantity(self, tree: Tree, whole: tuple[datetime, datetime]) -> Quantity | None:
        keys = self._keys(tree, ChargeQuantity)
        missing = [name for name in required_keys(ChargeQuantity) if name not in keys]
        for name in missing:
            self._report.add("PG013", span_of(tree), f'"{name}" is missing in a quantity')
        if missing:
            return None
        name = self._text(keys["charge"])
        self._check_charge(name, span_of(keys["charge"]))
        value = self._number(keys["value"])
        start = self._instant(keys["from"]) if "from" in keys else whole[0]
        end = self._instant(keys["to"]) if "to" in keys else whole[1]
        events = self._number(keys["events"]) if "events" in keys else Decimal(0)
        values = self._numbers(keys.get("event_values"))
        if value is None or start is None or end is None or events is None:
            return None
        if not start < end:
            self._report.add("PG314", span_of(keys.get("to", tree)), "the quantity ends before it begins")
        return Quantity(
            meter=name,
            start=start,
            end=end,
            value=value,
            dimensions=self._dimensions(keys.get("dimensions")),
            events=int(events) or len(values),
            event_values=values,
        )

    def _keys(self, tree: Tree, kind: type) -> dict[str, Tree]:
        known = tuple(kind.__annotations__)
        if not isinstance(tree, Mapping):
            self._wrong(tree, "a mapping")
            return {}
        for name, entry in tree.entries.items():
            if name not in known:
                span = span_of(entry.key)
                self._report.add("PG012", span, f'unknown key "{name}"', did_you_mean(name, known))
        return {name: entry.value for name, entry in tree.entries.items() if name in known}

    def _check_charge(self, name: str, span: Span) -> None:
        if name not in self._charges:
            hint = did_you_mean(name, self._charges)
            self._report.add("PG012", span, f'no charge is named "{name}"', hint)

    def _number(self, tree: Tree) -> Decimal | None:
        text = self._text(tree)
        if not _NUMBER.match(text):
            shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
            self._report.add("PG020", span_of(tree), f'"{shown}" is not a number', "digits and one point")
            return None
        if text.startswith("-"):
            self._report.add("PG020", span_of(tree), f"must not be negative: {text}", "zero or more")
            return None
        number = decimal_of(text)
        if number is None or number.adjusted() >= _MOST_DIGITS:
            self._report.add("PG020", span_of(tree), "number out of range", f"up to {_MOST_DIGITS} digits")
            return None
        return number

    def _numbers(self, tree: Tree | None) -> tuple[Decimal, ...]:
        if tree is None:
            return ()
        if not isinstance(tree, Sequence):
            self._wrong(tree, "a list of numbers")
            return ()
        return tuple(number for item in tree.items if (number := self._number(item)) is not None)

    def _dimensions(self, tree: Tree | None) -> tuple[tuple[str, str], ...]:
        if tree is None:
            return ()
        if not isinstance(tree, Mapping):
            self._wrong(tree, "a mapping of data fields to values")
            return ()
        return tuple(sorted((name, self._text(entry.value)) for name, entry in tree.entries.items()))

    def _instant(self, tree: Tree) -> datetime | None:
        """Return the instant of a local date of the agreement, or of an instant with its offset."""
        text = self._text(tree)
        try:
            if _DATE.match(text):
                return first_instant(date.fromisoformat(text), self._versions[0].agreement.time_zone)
            instant = datetime.fromisoformat(text)
        except ValueError:
            instant = None
        if instant is None or instant.tzinfo is None:
            hint = "2026-10-15, or 2026-10-15T12:00:00Z"
            self._report.add("PG018", span_of(tree), f'"{text}" is neither a date nor an instant', hint)
            return None
        return instant.astimezone(UTC)

    def _text(self, tree: Tree) -> str:
        if not isinstance(tree, Scalar):
            self._wrong(tree, "a single value")
            return ""
        return tree.text

    def _wrong(self, tree: Tree, wanted: str) -> None:
        self._report.add("PG014", span_of(tree), f"expected {wanted}")
