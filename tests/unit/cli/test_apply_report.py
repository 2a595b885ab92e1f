"""What became of an apply says how to go on from where it ended."""

from __future__ import annotations

from partnergate.applying.report import ApplyReport, Outcome, Part
from partnergate.cli.realm.apply_report import report_as_text

STOPPED = ApplyReport(parts=(Part(name="acme", outcome=Outcome.NOT_ATTEMPTED, keys=()),), stopped_by="why")


def test_an_apply_that_plans_by_itself_is_run_again() -> None:
    assert report_as_text(STOPPED).splitlines()[-1].startswith("Run apply again when the cause is mended")


def test_a_plan_from_a_file_no_longer_fits_and_is_made_again() -> None:
    last = report_as_text(STOPPED, from_file=True).splitlines()[-1]
    assert last.startswith("Plan again and apply the new plan when the cause is mended")


def test_a_complete_apply_says_nothing_more() -> None:
    done = ApplyReport(parts=(Part(name="acme", outcome=Outcome.DONE, keys=()),))
    assert report_as_text(done) == "Applied: 1 done; 0 resources changed."
