"""Aggregates: how usage events become one quantity. One module for each aggregate.

- ``aggregate``: the interface, with defaults that most aggregates share
- ``numbers``: the parts that aggregates of a numeric field share
- ``reference_section``: the section of the language reference
- every other module: one aggregate, named as the language names it

To add an aggregate, write its module with one constant ``AGGREGATE`` and list the module in
``_MODULES``. Nothing else in the program names an aggregate.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from partnergate.metering.aggregates.aggregate import Aggregate

if TYPE_CHECKING:
    from partnergate.model.agreement import AggregateName

__all__ = ("AGGREGATES", "Aggregate", "aggregate_named")

_MODULES = (
    "count",
    "sum",
    "max",
    "min",
    "last",
    "unique_count",
)

AGGREGATES: tuple[Aggregate, ...] = tuple(import_module(f"{__name__}.{name}").AGGREGATE for name in _MODULES)
"""Every aggregate, in the order in which documentation and messages list them."""
_BY_NAME = {aggregate.name: aggregate for aggregate in AGGREGATES}


def aggregate_named(name: AggregateName) -> Aggregate:
    """The aggregate with that name. Raises ``ValueError`` for an unknown one."""
    found = _BY_NAME.get(name)
    if found is None:
        raise ValueError(f'unknown aggregate "{name}": use one of {", ".join(_BY_NAME)}')
    return found
