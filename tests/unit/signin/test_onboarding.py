"""Onboarding advances by evidence and reports missing and overdue steps."""

from datetime import date
from decimal import Decimal

from builders.partners import partner
from partnergate.model.agreement import Agreement, Charge, Cycle
from partnergate.model.partner import Contacts, OnboardingStep, Stage
from partnergate.pricing.models.flat import Flat
from partnergate.signin.onboarding import Evidence, StepName, StepState, partner_status

TODAY = date(2026, 11, 24)
BOTH = Contacts(technical=("t@acme.example",), billing=("b@acme.example",))


def agreement(effective, until=None):
    return Agreement(
        effective=effective,
        until=until,
        currency="USD",
        time_zone="UTC",
        cycle=Cycle(),
        charges=(Charge(name="Platform", price=Flat(amount=Decimal(1))),),
    )


def steps(spec, evidence=None, today=TODAY):
    return {s.step: s for s in partner_status(spec, evidence or Evidence(), today=today).steps}


def test_a_complete_partner_has_no_next_step():
    spec = partner("acme", contacts=BOTH, agreements=(agreement(date(2026, 10, 1)),))
    evidence = Evidence(staging_test_passed_on=date(2026, 10, 2), first_live_session_on=date(2026, 10, 3))
    status = partner_status(spec, evidence, today=TODAY)
    assert status.next_step is None
    assert {s.state for s in status.steps} == {StepState.DONE}


def test_the_next_step_is_the_first_without_evidence():
    status = partner_status(partner("acme", stage=Stage.STAGING), Evidence(), today=TODAY)
    assert status.next_step.step is StepName.CONTACT
    assert status.next_step.explanation == "contacts.technical or contacts.billing is missing"


def test_a_draft_is_not_integrated_even_with_a_provider():
    assert steps(partner("acme", stage=Stage.DRAFT))[StepName.INTEGRATION].state is StepState.OPEN


def test_an_agreement_counts_only_while_it_is_in_force():
    spec = partner("acme", agreements=(agreement(date(2026, 10, 1), date(2026, 11, 1)),))
    assert steps(spec, today=date(2026, 10, 31))[StepName.TERMS].state is StepState.DONE
    assert steps(spec, today=date(2026, 11, 1))[StepName.TERMS].state is StepState.OPEN


def test_a_step_past_its_date_is_overdue_and_on_its_date_is_due():
    late = partner(
        "acme", onboarding=(OnboardingStep(step="staging_test", owner="Acme", due=date(2026, 11, 23)),)
    )
    status = partner_status(late, Evidence(), today=TODAY)
    assert [s.step for s in status.overdue] == [StepName.STAGING_TEST]
    assert status.overdue[0].owner == "Acme"
    assert steps(late, today=date(2026, 11, 23))[StepName.STAGING_TEST].state is StepState.DUE


def test_evidence_takes_precedence_over_a_written_date():
    spec = partner(
        "acme", onboarding=(OnboardingStep(step="staging_test", owner="Acme", due=date(2026, 1, 1)),)
    )
    step = steps(spec, Evidence(staging_test_passed_on=date(2026, 10, 2)))[StepName.STAGING_TEST]
    assert (step.state, step.explanation) == (StepState.DONE, "passed on 2026-10-02")


def test_a_done_date_in_the_future_is_not_done_yet():
    spec = partner(
        "acme", onboarding=(OnboardingStep(step="monitoring", owner="host", done=date(2026, 12, 1)),)
    )
    assert steps(spec)[StepName.MONITORING].state is StepState.OPEN


def test_a_retired_partner_has_no_open_steps():
    """Otherwise every former partner would stay overdue."""
    late = (OnboardingStep(step="staging_test", owner="Acme", due=date(2026, 1, 1)),)
    status = partner_status(partner("acme", onboarding=late, stage=Stage.RETIRED), Evidence(), today=TODAY)
    assert (status.next_step, status.overdue) == (None, ())
    here = partner_status(partner("acme", onboarding=late), Evidence(), today=TODAY)
    assert here.next_step is not None
    assert len(here.overdue) == 1
