"""The quality of the identity data of a partner in a period, as counts without personal data."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from partnergate.attribution.outcome import SubjectKey
    from partnergate.model.partner import PartnerId

LONGEST_NAME: Final = 200
_JUMP_TIMES: Final = 3
_JUMP_LEAST: Final = 10


TITLES: Final = {
    "missing_first_name": "No first name",
    "missing_last_name": "No last name",
    "missing_email": "No email",
    "malformed_name": "Malformed name",
    "malformed_email": "Malformed email",
    "outside_domains": "Outside the agreed domains",
    "subjects_changed": "Emails with several subjects",
}
"""The text for each problem; jumps have one by day instead."""


class FieldState(StrEnum):
    """The kind of value that a partner sent for a field. The set is bounded because it labels metrics."""

    PRESENT = "present"
    MISSING = "missing"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedLogin:
    """One login with what was seen of its user's profile; ``None`` if it was not read."""

    time: datetime
    day: date
    """In the partner's time zone."""
    subject: SubjectKey
    first_name: FieldState | None = None
    last_name: FieldState | None = None
    email: FieldState | None = None
    email_domain: str | None = None
    email_key: str | None = None
    new_subject: bool = False
    """Whether this is the first login of the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityQuality:
    """Counts for one partner and period."""

    partner: PartnerId
    logins: int
    observed: int
    """Logins of which the profile was seen; the other counts are of these."""
    missing_first_name: int
    missing_last_name: int
    missing_email: int
    malformed_names: int
    malformed_emails: int
    outside_domains: int
    """Logins with an email address outside the agreed domains; 0 where none are agreed."""
    shared_emails: int
    """Email addresses with more than one subject, because of shared accounts or changed identifiers."""
    new_subjects: int
    jumps: tuple[tuple[date, int], ...]
    """Days with at least three times the usual number of new subjects, and how many."""

    @property
    def problems(self) -> tuple[tuple[str, int], ...]:
        """Each problem with its count, in one order. The names are a bounded set: they label metrics."""
        return (
            ("missing_first_name", self.missing_first_name),
            ("missing_last_name", self.missing_last_name),
            ("missing_email", self.missing_email),
            ("malformed_name", self.malformed_names),
            ("malformed_email", self.malformed_emails),
            ("outside_domains", self.outside_domains),
            ("subjects_changed", self.shared_emails),
            ("jump_of_new_subjects", len(self.jumps)),
        )


def name_state(name: str | None) -> FieldState:
    """Return whether a name is plausible: a letter, no control characters, and not an email address."""
    if name is None or not name.strip():
        return FieldState.MISSING
    plausible = len(name) <= LONGEST_NAME and name.isprintable() and any(c.isalpha() for c in name)
    return FieldState.PRESENT if plausible and "@" not in name else FieldState.MALFORMED


def email_state(email: str | None, domain: str | None) -> FieldState:
    """Return whether an address is plausible; ``domain`` comes from ``events.pseudonymization.domain_of``."""
    if email is None or not email.strip():
        return FieldState.MISSING
    return FieldState.PRESENT if domain is not None and "." in domain else FieldState.MALFORMED


def identity_quality(
    partner: PartnerId, logins: Iterable[ObservedLogin], *, agreed_domains: Sequence[str] = ()
) -> IdentityQuality:
    """Count the identity fields that are missing or malformed in a partner's logins, in any order."""
    listed = tuple(logins)
    seen = tuple(one for one in listed if one.email is not None)
    subjects: dict[str, set[str]] = {}
    for one in listed:
        if one.email_key is not None:
            subjects.setdefault(one.email_key, set()).add(one.subject)
    new = Counter(one.day for one in listed if one.new_subject)
    states = Counter((field, state) for one in seen for field, state in _states(one))
    malformed = FieldState.MALFORMED
    return IdentityQuality(
        partner=partner,
        logins=len(listed),
        observed=len(seen),
        missing_first_name=states["first_name", FieldState.MISSING],
        missing_last_name=states["last_name", FieldState.MISSING],
        missing_email=states["email", FieldState.MISSING],
        malformed_names=states["first_name", malformed] + states["last_name", malformed],
        malformed_emails=states["email", malformed],
        outside_domains=sum(
            1
            for one in listed
            if agreed_domains and one.email_domain and one.email_domain not in agreed_domains
        ),
        shared_emails=sum(1 for found in subjects.values() if len(found) > 1),
        new_subjects=new.total(),
        jumps=jumps(new, sorted({one.day for one in listed})),
    )


def jumps(new: Counter[date], days: Sequence[date]) -> tuple[tuple[date, int], ...]:
    """Return the days with at least ten new subjects and three times the average of the days before."""
    found = []
    before = 0
    for number, day in enumerate(days):
        if number and new[day] >= _JUMP_LEAST and new[day] * number >= _JUMP_TIMES * max(before, 1):
            found.append((day, new[day]))
        before += new[day]
    return tuple(found)


def _states(one: ObservedLogin) -> tuple[tuple[str, FieldState | None], ...]:
    return (("first_name", one.first_name), ("last_name", one.last_name), ("email", one.email))
