"""The interface of an aggregate: everything that differs from one aggregate to the next.

An aggregate reduces events to a state, an opaque value that only the aggregate reads. ``None`` is the
state of no measured events. States of disjoint sets of events merge in any order, which is what lets
the store keep one state for each hour.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from partnergate.model.agreement import AggregateName
    from partnergate.model.event_data import Scalar


class CountedEvent(NamedTuple):
    """A usage event after its corrections, as an aggregate reads it."""

    time_us: int
    source: str
    id: str
    data: Mapping[str, Scalar]
    identity: str


class PartQuantity(Protocol):
    """What a part of a period measured."""

    @property
    def value(self) -> Decimal: ...
    @property
    def events(self) -> int: ...


class EventQuantity(NamedTuple):
    """What one event amounts to on its own, and its field as text."""

    quantity: Decimal
    text: str


class MeterProblem(NamedTuple):
    """A meter that the aggregate cannot compute."""

    key: str
    """The key of the meter to point at."""
    message: str
    hint: str
    on_key: bool = False
    """Whether to point at the key rather than at its value."""


class MeterExample(NamedTuple):
    """A worked example for the documentation."""

    of: str | None
    data: tuple[Mapping[str, Scalar], ...]
    """The data of each event, in the order of their times."""
    quantity: str


class Aggregate(ABC):
    """One way to turn usage events into a quantity."""

    name: ClassVar[AggregateName]
    """The word in the language, and in stored series."""
    meaning: ClassVar[str]
    """For the documentation and the schema: completes "The quantity is"."""
    example: ClassVar[MeterExample]
    often: ClassVar[tuple[str, ...]] = ()
    """Words that people write instead of the name."""

    reads_field: ClassVar[bool] = True
    """Whether the meter must name a data field with ``of``; otherwise it must not."""
    is_money: ClassVar[bool] = False
    """Whether a percentage of the quantity makes sense, because amounts of money add up to it."""
    distinct: ClassVar[bool] = False
    """Whether different values count, each once a period in the part with its first event.

    The state is then a mapping of value to the first time in microseconds. The store keeps it as rows
    of ``usage_values`` instead of encoding it into ``usage_rollups``.
    """
    one_value: ClassVar[bool] = False
    """Whether the quantity of a period is that of one of its parts, so that parts do not add up."""

    def check(self, of: str | None) -> MeterProblem | None:
        """What is wrong with a meter that has this aggregate and that field."""
        if self.reads_field and not of:
            return MeterProblem("aggregate", f"{self.name} needs a data field", "add of: FIELD")
        if of and not self.reads_field:
            return MeterProblem("of", f"{self.name} reads no data field", "delete of", on_key=True)
        return None

    @abstractmethod
    def measure(self, value: Scalar) -> Any | None:
        """What ``fold`` takes of the value of the field; none if the event cannot be measured."""

    @abstractmethod
    def fold(self, measured: Sequence[tuple[int, Any]], events: Sequence[CountedEvent]) -> Any:
        """The state of some events; ``measured`` has positions in ``events`` and is never empty.

        Every usage event passes through here, so this is the place to be fast.
        """

    @abstractmethod
    def merge(self, one: Any, other: Any) -> Any:
        """The state of two disjoint sets of events, neither of them ``None``."""

    @abstractmethod
    def value(self, count: int, state: Any) -> Decimal:
        """The quantity of ``count`` measured events with this state, which may be ``None``."""

    def encode(self, state: Any) -> str:
        """The state as the store keeps it; equal states give equal text."""
        raise NotImplementedError(f"{self.name} keeps no state in rollups")

    def decode(self, text: str) -> Any:
        """The state that ``encode`` wrote."""
        raise NotImplementedError(f"{self.name} keeps no state in rollups")

    def replaces(self, later: PartQuantity, known: PartQuantity) -> bool:
        """For ``one_value``: whether a later part has the period's quantity rather than the known one."""
        raise NotImplementedError(f"the parts of {self.name} add up")

    @abstractmethod
    def event_quantity(self, value: Scalar) -> Decimal | None:
        """What one event adds on its own, for reconciliation; none if it cannot be measured."""

    def deciding(self, events: Sequence[EventQuantity]) -> frozenset[int] | None:  # noqa: ARG002
        """The positions of the events that make up the quantity; none if all of them do.

        ``events`` are those of one period in order of time, without those that cannot be measured.
        """
        return None

    def why_unmeasured(self, data: Mapping[str, Scalar], of: str | None) -> str | None:
        """Why an event with this data does not count; none if it counts."""
        if not self.reads_field or self.measure(data.get(of or "")) is not None:
            return None
        return f"its data has no value in {of}"

    @abstractmethod
    def describe(self, event: str, of: str | None) -> str:
        """A description of the quantity of one meter: ``sum of "units" over task.run events``."""
