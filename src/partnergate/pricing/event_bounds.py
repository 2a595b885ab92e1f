"""Prices that bound the fee of each event: they alone need the amount of every event.

A rollup holds sums, so such a charge is measured from the events themselves.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from partnergate.model.agreement import Percentage

if TYPE_CHECKING:
    from partnergate.model.agreement import Agreement, Charge, Price


def needs_each_event(charge: Charge) -> bool:
    """Whether a price bounds single events, so that rating must have the value of each."""
    return any(map(_bounds_events, (charge.price, *(d.price for d in charge.by_dimension))))


def without_event_bounds(agreement: Agreement) -> Agreement:
    """The same meters with prices that need no single event, for whoever only counts."""
    return replace(agreement, charges=tuple(map(_unbounded, agreement.charges)))


def _bounds_events(price: Price) -> bool:
    return isinstance(price, Percentage) and not (price.event_minimum is None and price.event_maximum is None)


def _unbounded(charge: Charge) -> Charge:
    if not needs_each_event(charge):
        return charge
    dimensions = tuple(replace(d, price=_plain(d.price)) for d in charge.by_dimension)
    return replace(charge, price=_plain(charge.price), by_dimension=dimensions)


def _plain(price: Price) -> Price:
    match price:
        case Percentage():
            return replace(price, event_minimum=None, event_maximum=None)
        case _:
            return price
