"""Everything that the files of a workspace say for one environment."""

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
    """All of the directory, whatever their stage, sorted by id."""
