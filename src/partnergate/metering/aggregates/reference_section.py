"""The section of the language reference that lists every aggregate with an example."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from partnergate.metering.aggregates import AGGREGATES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.metering.aggregates.aggregate import Aggregate


def aggregate_reference() -> str:
    """Return Markdown with a table of the aggregates and an example of each."""
    rows = [
        f"| `{a.name}` | {'required' if a.reads_field else 'not allowed'} | {a.meaning} | {_split(a)} |"
        for a in AGGREGATES
    ]
    return "\n".join(
        [
            "## Aggregates",
            "",
            "An aggregate defines how the usage events of a meter become one quantity.",
            "",
            "| `aggregate` | `of` | Quantity | If the terms change within a period |",
            "| --- | --- | --- | --- |",
            *rows,
            "",
            *(line for aggregate in AGGREGATES for line in _example(aggregate)),
        ]
    )


def meter_text(aggregate: Aggregate) -> str:
    """Return the meter of the example as it is written in a partner file."""
    of = f", of: {aggregate.example.of}" if aggregate.example.of else ""
    return f"meter: {{event: task.run, aggregate: {aggregate.name}{of}}}"


def _split(aggregate: Aggregate) -> str:
    if aggregate.one_value:
        return "the whole quantity belongs to one prorated period"
    if aggregate.distinct:
        return "each value counts in the prorated period of its first event"
    return "the quantities of the prorated periods add up"


def _example(aggregate: Aggregate) -> Iterator[str]:
    yield f"### `{aggregate.name}`"
    yield ""
    yield "```yaml"
    yield meter_text(aggregate)
    yield "```"
    yield ""
    data = ", ".join(f"`{json.dumps(dict(one))}`" for one in aggregate.example.data)
    yield f"Events with the data {data} give the quantity {aggregate.example.quantity}:"
    yield f"{aggregate.describe('task.run', aggregate.example.of)}."
    yield ""
