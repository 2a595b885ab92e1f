"""The registry in the store: a new version only when something changed, the first from the beginning."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from partnergate.attribution.outcome import SubjectKey
from partnergate.attribution.partner_history import (
    BEGINNING_MS,
    END_MS,
    PartnerVersion,
    Registry,
    span_of_test_users,
    test_domains,
)
from partnergate.attribution.rules import RealmRules, realm_rules
from partnergate.canonical_json import canonical_json
from partnergate.events.pseudonymization import ProviderSubject
from partnergate.model.partner import Contacts, PartnerSpec, Stage
from partnergate.store.partners.spec_json import from_json, to_json
from partnergate.store.sessions.subjects import SubjectCache, SubjectSource, known_people

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from partnergate.attribution.partner_history import Span
    from partnergate.model.environment import RealmSpec
    from partnergate.model.partner import PartnerId

_COLUMNS = (
    "realm", "partner", "since_ms", "recorded_ms", "digest", "stage", "spec", "test_subjects",
    "path", "sha256", "commit_id",
)  # fmt: skip
_INSERT = sa.text(
    f"INSERT INTO partner_versions ({', '.join(_COLUMNS)})"  # noqa: S608
    f" VALUES ({', '.join(f':{c}' for c in _COLUMNS)})"
)


def record_versions(
    connection: Connection,
    realm: RealmSpec,
    partners: Sequence[PartnerSpec],
    at_ms: int,
    *,
    source: SubjectSource,
) -> tuple[tuple[PartnerId, int], ...]:
    """Add versions of changed partners, in effect from ``at_ms``; return the changed partners with that time.

    A partner without a file counts as retired from then on. An instant before the last version
    of a partner is moved behind it, because history is never rewritten.
    """
    latest = _latest(connection, realm.realm)
    removed = [
        replace(from_json(row.spec), stage=Stage.RETIRED)
        for partner, row in latest.items()
        if partner not in {p.partner for p in partners} and row.stage != Stage.RETIRED
    ]
    changed = []
    for spec in sorted((*partners, *removed), key=lambda p: p.partner):
        digest = _digest(spec)
        row = latest.get(spec.partner)
        if row is not None and row.digest == digest:
            continue
        since = BEGINNING_MS if row is None else max(at_ms, row.since_ms + 1)
        if row is not None and spec in removed:
            test_subjects = row.test_subjects
        else:
            test_subjects = canonical_json(sorted(_test_subjects(connection, spec, source).items()))
        connection.execute(
            _INSERT,
            {
                "realm": realm.realm,
                "partner": spec.partner,
                "since_ms": since,
                "recorded_ms": at_ms,
                "digest": digest,
                "stage": spec.stage.value,
                "spec": to_json(_impersonal(spec)),
                "test_subjects": test_subjects,
                "path": str(spec.source.path),
                "sha256": spec.source.sha256,
                "commit_id": spec.source.commit,
            },
        )
        changed.append((spec.partner, since))
    return tuple(changed)


def record_rules(connection: Connection, realm: RealmSpec, at_ms: int) -> bool:
    """Add a version of the realm's rules when they changed; whether they did."""
    rules = realm_rules(realm)
    text = canonical_json(
        {"clients": sorted(rules.clients), "staging": rules.staging, "lifespan_s": rules.lifespan_s}
    )
    digest = hashlib.sha256(text.encode()).hexdigest()
    row = connection.execute(
        sa.text(
            "SELECT since_ms, digest FROM realm_versions WHERE realm = :realm ORDER BY since_ms DESC LIMIT 1"
        ),
        {"realm": realm.realm},
    ).one_or_none()
    if row is not None and row.digest == digest:
        return False
    since = BEGINNING_MS if row is None else max(at_ms, row.since_ms + 1)
    connection.execute(
        sa.text(
            "INSERT INTO realm_versions (realm, since_ms, recorded_ms, digest, rules)"
            " VALUES (:realm, :since, :recorded, :digest, :rules)"
        ),
        {"realm": realm.realm, "since": since, "recorded": at_ms, "digest": digest, "rules": text},
    )
    return True


def load_registry(connection: Connection, realm: str, partner: str | None = None) -> Registry:
    """Everything that was recorded of a realm, or of one partner and the realm's rules."""
    only = "" if partner is None else " AND partner = :partner"
    rows = connection.execute(
        sa.text(
            "SELECT since_ms, recorded_ms, spec, test_subjects FROM partner_versions"  # noqa: S608
            f" WHERE realm = :realm{only}"
        ),
        {"realm": realm} | ({} if partner is None else {"partner": partner}),
    ).all()
    rules = connection.execute(
        sa.text("SELECT since_ms, rules FROM realm_versions WHERE realm = :realm"), {"realm": realm}
    ).all()
    return Registry(
        tuple(_version(row) for row in rows),
        tuple((row.since_ms, _rules(row.rules)) for row in rules),
    )


def registry_stamp(connection: Connection, realm: str) -> tuple[int, int]:
    """Return a value that changes with the partner history of a realm."""
    count = sa.text(
        "SELECT (SELECT COUNT(*) FROM partner_versions WHERE realm = :realm),"
        " (SELECT COUNT(*) FROM realm_versions WHERE realm = :realm)"
    )
    partners, rules = connection.execute(count, {"realm": realm}).one()
    return partners, rules


def _latest(connection: Connection, realm: str) -> dict[str, sa.Row[Any]]:
    rows = connection.execute(
        sa.text(
            "SELECT partner, since_ms, digest, stage, spec, test_subjects FROM partner_versions"
            " WHERE realm = :realm ORDER BY since_ms"
        ),
        {"realm": realm},
    )
    return {row.partner: row for row in rows}


def _digest(spec: PartnerSpec) -> str:
    """Return a hash of the meaning of the file, which a comment or another commit does not change."""
    meaning = replace(
        spec,
        contacts=Contacts(),
        source=replace(spec.source, sha256="", commit=""),
        onboarding=(),
        waivers=(),
    )
    return hashlib.sha256(to_json(meaning).encode()).hexdigest()


def _impersonal(spec: PartnerSpec) -> PartnerSpec:
    """Return the version without personal data: contacts and test users."""
    users = tuple(replace(u, subjects=()) for u in spec.test_users)
    return replace(spec, contacts=Contacts(), test_users=users)


def _test_subjects(connection: Connection, spec: PartnerSpec, source: SubjectSource) -> dict[str, list[Span]]:
    """The keys of the test users, each with the spans in which they are; made where they are new."""
    spans: dict[ProviderSubject, list[Span]] = {}
    for number, users in enumerate(spec.test_users):
        span = span_of_test_users(spec, number)
        for person in (ProviderSubject(p.alias, s) for p in spec.providers for s in users.subjects):
            spans.setdefault(person, []).append(span)
    if not spans:
        return {}
    known = known_people(connection, spans, (), cache=SubjectCache(), source=source)
    return {known.subject(person): sorted(found) for person, found in spans.items()}


def _spans(stored: int | list[list[int]]) -> tuple[Span, ...]:
    """The spans of a test user; versions recorded earlier have only the start."""
    if isinstance(stored, int):
        return ((stored, END_MS),)
    return tuple((since, until) for since, until in stored)


def _version(row: sa.Row[Any]) -> PartnerVersion:
    spec: PartnerSpec = from_json(row.spec)
    return PartnerVersion(
        since_ms=row.since_ms,
        recorded_ms=row.recorded_ms,
        spec=spec,
        test_subjects={SubjectKey(key): _spans(stored) for key, stored in json.loads(row.test_subjects)},
        test_domains=test_domains(spec),
    )


def _rules(text: str) -> RealmRules:
    plain = json.loads(text)
    return RealmRules(
        clients=frozenset(plain["clients"]), staging=plain["staging"], lifespan_s=plain["lifespan_s"]
    )
