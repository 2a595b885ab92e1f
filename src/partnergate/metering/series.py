"""Series: what a usage meter of one charge measures, as a value with a stable key.

A series is the part of a charge that determines which events count and how. It has no prices.
A charge with prices by dimension splits its events: each event goes to the first entry whose
dimensions it has, else to the rest.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from partnergate.canonical_json import canonical_bytes
from partnergate.model.agreement import AggregateName, Charge, UsageMeter
from partnergate.model.event_data import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from partnergate.model.agreement import Agreement
    from partnergate.model.event_data import Scalar

Where = tuple[tuple[str, str], ...]

REST = -1
"""The split of the events that no dimension price names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One usage meter with its splits."""

    event: str
    aggregate: AggregateName
    of: str | None = None
    where: Where = ()
    splits: tuple[Where, ...] = ()

    @property
    def key(self) -> str:
        """Equal for equal series, in every version of the program."""
        content = [self.event, self.aggregate, self.of, self.where, self.splits]
        return hashlib.sha256(canonical_bytes(content)).hexdigest()

    def split_of(self, data: Mapping[str, Scalar]) -> int | None:
        """The split of the event; none if the filter excludes it."""
        if self.where and not has_dimensions(data, self.where):
            return None
        for number, where in enumerate(self.splits):
            if has_dimensions(data, where):
                return number
        return REST

    def dimensions_of(self, split: int) -> Where:
        """The dimensions that a split's quantity is labelled with."""
        return () if split == REST else self.splits[split]

    def split_numbers(self) -> tuple[int, ...]:
        """Every split, the rest last; quantities come in this order."""
        return (*range(len(self.splits)), REST)


def series_of_charge(charge: Charge) -> Series | None:
    """The series that a charge is metered by, none if usage events do not meter it."""
    meter = charge.meter
    if not isinstance(meter, UsageMeter):
        return None
    return Series(
        event=meter.event,
        aggregate=meter.aggregate,
        of=meter.of,
        where=meter.where,
        splits=tuple(price.where for price in charge.by_dimension),
    )


def series_of_agreements(agreements: Iterable[Agreement]) -> tuple[Series, ...]:
    """Every distinct series of the versions, in the order of their keys."""
    found = {s.key: s for a in agreements for c in a.charges if (s := series_of_charge(c)) is not None}
    return tuple(found[key] for key in sorted(found))


def has_dimensions(data: Mapping[str, Scalar], where: Where) -> bool:
    """Whether the data has every one of the dimension values."""
    for name, wanted in where:
        if name not in data:
            return False
        value = data[name]
        if (value if type(value) is str else text_of(value)) != wanted:
            return False
    return True
