"""The price models: one file each, and the registry that every other module asks.

A new model is one file with one class, and one line in ``_REGISTERED``. Its class answers everything:

- ``price_model``: the base classes, with every question
- ``measured``, ``steps``: what a model is given, and the steps that it returns
- ``keys``, ``number_checks``, ``tiers``, ``words``: what several models share
- ``page``: the section of ``docs/pricing.md``
- every other module: the model of that name

A model that is not registered is an error wherever a price is read, rated or described.
"""

from __future__ import annotations

import dataclasses
from enum import Enum
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from partnergate.errors import RatingError
from partnergate.pricing.models.price_model import FixedPrice, MeteredPrice

if TYPE_CHECKING:
    from partnergate.model.agreement import Price

__all__ = (
    "MODELS",
    "SIMPLEST_METERED",
    "metered_model",
    "model_named",
    "model_of",
    "often_written",
    "value_types",
)

_REGISTERED = (
    "flat:Flat",
    "per_unit:PerUnit",
    "graduated:Graduated",
    "volume:Volume",
    "package:Package",
    "tiered_package:TieredPackage",
    "percentage:Percentage",
    "graduated_percentage:GraduatedPercentage",
)
"""``module:class`` in the order of the documentation and of messages."""


def _loaded(entry: str) -> type[FixedPrice | MeteredPrice]:
    module, name = entry.split(":")
    found: type[FixedPrice | MeteredPrice] = getattr(import_module(f"{__name__}.{module}"), name)
    return found


MODELS = tuple(map(_loaded, _REGISTERED))
"""The class of every price model."""

SIMPLEST_METERED = next(model.model for model in MODELS if issubclass(model, MeteredPrice))
"""The first registered model with a meter, which hints suggest."""

_BY_NAME = {model.model: model for model in MODELS}


def model_of(price: Price) -> FixedPrice | MeteredPrice:
    """Return the price as its model; ``RatingError`` if its class is not registered."""
    if _BY_NAME.get(getattr(price, "model", "")) is not type(price):
        raise RatingError(f"{type(price).__name__} is not a registered price model")
    return price


def model_named(name: str) -> type[FixedPrice | MeteredPrice]:
    """Return the class of the model; ``RatingError`` if the name is unknown."""
    if name not in _BY_NAME:
        raise RatingError(f'unknown price model "{name}"', advice=f"one of {', '.join(_BY_NAME)}")
    return _BY_NAME[name]


def metered_model(name: str) -> type[MeteredPrice]:
    """Return the class of a model that has steps; ``RatingError`` if it has none or is unknown."""
    model = model_named(name)
    if not issubclass(model, MeteredPrice):
        raise RatingError(f'the price model "{name}" has no steps')
    return model


def often_written() -> tuple[tuple[str, str], ...]:
    """Return each word that is often written instead of a model, with a hint about the models it may mean."""
    hints: dict[str, list[str]] = {}
    for model in MODELS:
        for word, predicate in model.often:
            hints.setdefault(word, []).append(f"{model.model} {predicate}")
    return tuple((word, ", ".join(found)) for word, found in hints.items())


@cache
def value_types() -> dict[str, type]:
    """Return every dataclass and enum that a price holds, by its name, the models included."""
    found: dict[str, type] = {}
    waiting: list[Any] = list(MODELS)
    while waiting:
        kind = waiting.pop()
        if dataclasses.is_dataclass(kind) and isinstance(kind, type):
            found[kind.__name__] = kind
            hints = get_type_hints(kind)
            waiting += [hints[field.name] for field in dataclasses.fields(kind)]
        elif isinstance(kind, type) and issubclass(kind, Enum):
            found[kind.__name__] = kind
        else:
            waiting += get_args(kind)
    return found
