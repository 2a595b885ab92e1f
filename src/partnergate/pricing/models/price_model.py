"""The base classes of the price models: every question that the program asks about a price.

A model is one class in one file. It is a frozen value, subclasses ``FixedPrice`` or ``MeteredPrice``,
and is registered by one line in ``pricing/models/__init__.py``. Keys, checks, cost,
words and documentation are in that file, so that no other module depends on its name.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from decimal import Decimal  # noqa: TC003 - statement documents are read by the types of these classes
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

from partnergate.language.shape.collections import Object  # noqa: TC001 - as above
from partnergate.model.agreement import Price
from partnergate.pricing.models.words import explained_step, listed_step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.language.shape.finding import CodedFinding
    from partnergate.language.text.tree import Path
    from partnergate.model.agreement import RatingRules
    from partnergate.pricing.models.measured import Measured
    from partnergate.pricing.models.steps import RatedTier
    from partnergate.pricing.models.words import Numbers, PriceStep

Values = Mapping[str, Any]
"""The keys of a price after the language has checked them."""


class PriceExample(NamedTuple):
    """One price with its result, for ``docs/pricing.md``; a test rates it."""

    price: str
    """The price as JSON."""
    amount: str
    """The amount of the line in a currency with two decimals."""
    quantity: str = ""
    """The measured quantity; empty for a fixed price."""
    events: int = 0
    arithmetic: str = ""
    """How the amount follows, for people."""


class PriceModel(Price, ABC):
    """A price of a known model."""

    __slots__ = ()

    model: ClassVar[str]
    """The value of ``model`` in files and on statements."""
    shape: ClassVar[Object]
    """The keys in the language; schema and reference are made from it."""
    guide: ClassVar[str]
    """What ``docs/pricing.md`` explains about the model, as Markdown."""
    example: ClassVar[PriceExample]
    often: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Words that are often written instead of the name, each with the predicate of a hint about the model."""
    measures_money: ClassVar[bool] = False
    """Whether the quantity must be a sum of money."""

    @classmethod
    @abstractmethod
    def from_values(cls, values: Values) -> Self:
        """Return the price that the checked keys describe."""

    @abstractmethod
    def number_problems(self, path: Path) -> Iterator[CodedFinding]:
        """Yield what makes the price impossible to rate although no file can contain it.

        Such as a negative amount: the language has no way to write one, other sources may.
        """

    @abstractmethod
    def deciding_rules(self, billable: Decimal) -> tuple[str, ...]:
        """Return the keys of ``rules`` without which ``billable`` units could cost something else.

        Only rules about prices count: ``tier_boundary`` and ``zero_usage_flat_fee``.
        """

    def file_problems(self, path: Path) -> Iterator[CodedFinding]:
        """Yield what is wrong with well-formed keys, such as tiers out of order."""
        del path
        return iter(())

    def statement_amounts(self) -> tuple[tuple[str, Decimal], ...]:
        """Return keys and amounts that a statement shows unchanged, so they must fit the currency."""
        return ()


class FixedPrice(PriceModel):
    """A price that is due without a meter."""

    __slots__ = ()

    @property
    @abstractmethod
    def due(self) -> Decimal:
        """The amount for a whole period."""

    @property
    @abstractmethod
    def is_due_once(self) -> bool:
        """Whether it is due in the first period only, and never prorated."""

    @property
    @abstractmethod
    def is_due_in_advance(self) -> bool:
        """Whether it is due at the start of what it covers, not at its end."""


class MeteredPrice(PriceModel):
    """A price of a measured quantity."""

    __slots__ = ()

    @abstractmethod
    def steps(self, measured: Measured, included: Decimal, rules: RatingRules) -> tuple[RatedTier, ...]:
        """Return the steps that the whole of ``measured`` costs, ``included`` of it free.

        The number and order of the steps depend on the price alone, so that the steps of two
        quantities can be subtracted. The caller sets the decimal context of rating.
        """

    @property
    def unit_price(self) -> Decimal | None:
        """The price of each unit if it is the same for all of them."""
        return None

    @property
    def needs_each_event(self) -> bool:
        """Whether the cost depends on the value of each single event, not only on the sum."""
        return False

    def without_event_bounds(self) -> Self:
        """Return a price on the same meter that needs no single event, for callers that only count."""
        return self

    @classmethod
    def explain_step(cls, step: PriceStep) -> str:
        """Return one step for ``--explain``."""
        return explained_step(step)

    @classmethod
    def list_step(cls, step: PriceStep, number: Numbers) -> str:
        """Return one step for the statement; ``number`` formats a number for its reader."""
        return listed_step(step, number)
