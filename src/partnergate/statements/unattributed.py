"""Sessions and usage events of an environment that have no partner.

These counts are for operators: they cover the whole environment, so no document of a partner shows
them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from partnergate.statements.reasons import UNATTRIBUTED_RULES

if TYPE_CHECKING:
    from datetime import datetime

    from partnergate.statements.ports import FactReader


@dataclass(frozen=True, slots=True, kw_only=True)
class UnattributedCount:
    """The unattributed sessions and usage events with one reason."""

    reason: str
    count: int
    rule: str
    """Why records with this reason have no partner; empty for an unknown reason."""


def unattributed_usage(facts: FactReader, start: datetime, end: datetime) -> tuple[UnattributedCount, ...]:
    """Return the counts of ``[start, end)`` in the whole environment, in order of the reason."""
    return tuple(
        UnattributedCount(reason=reason, count=count, rule=UNATTRIBUTED_RULES.get(reason, ""))
        for reason, count in sorted(facts.unattributed(start, end).items())
        if count
    )
