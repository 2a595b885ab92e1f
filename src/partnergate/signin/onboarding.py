"""The onboarding plan of a partner: steps with an owner, a due date and a state.

Evidence determines the state first: a provider in the file, an agreement in force, a passed staging
test, a first live session. Without evidence, the dates in the partner file apply.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from partnergate.model.partner import Stage

if TYPE_CHECKING:
    from datetime import date

    from partnergate.model.partner import OnboardingStep, PartnerId, PartnerSpec


class StepName(StrEnum):
    """The onboarding steps, in order."""

    CONTACT = "contact"
    INTEGRATION = "integration"
    TERMS = "terms"
    STAGING_TEST = "staging_test"
    LAUNCH = "launch"
    MONITORING = "monitoring"


class StepState(StrEnum):
    """The state of a step on a given day."""

    DONE = "done"
    DUE = "due"
    OVERDUE = "overdue"
    OPEN = "open"
    """The step has no due date."""


_TITLES = {
    StepName.CONTACT: "Contacts named on both sides",
    StepName.INTEGRATION: "Technical integration described",
    StepName.TERMS: "Billing terms agreed",
    StepName.STAGING_TEST: "Staging test passed",
    StepName.LAUNCH: "Live for users",
    StepName.MONITORING: "First users signed in and monitored",
}
_OWNERS = {
    StepName.CONTACT: "host",
    StepName.INTEGRATION: "partner",
    StepName.TERMS: "host",
    StepName.STAGING_TEST: "partner",
    StepName.LAUNCH: "host",
    StepName.MONITORING: "host",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the sidecar knows beyond the partner file."""

    staging_test_passed_on: date | None = None
    first_live_session_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStatus:
    """The status of one step on a given day."""

    step: StepName
    title: str
    owner: str
    due: date | None
    state: StepState
    explanation: str
    """The evidence, the note from the partner file, or what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerStatus:
    """The status of a partner's onboarding on a given day."""

    partner: PartnerId
    name: str
    stage: Stage
    steps: tuple[StepStatus, ...]

    @property
    def next_step(self) -> StepStatus | None:
        """The first step that is not done; None for a retired partner."""
        if self.stage is Stage.RETIRED:
            return None
        return next((s for s in self.steps if s.state is not StepState.DONE), None)

    @property
    def overdue(self) -> tuple[StepStatus, ...]:
        """Every step past its due date; empty for a retired partner."""
        if self.stage is Stage.RETIRED:
            return ()
        return tuple(s for s in self.steps if s.state is StepState.OVERDUE)


def partner_status(partner: PartnerSpec, evidence: Evidence, *, today: date) -> PartnerStatus:
    """Return the onboarding status of ``partner`` on ``today``."""
    written = {step.step: step for step in partner.onboarding}
    return PartnerStatus(
        partner=partner.partner,
        name=partner.name,
        stage=partner.stage,
        steps=tuple(_step(name, partner, evidence, written.get(name), today) for name in StepName),
    )


def _step(
    name: StepName, partner: PartnerSpec, evidence: Evidence, written: OnboardingStep | None, today: date
) -> StepStatus:
    proof = _proof(name, partner, evidence, today)
    due = written.due if written else None
    if proof:
        state, explanation = StepState.DONE, proof
    elif written and written.done and written.done <= today:
        state, explanation = StepState.DONE, written.note or f"reported done on {written.done.isoformat()}"
    else:
        state = StepState.OPEN if due is None else StepState.OVERDUE if due < today else StepState.DUE
        explanation = (written.note if written else "") or _missing(name)
    return StepStatus(
        step=name,
        title=_TITLES[name],
        owner=written.owner if written else _OWNERS[name],
        due=due,
        state=state,
        explanation=explanation,
    )


def _proof(name: StepName, partner: PartnerSpec, evidence: Evidence, today: date) -> str:
    """Return the evidence that the step is done; empty when there is none."""
    match name:
        case StepName.CONTACT if partner.contacts.technical and partner.contacts.billing:
            return "technical and billing contacts are in the partner file"
        case StepName.INTEGRATION if partner.providers and partner.stage is not Stage.DRAFT:
            return "the identity provider is in the partner file and deployed to staging"
        case StepName.TERMS if any(
            a.effective <= today and (a.until is None or today < a.until) for a in partner.agreements
        ):
            return "an agreement is in force"
        case StepName.STAGING_TEST if evidence.staging_test_passed_on:
            return f"passed on {evidence.staging_test_passed_on.isoformat()}"
        case StepName.LAUNCH if partner.stage in {Stage.LIVE, Stage.SUSPENDED, Stage.RETIRED}:
            return f"the stage is {partner.stage.value}"
        case StepName.MONITORING if evidence.first_live_session_on:
            return f"first session on {evidence.first_live_session_on.isoformat()}"
        case _:
            return ""


def _missing(name: StepName) -> str:
    return {
        StepName.CONTACT: "contacts.technical or contacts.billing is missing",
        StepName.INTEGRATION: "no identity provider is deployed to staging",
        StepName.TERMS: "no agreement is in force",
        StepName.STAGING_TEST: "no staging test has passed",
        StepName.LAUNCH: "the stage is not live",
        StepName.MONITORING: "no live session has been recorded",
    }[name]
