"""What became of a plan: one entry for the realm's own part of it and one for each partner."""

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
    PUT_BACK = "put back"
    """A step failed; everything of this part is as it was before."""
    FAILED = "failed"
    """A step failed, and something could not be put back; ``left`` says what."""
    NOT_ATTEMPTED = "not attempted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One partner's changes, or one stage of the realm's."""

    name: str
    """The partner, or the title of the realm stage."""
    outcome: Outcome
    keys: tuple[ResourceKey, ...]
    """What it was to change, in order."""
    failed_at: ResourceKey | None = None
    error: PartnergateError | None = None
    left: tuple[str, ...] = ()
    """What is not as it was before, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyReport:
    """All parts in the order of the plan."""

    parts: tuple[Part, ...] = ()
    stopped_by: str = ""
    """Why the rest was not attempted; empty when everything was."""

    @property
    def is_complete(self) -> bool:
        """Whether the realm is as the plan wanted it."""
        return all(part.outcome is Outcome.DONE for part in self.parts)

    def of(self, outcome: Outcome) -> tuple[Part, ...]:
        """The parts that ended so."""
        return tuple(part for part in self.parts if part.outcome is outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an apply is."""

    done: int
    total: int
    """Steps, the same from the first call to the last."""
    current: str
    """The partner or realm stage that moved last."""
