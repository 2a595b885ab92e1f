"""The report of an apply names what it changed, and the next step if something failed."""

from __future__ import annotations

from builders.partners import partner
from builders.realms import desired, plan_of
from partnergate.applying.apply_report import ApplyReport, Outcome, PartReport
from partnergate.cli.realm.apply_report import report_as_text

STOPPED = ApplyReport(
    parts=(PartReport(name="acme", outcome=Outcome.NOT_ATTEMPTED, keys=()),), stopped_by="why"
)


def test_an_apply_that_made_its_plan_is_run_again() -> None:
    assert report_as_text(STOPPED).splitlines()[-1] == (
        "Fix the cause and run apply again. Apply is idempotent."
    )


def test_a_plan_from_a_file_is_made_again() -> None:
    last = report_as_text(STOPPED, from_file=True).splitlines()[-1]
    assert last == "Fix the cause, plan again and apply the new plan. Apply is idempotent."


def test_a_complete_apply_ends_with_its_counts() -> None:
    done = ApplyReport(parts=(PartReport(name="acme", outcome=Outcome.DONE, keys=()),))
    assert report_as_text(done) == "Applied: 1 done; 0 resources changed."


def applied(plan, outcome: Outcome = Outcome.DONE) -> str:
    keys = tuple(change.key for change in plan.changes)
    return report_as_text(
        ApplyReport(parts=(PartReport(name="all", outcome=outcome, keys=keys),)), plan.changes
    )


def test_created_and_deleted_resources_are_named() -> None:
    created, deleted, summary = applied(plan_of(desired(partner("acme")), partner("hooli"))).splitlines()
    assert created.startswith("created: provider hooli, ")
    assert deleted == "deleted: provider acme, organization acme"
    assert summary.startswith("Applied: 1 done; ")


def test_twenty_resources_are_named_and_the_others_counted() -> None:
    partners = [partner(f"p{number}") for number in range(5)]
    plan = plan_of(desired(), *partners)
    created = applied(plan).splitlines()[0]
    assert created.count(", ") == 19
    assert created.endswith(f" and {len(plan.changes) - 20} more")


def test_a_part_that_failed_names_nothing_as_done() -> None:
    assert "created" not in applied(plan_of(desired(), partner("acme")), Outcome.NOT_ATTEMPTED)


def test_names_are_wrapped_for_a_terminal() -> None:
    plan = plan_of(desired(), partner("acme"))
    keys = tuple(change.key for change in plan.changes)
    report = ApplyReport(parts=(PartReport(name="all", outcome=Outcome.DONE, keys=keys),))
    *names, summary = report_as_text(report, plan.changes, width=80).splitlines()
    assert len(names) > 1
    assert max(map(len, names)) <= 80
    assert " ".join(line.strip() for line in names) == report_as_text(report, plan.changes).splitlines()[0]
    assert summary.startswith("Applied: ")
