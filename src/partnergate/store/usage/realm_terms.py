"""The terms of a realm's partners, as usage events are attributed by them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partnergate.metering.attributing import PartnerRecords
    from partnergate.metering.series import Series
    from partnergate.model.agreement import Agreement
    from partnergate.model.partner import PartnerId


@dataclass(frozen=True, slots=True, kw_only=True)
class RealmTerms:
    """The agreements and rollup series of every partner of a realm."""

    standing: PartnerRecords
    agreements: Mapping[PartnerId, tuple[Agreement, ...]]
    """Every version that any recorded file of the partner had."""
    series: Mapping[PartnerId, Mapping[str, Series | None]]
    """The rollup series of the partners by key, from ``wanted_series``."""
