"""The steps of a cost: what a price model returns for a measured quantity."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal  # noqa: TC003 - documents are read by these types
from enum import StrEnum
from typing import NamedTuple

from partnergate.model.decimals import HUNDRED, ZERO, exact


class Basis(StrEnum):
    """What the quantity of a step counts."""

    UNITS = "units"
    PACKAGES = "packages"
    AMOUNT = "amount"
    """Money of the metered events; ``unit`` is a percentage of it."""
    EVENTS = "events"


@dataclass(frozen=True, slots=True, kw_only=True)
class RatedTier:
    """One step of a price: ``amount`` is ``quantity`` times ``unit`` plus ``flat``.

    A price without tiers has one step, from zero. If tiers continue across a change of other terms,
    a step holds what this line adds; a volume price may then reduce a lower step.
    """

    lower: Decimal
    upper: Decimal | None
    basis: Basis
    quantity: Decimal
    unit: Decimal
    """Price of one unit or package; for ``Basis.AMOUNT`` a percentage."""
    flat: Decimal
    amount: Decimal


class Band(NamedTuple):
    """The bounds of a tier, and the rate and flat fee inside it."""

    unit: Decimal
    lower: Decimal = ZERO
    upper: Decimal | None = None
    flat: Decimal = ZERO


def step(basis: Basis, band: Band, quantity: Decimal, *, flat: bool = False) -> RatedTier:
    """Return the step that charges ``quantity`` at the band's rate, with its flat fee if ``flat``."""
    fee = band.flat if flat else ZERO
    rate = band.unit / HUNDRED if basis is Basis.AMOUNT else band.unit
    return RatedTier(
        lower=band.lower,
        upper=band.upper,
        basis=basis,
        quantity=quantity,
        unit=band.unit,
        flat=fee,
        amount=exact(quantity * rate + fee),
    )
