"""What a series has measured so far in one span: parts merge into the whole, in any order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from partnergate.metering.fact_hash import add_weights

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Events of one split: how many, the weight of their identities, and the state of the aggregate."""

    count: int = 0
    """Events that were measured."""
    unmeasured: int = 0
    """Events without the value that the aggregate reads."""
    state: Any = None
    """As the aggregate of the series made it; none if it keeps none or nothing was measured."""
    weight: int = 0


UNMEASURED = Tally(unmeasured=1)
"""One event without the value that the aggregate reads."""


def merged(tallies: Iterable[Tally], merge: Callable[[Any, Any], Any] | None = None) -> Tally:
    """The tally of disjoint sets of events together.

    ``merge`` is that of the aggregate; tallies that never have a state need none.
    """
    count, unmeasured, weight = 0, 0, 0
    state: Any = None
    for tally in tallies:
        count += tally.count
        unmeasured += tally.unmeasured
        weight = add_weights(weight, tally.weight)
        if tally.state is None:
            continue
        if state is None:
            state = tally.state
        elif merge is None:
            raise ValueError("tallies with a state need the merge of their aggregate")
        else:
            state = merge(state, tally.state)
    return Tally(count=count, unmeasured=unmeasured, state=state, weight=weight)
