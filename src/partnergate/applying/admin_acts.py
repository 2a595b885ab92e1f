"""What administrators did to a realm, as its admin events tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from partnergate.realm.state import ResourceKey


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminAct:
    """One change that somebody made through the Admin API or the console."""

    time: datetime
    operation: str
    """``CREATE``, ``UPDATE``, ``DELETE`` or ``ACTION``."""
    key: ResourceKey
    """What was touched; its name is empty where the event does not tell, then its parent may."""
    who: str
    """The user's name, or its id where the name cannot be read."""
    address: str
    by_apply: bool
    """Whether it happened while an apply of the same account held the realm."""
