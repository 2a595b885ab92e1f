"""The readiness report is a self-contained file without links to the service."""

import re
from pathlib import Path

from partnergate.cli.signin.doctor import readiness_report
from partnergate.doctor.check_results import CheckResult, Verdict
from partnergate.language.load import load_workspace

ROOT = Path(__file__).parents[3]


def test_a_report_includes_its_styles_and_has_no_link_to_the_service():
    workspace, _ = load_workspace(ROOT, "staging", variables={})
    finding = CheckResult(check="oidc.keys", subject="acme", verdict=Verdict.OK, detail="1 signing key")
    html = readiness_report(workspace.partners[0], "staging", (finding,))
    assert "1 signing key" in html
    assert "To verify a complete login, run a test login." in html
    assert html.count("<style>") == 2
    assert re.findall(r'(?:href|src)="[^"]*"', html) == []
