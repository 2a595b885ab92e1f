"""Keeps a story in real time inside one billing period of each partner, so that it ends alike on every day.

Logins, usage and statements of the demo and of the line suite follow each other within two minutes.
Where a partner's period is about to end, the story waits until the next one has begun, and from then
on it names the period that it happened in.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from partnergate.model.days import local_date
from partnergate.playground.real_clock import now
from partnergate.pricing.periods import period_containing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from partnergate.model.partner import PartnerId, PartnerSpec

ROOM: Final = timedelta(minutes=2)
"""What the story needs from its first login to its last."""
_SECOND: Final = timedelta(seconds=1)


def waiting_time(partners: Iterable[PartnerSpec], at: datetime) -> timedelta:
    """How long to wait so that no partner's period ends within ``ROOM`` of the instant after."""
    ends = [end for p in partners if (end := _end_of_period(p, at)) - at < ROOM]
    return max((end + _SECOND - at for end in ends), default=timedelta())


def wait_for_room(partners: Iterable[PartnerSpec]) -> None:
    """Wait that long, which is not at all on nearly every day."""
    time.sleep(waiting_time(partners, now()).total_seconds())


def days_of(partners: Iterable[PartnerSpec], at: datetime) -> Mapping[PartnerId, str]:
    """The day it is then for each partner, which is how its period is named in commands and requests."""
    return {p.partner: local_date(at, p.agreements[-1].time_zone).isoformat() for p in partners}


def _end_of_period(partner: PartnerSpec, at: datetime) -> datetime:
    agreement = partner.agreements[-1]
    return period_containing(agreement.cycle, agreement.time_zone, at).end
