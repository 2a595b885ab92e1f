"""Changes that administrators made to a realm, from its admin events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from partnergate.realm.state import ResourceKey


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminAct:
    """One change through the Admin API or the admin console."""

    time: datetime
    operation: str
    """``CREATE``, ``UPDATE``, ``DELETE`` or ``ACTION``."""
    key: ResourceKey
    """The changed resource; the name is empty when the event has only the parent."""
    who: str
    """The user name, or the user ID when the name cannot be read."""
    address: str
    by_apply: bool
    """Whether an apply of the same account held the lock at that time."""
