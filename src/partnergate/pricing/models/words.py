"""Descriptions of a price step, for ``--explain`` and for the statement.

A model replaces a form if its steps need other words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, assert_never

from partnergate.model.decimals import number_text
from partnergate.pricing.models.steps import Basis

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    Numbers = Callable[[Decimal], str]


class PriceStep(Protocol):
    """A step as rating or a statement holds it."""

    @property
    def lower(self) -> Decimal: ...
    @property
    def upper(self) -> Decimal | None: ...
    @property
    def basis(self) -> str: ...
    @property
    def quantity(self) -> Decimal: ...
    @property
    def unit(self) -> Decimal: ...
    @property
    def flat(self) -> Decimal: ...
    @property
    def amount(self) -> Decimal: ...


def is_shown(step: PriceStep) -> bool:
    """Whether the step contributes to the line: steps that charge nothing are left out."""
    return bool(step.amount or (step.quantity and step.basis != Basis.EVENTS))


def explained_step(step: PriceStep) -> str:
    """Return the arithmetic of a step: ``8 packages x 1.2 = 9.6``."""
    basis = Basis(step.basis)
    match basis:
        case Basis.AMOUNT:
            rate = f"{number_text(step.unit)} % of {number_text(step.quantity)}"
        case Basis.UNITS:
            rate = f"{number_text(step.quantity)} x {number_text(step.unit)}"
        case Basis.PACKAGES:
            rate = f"{_many(step.quantity, 'package')} x {number_text(step.unit)}"
        case Basis.EVENTS:
            rate = f"{_many(step.quantity, 'event')} x {number_text(step.unit)}"
        case _:
            assert_never(basis)
    flat = f" + {number_text(step.flat)}" if step.flat else ""
    return f"{rate}{flat} = {number_text(step.amount)}"


def explained_bounds(step: PriceStep) -> str:
    """Return the bounds of a tier, to put before its arithmetic: ``from 0 to 500: ``."""
    upper = f"to {number_text(step.upper)}" if step.upper is not None else "on"
    return f"from {number_text(step.lower)} {upper}: "


def listed_step(step: PriceStep, number: Numbers) -> str:
    """Return a step as a statement lists it, with the statement's numbers: ``packages: 8 × 1.2 = 9.6``."""  # noqa: RUF002
    percent = " %" if step.basis == Basis.AMOUNT else ""
    flat = f" + {number(step.flat)}" if step.flat else ""
    product = f"{number(step.quantity)} × {number(step.unit)}{percent}{flat}"  # noqa: RUF001
    return f"{_listed_bounds(step, number)}{step.basis}: {product} = {number(step.amount)}"


def _listed_bounds(step: PriceStep, number: Numbers) -> str:
    if step.upper is not None:
        return f"{number(step.lower)} to {number(step.upper)} "
    return f"over {number(step.lower)} " if step.lower else ""


def _many(quantity: Decimal, noun: str) -> str:
    return f"{number_text(quantity)} {noun}" + ("" if quantity == 1 else "s")
