"""The hand-off and readiness pages, shared by the host and the partner."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Response

from partnergate.doctor.check_results import CheckResult, Verdict, worst
from partnergate.service.access import Need, needs
from partnergate.service.portal.pages import page
from partnergate.service.problems import not_found
from partnergate.signin.failure_reasons import EXPLANATIONS, Reason
from partnergate.signin.handoff import Handoff, ProviderHandoff, RequiredClaim, Setting, handoff
from partnergate.signin.login_test import RECEIVED
from partnergate.signin.onboarding import Evidence, partner_status
from partnergate.store.sessions.queries import first_session_at
from partnergate.store.sessions.staging_tests import last_passed_at, last_test

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date, datetime

    from partnergate.model.partner import PartnerSpec
    from partnergate.model.workspace import Workspace
    from partnergate.service.clock import Clock
    from partnergate.signin.login_test import MaskedClaim
    from partnergate.signin.onboarding import StepStatus
    from partnergate.store.database.engine import Store
    from partnergate.store.sessions.staging_tests import StagingTest

CHECK_CACHE_SECONDS: Final = 60.0
"""A partner's servers are checked at most once in this interval, however often the page is loaded."""
_PROTOCOLS: Final = {"oidc": "OpenID Connect", "saml": "SAML 2.0", "oauth2": "OAuth 2.0"}
_VERDICTS: Final = {
    Verdict.OK: "passed",
    Verdict.WARN: "warning",
    Verdict.FAIL: "failed",
    Verdict.SKIPPED: "not checked",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """An onboarding step."""

    title: str
    owner: str
    due: str
    state: str
    explanation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRow:
    """The settings for one provider."""

    alias: str
    protocol: str
    settings: tuple[Setting, ...]
    claims: tuple[RequiredClaim, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRow:
    """The most recent test login."""

    when: str
    environment: str
    passed: bool
    reason: str
    text: str
    advice: str
    details: tuple[str, ...]
    """What was observed in a failed test."""
    missing: tuple[str, ...]
    """Required claims that were not received."""
    arrived: tuple[MaskedClaim, ...] | None
    mapped: tuple[MappedRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedRow:
    """The mapping result of one claim."""

    field: str
    claim: str
    arrived: str
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffView:
    """The view of ``handoff.html``."""

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
    """The result of one check."""

    subject: str
    check: str
    verdict: str
    verdict_text: str
    detail: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadinessView:
    """The view of ``readiness.html``."""

    environment: str
    partner: str
    name: str
    verdict: str
    examined: str
    sheet: str
    """The URL of the hand-off page; empty in an exported file."""
    findings: tuple[FindingRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffPages:
    """The dependencies of the routes. ``examine`` runs the checks against a partner's servers."""

    workspace: Callable[[], Workspace]
    """Returns the current files."""
    store: Store
    examine: Callable[[PartnerSpec], tuple[CheckResult, ...]]
    clock: Clock
    _kept: dict[str, tuple[float, datetime, tuple[CheckResult, ...]]] = field(
        default_factory=dict, repr=False
    )
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def partner(self, name: str) -> PartnerSpec:
        """Return the partner. Raises a 404 ``HttpProblem`` when it does not exist."""
        found = next((p for p in self.workspace().partners if p.partner == name), None)
        if found is None:
            raise not_found()
        return found

    def examined(self, partner: PartnerSpec) -> tuple[datetime, tuple[CheckResult, ...]]:
        """Return the time and findings of the last check, at most a minute old. One check runs at a time."""
        with self._lock:
            kept = self._kept.get(partner.partner)
            if kept is None or time.monotonic() - kept[0] > CHECK_CACHE_SECONDS:
                kept = (time.monotonic(), self.clock(), self.examine(partner))
                self._kept[partner.partner] = kept
            return kept[1], kept[2]


def handoff_routes(pages: HandoffPages) -> APIRouter:
    """Return ``/partners/{partner}/handoff`` and ``/partners/{partner}/readiness``."""
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
    """Return the hand-off sheet of one partner, with its onboarding status on ``today``."""
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
    partner: PartnerSpec,
    environment: str,
    findings: tuple[CheckResult, ...],
    *,
    when: datetime,
    sheet: str = "",
) -> ReadinessView:
    """Return the readiness report, with failures first."""
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
                verdict_text=_VERDICTS[f.verdict],
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
        explanation=step.explanation,
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
            MappedRow(field=m.field, claim=m.claim, arrived=RECEIVED[m.arrived], result=m.result)
            for m in test.mapped
        ),
    )


def _missing(test: StagingTest, sheet: Handoff) -> tuple[str, ...]:
    if test.arrived is None:
        return ()
    received = {claim.name for claim in test.arrived if claim.value}
    required = (c for p in sheet.providers if p.alias == test.alias for c in p.claims if c.required)
    return tuple(claim.name for claim in required if claim.name not in received)
