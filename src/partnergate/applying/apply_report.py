"""The outcome of an apply: one entry for each realm stage and one for each partner."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from partnergate.errors import PartnergateError
    from partnergate.realm.state import ResourceKey


class Outcome(StrEnum):
    """How a part of a plan ended."""

    DONE = "done"
    ROLLED_BACK = "rolled back"
    """A step failed; every change of this part was undone."""
    FAILED = "failed"
    """A step failed, and some changes could not be undone; ``left`` lists them."""
    NOT_ATTEMPTED = "not attempted"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartReport:
    """The changes of one partner, or one realm stage."""

    name: str
    """The partner, or the title of the realm stage."""
    outcome: Outcome
    keys: tuple[ResourceKey, ...]
    """The resources to change, in order."""
    failed_at: ResourceKey | None = None
    error: PartnergateError | None = None
    left: tuple[str, ...] = ()
    """The changes that could not be rolled back, as text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyReport:
    """All parts in the order of the plan."""

    parts: tuple[PartReport, ...] = ()
    stopped_by: str = ""
    """Why the rest was not attempted; empty when everything was attempted."""

    @property
    def is_complete(self) -> bool:
        """Whether every part is done."""
        return all(part.outcome is Outcome.DONE for part in self.parts)

    def of(self, outcome: Outcome) -> tuple[PartReport, ...]:
        """The parts with that outcome."""
        return tuple(part for part in self.parts if part.outcome is outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The progress of an apply."""

    done: int
    total: int
    """Steps; the same in every call."""
    current: str
    """The partner or realm stage of the latest step."""
