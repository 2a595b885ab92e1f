"""The realm and partners that a workspace defines for one environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from partnergate.model.environment import RealmSpec
    from partnergate.model.partner import PartnerSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """One environment and its partners."""

    realm: RealmSpec
    partners: tuple[PartnerSpec, ...]
    """All partners of the directory in any stage, sorted by ID."""
