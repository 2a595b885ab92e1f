"""The pages that host and partner share: what to set up, how far it is, and whether a login would work."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Response

from partnergate.doctor.findings import Finding, Verdict, worst
from partnergate.service.access import Need, needs
from partnergate.service.portal.pages import page
from partnergate.service.problems import not_found
from partnergate.signin.handoff import Handoff, ProviderHandoff, RequiredClaim, Setting, handoff
from partnergate.signin.onboarding import Evidence, partner_status
from partnergate.signin.reasons import EXPLANATIONS, Reason
from partnergate.signin.trial import CAME
from partnergate.store.sessions.queries import first_session_at
from partnergate.store.sessions.staging_tests import last_passed_at, last_test

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from partnergate.model.partner import PartnerSpec
    from partnergate.model.workspace import Workspace
    from partnergate.service.clock import Clock
    from partnergate.signin.onboarding import StepStatus
    from partnergate.signin.trial import Shown
    from partnergate.store.database.engine import Store
    from partnergate.store.sessions.staging_tests import StagingTest

EXAMINED_SECONDS: Final = 60.0
"""A partner's servers are asked once in this time, however often the page is loaded."""
_PROTOCOLS: Final = {"oidc": "OpenID Connect", "saml": "SAML 2.0", "oauth2": "OAuth 2.0"}
_VERDICTS: Final = {
    Verdict.OK: "well",
    Verdict.WARN: "to watch",
    Verdict.FAIL: "to repair",
    Verdict.SKIPPED: "not checked",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """One step of the onboarding."""

    title: str
    owner: str
    due: str
    state: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRow:
    """What to set up for one provider."""

    alias: str
    protocol: str
    settings: tuple[Setting, ...]
    claims: tuple[RequiredClaim, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRow:
    """The newest test login."""

    when: str
    environment: str
    passed: bool
    reason: str
    text: str
    advice: str
    details: tuple[str, ...]
    """What was seen of a test that failed."""
    missing: tuple[str, ...]
    """Claims that the sheet says are needed, and that did not arrive."""
    arrived: tuple[Shown, ...] | None
    mapped: tuple[MappedRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedRow:
    """What became of one claim."""

    field: str
    claim: str
    arrived: str
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffView:
    """``handoff.html``."""

    environment: str
    partner: str
    name: str
    stage: str
    launch_url: str
    steps: tuple[StepRow, ...]
    test: TestRow | None
    providers: tuple[ProviderRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """One check."""

    subject: str
    check: str
    verdict: str
    word: str
    detail: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadinessView:
    """``readiness.html``."""

    environment: str
    partner: str
    name: str
    verdict: str
    examined: str
    sheet: str
    """The address of the hand-off page; empty in a file, which leads nowhere."""
    findings: tuple[FindingRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffPages:
    """What the routes need. ``examine`` asks a partner's servers from outside."""

    workspace: Callable[[], Workspace]
    """What the files say now."""
    store: Store
    examine: Callable[[PartnerSpec], tuple[Finding, ...]]
    clock: Clock
    _kept: dict[str, tuple[float, datetime, tuple[Finding, ...]]] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def partner(self, name: str) -> PartnerSpec:
        """The partner, or the answer that there is none."""
        found = next((p for p in self.workspace().partners if p.partner == name), None)
        if found is None:
            raise not_found()
        return found

    def examined(self, partner: PartnerSpec) -> tuple[datetime, tuple[Finding, ...]]:
        """Findings of the last minute, or new ones; one examination at a time."""
        with self._lock:
            kept = self._kept.get(partner.partner)
            if kept is None or time.monotonic() - kept[0] > EXAMINED_SECONDS:
                kept = (time.monotonic(), self.clock(), self.examine(partner))
                self._kept[partner.partner] = kept
            return kept[1], kept[2]


def handoff_routes(pages: HandoffPages) -> APIRouter:
    """``/partners/{partner}/handoff`` and ``/partners/{partner}/readiness``."""
    router = APIRouter(include_in_schema=False)

    @router.get("/partners/{partner}/handoff", dependencies=[needs(Need.PARTNER)])
    def sheet(partner: str) -> Response:
        spec = pages.partner(partner)
        return page("handoff.html", handoff_view(pages, spec, today=pages.clock().date()))

    @router.get("/partners/{partner}/readiness", dependencies=[needs(Need.PARTNER)])
    def readiness(partner: str) -> Response:
        spec = pages.partner(partner)
        when, findings = pages.examined(spec)
        sheet = f"/partners/{spec.partner}/handoff"
        view = readiness_view(spec, pages.workspace().realm.environment, findings, when=when, sheet=sheet)
        return page("readiness.html", view)

    return router


def handoff_view(pages: HandoffPages, partner: PartnerSpec, *, today: date) -> HandoffView:
    """The sheet of one partner, with its onboarding on ``today``."""
    realm = pages.workspace().realm
    with pages.store.read() as connection:
        passed = last_passed_at(connection, partner.partner)
        first = first_session_at(connection, realm.realm, partner.partner)
        test = last_test(connection, partner.partner)
    evidence = Evidence(
        staging_test_passed_on=passed.date() if passed else None,
        first_live_session_on=first.date() if first else None,
    )
    sheet: Handoff = handoff(realm, partner, launch_base_url=realm.launch.base_url if realm.launch else "")
    return HandoffView(
        environment=realm.environment,
        partner=partner.partner,
        name=partner.name,
        stage=partner.stage.value,
        launch_url=sheet.launch_url,
        steps=tuple(_step(s) for s in partner_status(partner, evidence, today=today).steps),
        test=_test(test, sheet) if test else None,
        providers=tuple(_provider(p) for p in sheet.providers),
    )


def readiness_view(
    partner: PartnerSpec, environment: str, findings: tuple[Finding, ...], *, when: datetime, sheet: str = ""
) -> ReadinessView:
    """The report of one examination; what needs work comes first."""
    order = (Verdict.FAIL, Verdict.WARN, Verdict.SKIPPED, Verdict.OK)
    return ReadinessView(
        environment=environment,
        partner=partner.partner,
        name=partner.name,
        verdict=worst(findings).value,
        examined=f"{when:%Y-%m-%d %H:%M} UTC",
        sheet=sheet,
        findings=tuple(
            FindingRow(
                subject=f.subject,
                check=f.check,
                verdict=f.verdict.value,
                word=_VERDICTS[f.verdict],
                detail=f.detail,
                advice="" if f.verdict is Verdict.OK else f.advice,
            )
            for f in sorted(findings, key=lambda f: order.index(f.verdict))
        ),
    )


def _step(step: StepStatus) -> StepRow:
    return StepRow(
        title=step.title,
        owner=f"the {step.owner}" if step.owner in {"host", "partner"} else step.owner,
        due=step.due.isoformat() if step.due else "",
        state=step.state.value,
        because=step.because,
    )


def _provider(provider: ProviderHandoff) -> ProviderRow:
    return ProviderRow(
        alias=provider.alias,
        protocol=_PROTOCOLS[provider.protocol],
        settings=provider.settings,
        claims=provider.claims,
    )


def _test(test: StagingTest, sheet: Handoff) -> TestRow:
    explanation = EXPLANATIONS[Reason(test.reason)] if test.reason else None
    return TestRow(
        when=f"{test.at:%Y-%m-%d %H:%M} UTC",
        environment=test.environment,
        passed=test.passed,
        reason=test.reason,
        text=explanation.text if explanation else "",
        advice=explanation.advice if explanation else "",
        details=() if test.passed else test.details,
        missing=_missing(test, sheet),
        arrived=test.arrived,
        mapped=tuple(
            MappedRow(field=m.field, claim=m.claim, arrived=CAME[m.arrived], result=m.result)
            for m in test.mapped
        ),
    )


def _missing(test: StagingTest, sheet: Handoff) -> tuple[str, ...]:
    if test.arrived is None:
        return ()
    came = {claim.name for claim in test.arrived if claim.value}
    needed = (c for p in sheet.providers if p.alias == test.alias for c in p.claims if c.required)
    return tuple(claim.name for claim in needed if claim.name not in came)
