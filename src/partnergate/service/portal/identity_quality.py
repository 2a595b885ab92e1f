"""The identity data panel of a partner's page: counts and days only, no personal data."""

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

CACHE_SECONDS: Final = 60.0
"""A partner's logins are counted at most once in this interval, however often the page is loaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRow:
    """One problem with its count."""

    title: str
    number: int
    share: str
    """The share of the affected kind of logins; empty when the count is not of logins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityPanel:
    """The identity data panel of a partner's page."""

    span: str
    """The time range in words, to follow "5 logins"."""
    logins: int
    observed: int
    new_subjects: int
    rows: tuple[IdentityRow, ...]
    jumps: tuple[tuple[str, int], ...]
    """Days with unusually many new users."""

    @property
    def clean(self) -> bool:
        """Whether no problem was observed."""
        return not self.jumps and not any(row.number for row in self.rows)


@dataclass(slots=True, kw_only=True)
class IdentityPanels:
    """Counts and caches the panels. Thread-safe; one count of each partner runs at a time."""

    store: Store
    realm: str
    _kept: dict[tuple[str, datetime], tuple[float, IdentityQuality]] = field(default_factory=dict)
    """(partner, start) -> (time of the count, counts)."""
    _counting: dict[str, threading.Lock] = field(default_factory=dict)
    """A lock for each partner, so that no partner waits for the count of another."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    """Protects the two dictionaries; never held while the store is read."""

    def panel(self, spec: PartnerSpec, start: datetime, end: datetime, span: str) -> IdentityPanel:
        """Return the panel of one partner and time range, at most a minute old."""
        return panel_of(self._counted(spec, start, end), span)

    def _counted(self, spec: PartnerSpec, start: datetime, end: datetime) -> IdentityQuality:
        with self._lock:
            counting = self._counting.setdefault(spec.partner, threading.Lock())
        with counting:
            if (kept := self._recent(spec.partner, start)) is not None:
                return kept
            with self.store.read() as connection:
                found = partner_quality(
                    connection,
                    self.realm,
                    spec.partner,
                    (start, end),
                    time_zone=time_zone_of(spec),
                    agreed_domains=spec.email_domains,
                )
            with self._lock:
                self._kept[spec.partner, start] = (time.monotonic(), found)
            return found

    def _recent(self, partner: str, start: datetime) -> IdentityQuality | None:
        """Return counts that are at most a minute old, and forget older ones."""
        with self._lock:
            oldest = time.monotonic() - CACHE_SECONDS
            for old in [key for key, (counted, _) in self._kept.items() if counted <= oldest]:
                del self._kept[old]
            kept = self._kept.get((partner, start))
        return None if kept is None else kept[1]


def panel_of(quality: IdentityQuality, span: str) -> IdentityPanel:
    """Convert the counts to a panel."""
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
    """Return the share in whole percent. A nonzero count never shows as 0 %."""
    if not number or not of:
        return ""
    percent = 100 * number / of
    return "under 1 %" if percent < 1 else f"{percent:.0f} %"
