"""What a partner's identity data lacks, as its page shows it: counts and days, never a person."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from partnergate.attribution.quality import TITLES
from partnergate.store.sessions.profiles import partner_quality
from partnergate.store.sessions.quality import time_zone_of

if TYPE_CHECKING:
    from datetime import datetime

    from partnergate.attribution.quality import IdentityQuality
    from partnergate.model.partner import PartnerSpec
    from partnergate.store.database.engine import Store

COUNTED_SECONDS: Final = 60.0
"""A partner's logins are counted once in this time, however often its page is loaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRow:
    """One problem."""

    title: str
    number: int
    share: str
    """Of the logins that could have it; empty where the count is not of logins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityPanel:
    """The part of a partner's page about its identity data."""

    span: str
    """The words after "5 logins": since when, or from when to when."""
    logins: int
    observed: int
    new_subjects: int
    rows: tuple[IdentityRow, ...]
    jumps: tuple[tuple[str, int], ...]
    """Days with far more new subjects than usual."""

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong with what was observed."""
        return not self.jumps and not any(row.number for row in self.rows)


@dataclass(slots=True, kw_only=True)
class IdentityData:
    """Counts for pages. Safe to share among threads; one count at a time."""

    store: Store
    realm: str
    _kept: dict[tuple[str, datetime], tuple[float, IdentityQuality]] = field(default_factory=dict)
    """By partner and start: when it was counted, and the counts."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def panel(self, spec: PartnerSpec, start: datetime, end: datetime, span: str) -> IdentityPanel:
        """The panel of one partner and span, counted in the last minute."""
        return panel_of(self._counted(spec, start, end), span)

    def _counted(self, spec: PartnerSpec, start: datetime, end: datetime) -> IdentityQuality:
        with self._lock:
            oldest = time.monotonic() - COUNTED_SECONDS
            for old in [key for key, (counted, _) in self._kept.items() if counted <= oldest]:
                del self._kept[old]
            if (kept := self._kept.get((spec.partner, start))) is not None:
                return kept[1]
            with self.store.read() as connection:
                found = partner_quality(
                    connection,
                    self.realm,
                    spec.partner,
                    (start, end),
                    time_zone=time_zone_of(spec),
                    agreed_domains=spec.email_domains,
                )
            self._kept[spec.partner, start] = (time.monotonic(), found)
            return found


def panel_of(quality: IdentityQuality, span: str) -> IdentityPanel:
    """The counts as a panel."""
    of_logins = {"outside_domains": quality.logins}
    of_none = ("subjects_changed",)
    return IdentityPanel(
        span=span,
        logins=quality.logins,
        observed=quality.observed,
        new_subjects=quality.new_subjects,
        rows=tuple(
            IdentityRow(
                title=TITLES[problem],
                number=number,
                share="" if problem in of_none else _share(number, of_logins.get(problem, quality.observed)),
            )
            for problem, number in quality.problems
            if problem in TITLES
        ),
        jumps=tuple((day.isoformat(), number) for day, number in quality.jumps),
    )


def _share(number: int, of: int) -> str:
    """In whole percent; what is there is never 0 %."""
    if not number or not of:
        return ""
    percent = 100 * number / of
    return "under 1 %" if percent < 1 else f"{percent:.0f} %"
