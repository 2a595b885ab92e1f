"""The recorded versions of the partners of one realm, by time: the registry.

The first version of a partner has no start, because logins from before the first recording also belong
to that partner. If two partners claim an alias at the same time, it belongs to the one recorded first.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from partnergate.attribution.outcome import Exclusion, SubjectKey
from partnergate.attribution.rules import RealmRules
from partnergate.model.days import first_instant
from partnergate.model.instants import to_ms
from partnergate.model.partner import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from partnergate.model.partner import Alias, PartnerId, PartnerSpec

BEGINNING_MS = -(2**62)
"""Before every event."""
END_MS = 2**52
"""After every event, and an integer that JSON has exactly."""
Span = tuple[int, int]
"""An instant, and the exclusive end, in milliseconds."""
_ENDED = frozenset({Stage.SUSPENDED, Stage.RETIRED})
_NOT_BILLED = frozenset({Stage.DRAFT, Stage.STAGING})


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerVersion:
    """The partner file in effect from ``since_ms`` until the next version."""

    since_ms: int
    recorded_ms: int
    spec: PartnerSpec
    test_subjects: Mapping[SubjectKey, tuple[Span, ...]] = field(default_factory=dict)
    """The spans in which each of these users is a test user."""
    test_domains: tuple[tuple[str, int], ...] = ()
    """(email domain, time from which its users are test users); only in versions recorded earlier."""


def span_of_test_users(spec: PartnerSpec, position: int) -> Span:
    """Return the span of test users, in the time zone of the partner's first agreement.

    It ends with their last day; versions recorded without one have no end.
    """
    zone = spec.agreements[0].time_zone if spec.agreements else "UTC"
    users = spec.test_users[position]
    since = to_ms(first_instant(users.since, zone))
    if users.until is None:
        return since, END_MS
    return since, to_ms(first_instant(users.until + timedelta(days=1), zone))


def test_domains(spec: PartnerSpec) -> tuple[tuple[str, int], ...]:
    """Return the email domains of test users, each with its start."""
    listed = enumerate(spec.test_users)
    return tuple(
        sorted(
            (d.lower(), span_of_test_users(spec, n)[0]) for n, users in listed for d in users.email_domains
        )
    )


class Registry:
    """The immutable partner history of one realm."""

    def __init__(
        self,
        versions: Sequence[PartnerVersion] = (),
        rules: Sequence[tuple[int, RealmRules]] = (),
    ) -> None:
        self._versions = _by_partner(versions)
        self._named: dict[str, PartnerId] = {p: p for p in self._versions}
        self._starts = {p: [v.since_ms for v in vs] for p, vs in self._versions.items()}
        self._claims = _claims(self._versions)
        self._rules = tuple(sorted(rules, key=lambda r: r[0])) or ((BEGINNING_MS, RealmRules()),)
        self._uses_domains = any(v.test_domains for v in versions)
        self._rule_starts = [since for since, _ in self._rules]
        self._changes = _changes(versions, self._rule_starts)

    @property
    def partners(self) -> tuple[PartnerId, ...]:
        """All recorded partners, including retired ones, sorted."""
        return tuple(sorted(self._versions))

    @property
    def rules(self) -> tuple[tuple[int, RealmRules], ...]:
        """The realm's rules, each with the instant from which it is in effect, oldest first."""
        return self._rules

    def versions_of(self, partner: PartnerId) -> tuple[PartnerVersion, ...]:
        """Return all recorded versions of a partner, oldest first."""
        return self._versions.get(partner, ())

    def partner_of(self, alias: Alias, instant: datetime) -> PartnerId | None:
        """Return the partner that owned the provider with this alias at the instant, or None."""
        return self.partner_at(alias, to_ms(instant))

    def spec_at(self, partner: PartnerId, instant: datetime) -> PartnerSpec | None:
        """Return the partner file in effect at the instant, or None for an unknown partner."""
        version = self.version_at(partner, to_ms(instant))
        return version.spec if version else None

    def partner_named(self, name: str) -> PartnerId | None:
        """Return the partner with that ID, or else the last recorded owner of that alias."""
        if (partner := self._named.get(name)) is not None:
            return partner
        claims = self._claims.get(name)
        return max(claims, key=lambda c: (c[0], c[2]))[3] if claims else None

    def exclusion(self, partner: PartnerId, subject: SubjectKey | None, at: datetime) -> Exclusion | None:
        """Return the reason why activity of this user at the instant is not billed, or None."""
        return self.exclusion_at(partner, subject, to_ms(at))

    @property
    def changes(self) -> tuple[int, ...]:
        """The instants at which a result of ``exclusion`` can change, in order."""
        return self._changes

    def partner_at(self, alias: str, ms: int) -> PartnerId | None:
        """Return the same as ``partner_of``, for an instant in milliseconds."""
        claims = self._claims.get(alias)
        if claims is None:
            return None
        for since, until, _, partner in claims:
            if since <= ms < until:
                return partner
        return None

    def version_at(self, partner: PartnerId, ms: int) -> PartnerVersion | None:
        """Return the version in effect, or None for an unknown partner."""
        starts = self._starts.get(partner)
        return self._versions[partner][max(0, bisect_right(starts, ms) - 1)] if starts else None

    def rules_at(self, ms: int) -> RealmRules:
        """Return the realm's rules in effect."""
        return self._rules[max(0, bisect_right(self._rule_starts, ms) - 1)][1]

    def exclusion_at(
        self, partner: PartnerId, subject: str | None, ms: int, email_domain: str | None = None
    ) -> Exclusion | None:
        """Return the exclusion like ``exclusion``, also for test users identified by email domain."""
        version = self.version_at(partner, ms)
        if self.rules_at(ms).staging or (version and version.spec.stage in _NOT_BILLED):
            return Exclusion.STAGING
        if version is None:
            return None
        spans = version.test_subjects.get(SubjectKey(subject), ()) if subject else ()
        if any(since <= ms < until for since, until in spans):
            return Exclusion.TEST_USER
        if email_domain and any(d == email_domain and t <= ms for d, t in version.test_domains):
            return Exclusion.TEST_USER
        return Exclusion.SUSPENDED if version.spec.stage in _ENDED else None

    @property
    def uses_domains(self) -> bool:
        """Whether any version of any partner identifies test users by email domain."""
        return self._uses_domains

    def suspended_after(self, partner: PartnerId, ms: int) -> int | None:
        """Return the first instant after ``ms`` at which the partner is suspended or retired."""
        for version in self._versions.get(partner, ()):
            if version.since_ms > ms and version.spec.stage in _ENDED:
                return version.since_ms
        return None

    def suspended_between(
        self, partner: PartnerId, start_ms: int, end_ms: int
    ) -> tuple[tuple[int, int], ...]:
        """Return the spans of ``[start, end)`` with a suspended or retired partner, merged and in order."""
        versions = self._versions.get(partner, ())
        spans: list[tuple[int, int]] = []
        for number, version in enumerate(versions):
            until = versions[number + 1].since_ms if number + 1 < len(versions) else end_ms
            since = start_ms if number == 0 else max(version.since_ms, start_ms)
            until = min(until, end_ms)
            if version.spec.stage not in _ENDED or since >= until:
                continue
            if spans and spans[-1][1] == since:
                spans[-1] = (spans[-1][0], until)
            else:
                spans.append((since, until))
        return tuple(spans)


Claim = tuple[int, int, int, "PartnerId"]
"""Since, until, recorded, partner."""


def _changes(versions: Sequence[PartnerVersion], rule_starts: Sequence[int]) -> tuple[int, ...]:
    found = {v.since_ms for v in versions} | set(rule_starts)
    found.update(at for v in versions for spans in v.test_subjects.values() for span in spans for at in span)
    return tuple(sorted(found))


def _by_partner(versions: Sequence[PartnerVersion]) -> dict[PartnerId, tuple[PartnerVersion, ...]]:
    found: dict[PartnerId, list[PartnerVersion]] = {}
    for version in sorted(versions, key=lambda v: (v.spec.partner, v.since_ms)):
        found.setdefault(version.spec.partner, []).append(version)
    return {p: tuple(vs) for p, vs in found.items()}


def _claims(versions: Mapping[PartnerId, tuple[PartnerVersion, ...]]) -> dict[str, tuple[Claim, ...]]:
    """Return the owners of each alias by time, in the order of recording."""
    found: dict[str, list[Claim]] = {}
    for partner, line in versions.items():
        for version, until in zip(line, (*(v.since_ms for v in line[1:]), -BEGINNING_MS), strict=True):
            since = BEGINNING_MS if version is line[0] else version.since_ms
            for provider in version.spec.providers:
                found.setdefault(provider.alias, []).append((since, until, version.recorded_ms, partner))
    return {alias: tuple(sorted(claims, key=lambda c: (c[2], c[3]))) for alias, claims in found.items()}
