"""Charges that must be measured from single events, because their price depends on the value of each.

A rollup contains sums, so such a charge cannot be measured from rollups.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from partnergate.pricing.models import model_of
from partnergate.pricing.models.price_model import MeteredPrice

if TYPE_CHECKING:
    from partnergate.model.agreement import Agreement, Charge, Price


def needs_each_event(charge: Charge) -> bool:
    """Whether a price of the charge needs the value of each event, not only their sum."""
    return any(map(_needs_each, (charge.price, *(one.price for one in charge.by_dimension))))


def without_event_bounds(agreement: Agreement) -> Agreement:
    """Return an agreement with the same meters whose prices need no single event, for counting only."""
    return replace(agreement, charges=tuple(map(_unbounded, agreement.charges)))


def _needs_each(price: Price) -> bool:
    model = model_of(price)
    return isinstance(model, MeteredPrice) and model.needs_each_event


def _unbounded(charge: Charge) -> Charge:
    if not needs_each_event(charge):
        return charge
    dimensions = tuple(replace(one, price=_plain(one.price)) for one in charge.by_dimension)
    return replace(charge, price=_plain(charge.price), by_dimension=dimensions)


def _plain(price: Price) -> Price:
    model = model_of(price)
    return model.without_event_bounds() if isinstance(model, MeteredPrice) else model
