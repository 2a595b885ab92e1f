"""Untrusted text reaches the terminal as text, never as markup or as a control sequence."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from rich.console import Console

from partnergate.doctor.check_results import CheckResult, Verdict
from partnergate.model.partner import Stage
from partnergate.rendering.signin.findings import findings_table
from partnergate.rendering.signin.handoff import handoff_text
from partnergate.rendering.signin.status import status_steps, status_table
from partnergate.rendering.signin.test_login import trial_text
from partnergate.signin.handoff import Handoff, ProviderHandoff, RequiredClaim
from partnergate.signin.login_test import LoginHop, LoginTest, Mapped, MaskedClaim
from partnergate.signin.onboarding import PartnerStatus, StepName, StepState, StepStatus

HOSTILE = "[/red][bold]eu\x1b[2J\u202eadmins"
SAFE = r"[/red][bold]eu\x1b[2J\u202eadmins"


def trial():
    return LoginTest(
        partner="acme",
        alias="acme",
        environment="staging",
        protocol="saml",
        at=datetime(2026, 11, 20, tzinfo=UTC),
        passed=True,
        hops=(LoginHop(method="GET", url=f"https://x/{HOSTILE}", status=200, what="page"),),
        arrived=(MaskedClaim(name=HOSTILE, value=HOSTILE),),
        mapped=(Mapped(field="a", claim=HOSTILE, arrived=None, result=HOSTILE),),
        details=(f"the partner's page answers 500: {HOSTILE}",),
    )


def sheet():
    claim = RequiredClaim(name=HOSTILE, purpose=f"The value {HOSTILE} gives it.", required=False)
    provider = ProviderHandoff(alias="acme", protocol="oidc", settings=(), claims=(claim,))
    return Handoff(partner="acme", name="Acme", environment="staging", launch_url="", providers=(provider,))


def status():
    step = StepStatus(
        step=StepName.TERMS, title="Terms", owner=HOSTILE, due=None, state=StepState.OPEN, explanation=HOSTILE
    )
    return PartnerStatus(partner="acme", name="Acme", stage=Stage.LIVE, steps=(step,))


def finding():
    return CheckResult(check="c", subject="acme", verdict=Verdict.FAIL, detail=HOSTILE, advice=HOSTILE)


@pytest.mark.parametrize(
    ("made", "times"),
    [
        (lambda: trial_text(trial()), 6),
        (lambda: handoff_text(sheet()), 2),
        (lambda: status_table([status()]), 2),
        (lambda: status_steps(status()), 2),
        (lambda: findings_table((finding(),)), 2),
    ],
    ids=["test-login", "handoff", "status", "status of one", "doctor"],
)
def test_text_of_a_partner_is_shown_without_control_sequences(made, times):
    output = StringIO()
    Console(file=output, width=400).print(made(), highlight=False)
    assert "\x1b[2J" not in output.getvalue()
    assert output.getvalue().count(SAFE) == times
