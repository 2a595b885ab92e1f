"""The quality of identity data, of every partner at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.store.partners.history import load_registry
from partnergate.store.sessions.profiles import partner_quality

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from partnergate.attribution.quality import IdentityQuality
    from partnergate.model.partner import PartnerSpec


def time_zone_of(spec: PartnerSpec) -> str:
    """Return the time zone of the partner's first agreement, or UTC without one."""
    return spec.agreements[0].time_zone if spec.agreements else "UTC"


def recent_qualities(
    connection: Connection, realm: str, start: datetime, end: datetime
) -> tuple[IdentityQuality, ...]:
    """Return the counts of each recorded partner in ``[start, end)``, by the registry at the end."""
    registry = load_registry(connection, realm)
    found = []
    for partner in registry.partners:
        spec = registry.spec_at(partner, end)
        if spec is not None:
            found.append(
                partner_quality(
                    connection,
                    realm,
                    partner,
                    (start, end),
                    time_zone=time_zone_of(spec),
                    agreed_domains=spec.email_domains,
                )
            )
    return tuple(found)
