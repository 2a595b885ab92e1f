"""The hand-off and readiness pages, shared by the host and the partner."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Response

from partnergate.doctor.check_results import CheckResult, Verdict, worst
from partnergate.service.access import Need, needs
from partnergate.service.portal.checks import Checked
from partnergate.service.portal.pages import page
from partnergate.service.problems import not_found
from partnergate.service.work import Workload
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
    from partnergate.service.portal.checks import PartnerChecks
    from partnergate.signin.login_test import MaskedClaim
    from partnergate.signin.onboarding import StepStatus
    from partnergate.store.database.engine import Store
    from partnergate.store.sessions.staging_tests import StagingTest

_PROTOCOLS: Final = {"oidc": "OpenID Connect", "saml": "SAML 2.0", "oauth2": "OAuth 2.0"}
_LONGEST_DETAIL: Final = 1000
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
    """Empty before the first check has ended."""
    examined: str
    runs: bool
    """Whether a check runs now, so that the page loads again soon."""
    sheet: str
    """The URL of the hand-off page; empty in an exported file."""
    findings: tuple[FindingRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffPages:
    """The dependencies of the routes."""

    workspace: Callable[[], Workspace]
    """Returns the current files."""
    store: Store
    checks: PartnerChecks
    """The checks of partner servers for the readiness page."""
    clock: Clock
    work: Workload = field(default_factory=lambda: Workload(name="handoff", threads=2, waiting=20, share=1))

    def partner(self, name: str) -> PartnerSpec:
        """Return the partner. Raises a 404 ``HttpProblem`` when it does not exist."""
        found = next((p for p in self.workspace().partners if p.partner == name), None)
        if found is None:
            raise not_found()
        return found


def handoff_routes(pages: HandoffPages) -> APIRouter:
    """Return ``/partners/{partner}/handoff`` and ``/partners/{partner}/readiness``."""
    router = APIRouter(include_in_schema=False, route_class=pages.work.route_class())

    @router.get("/partners/{partner}/handoff", dependencies=[needs(Need.PARTNER)])
    def sheet(partner: str) -> Response:
        spec = pages.partner(partner)
        return page("handoff.html", handoff_view(pages, spec, today=pages.clock().date()))

    @router.get("/partners/{partner}/readiness", dependencies=[needs(Need.PARTNER)])
    async def readiness(partner: str) -> Response:
        spec = pages.partner(partner)
        checked = await pages.checks.latest(spec)
        sheet = f"/partners/{spec.partner}/handoff"
        return page(
            "readiness.html", checked_view(spec, pages.workspace().realm.environment, checked, sheet=sheet)
        )

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
    partner: PartnerSpec, environment: str, findings: tuple[CheckResult, ...], *, when: datetime
) -> ReadinessView:
    """Return the readiness report of a check that has ended, with failures first."""
    return checked_view(partner, environment, Checked(when=when, findings=findings))


def checked_view(
    partner: PartnerSpec, environment: str, checked: Checked, *, sheet: str = ""
) -> ReadinessView:
    """Return the report of the last check, with failures first, and whether another check runs."""
    findings = checked.findings
    order = (Verdict.FAIL, Verdict.WARN, Verdict.SKIPPED, Verdict.OK)
    return ReadinessView(
        environment=environment,
        partner=partner.partner,
        name=partner.name,
        verdict="" if checked.when is None else worst(findings).value,
        examined="" if checked.when is None else f"{checked.when:%Y-%m-%d %H:%M} UTC",
        runs=checked.runs,
        sheet=sheet,
        findings=tuple(
            FindingRow(
                subject=f.subject,
                check=f.check,
                verdict=f.verdict.value,
                verdict_text=_VERDICTS[f.verdict],
                detail=_shortened(f.detail),
                advice="" if f.verdict is Verdict.OK else f.advice,
            )
            for f in sorted(findings, key=lambda f: order.index(f.verdict))
        ),
    )


def _shortened(text: str) -> str:
    """Return the start of a text that a partner's server wrote, which can have a megabyte."""
    return text if len(text) <= _LONGEST_DETAIL else f"{text[:_LONGEST_DETAIL]} [...]"


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
