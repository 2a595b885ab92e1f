"""What commands on a realm record: intent, outcome, and adopted resources, with the changes of the plan."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from partnergate.audit.entry import Deed
from partnergate.cli.audit.recording import add_details, audited
from partnergate.cli.exit_codes import ExitCode
from partnergate.store.audit.log import StoredAudit
from partnergate.store.database.opening import open_store


@pytest.fixture
def recorded(tmp_path):
    """Runs a command with a store, and returns the entries, oldest first."""
    # The store does not exist before the first command.
    url = f"sqlite:///{tmp_path / 'store.db'}"

    def run(command, *arguments: str):
        CliRunner().invoke(command, arguments, env={"PARTNERGATE_STORE": url}, standalone_mode=False)
        with open_store(url) as store:
            return tuple(reversed(StoredAudit(store).latest(limit=20)))

    return run


def applying(result, **details: str):
    @click.command()
    @click.option("--environment", default="")
    @audited("applied")
    def command(environment: str):
        add_details(**details)
        if isinstance(result, Exception):
            raise result
        return result

    return command


def shown(entries) -> list[tuple[str, str, str]]:
    return [(e.deed.value, e.phase.value, e.environment) for e in entries]


def test_a_completed_apply_has_an_intent_and_an_outcome_with_its_changes(recorded) -> None:
    command = applying(ExitCode.OK, environment="staging", realm="host", create="2")
    entries = recorded(command)
    assert shown(entries) == [("applied", "intent", ""), ("applied", "done", "staging")]
    assert {d.name: d.value for d in entries[1].details if d.name != "run"} == {
        "realm": "host",
        "create": "2",
    }


@pytest.mark.parametrize(
    ("result", "failure"),
    [(ExitCode.PARTIAL, f"exit code {int(ExitCode.PARTIAL)}"), (ValueError("secret"), "ValueError")],
)
def test_a_failed_apply_is_recorded_without_its_message(recorded, result, failure) -> None:
    """A message may quote a value; the log has its kind only."""
    _, outcome = recorded(applying(result), "--environment", "production")
    assert (outcome.phase.value, outcome.environment) == ("failed", "production")
    assert {d.name: d.value for d in outcome.details if d.name != "run"} == {"failure": failure}


def test_adopted_resources_are_a_deed_of_their_own(recorded) -> None:
    entries = recorded(applying(ExitCode.OK, adopt="3", update="1"), "--environment", "production")
    assert [e.deed for e in entries] == [Deed.APPLIED, Deed.APPLIED, Deed.ADOPTED]
    assert {d.name: d.value for d in entries[2].details if d.name != "run"} == {"resources": "3"}


def test_each_run_is_recorded_and_its_entries_share_a_run(recorded) -> None:
    command = applying(ExitCode.OK)
    recorded(command)
    entries = recorded(command)
    runs = [d.value for e in entries for d in e.details if d.name == "run"]
    assert runs[0] == runs[1] != runs[2] == runs[3]


def test_present_changes_are_not_a_failure_of_a_plan(recorded) -> None:
    _, outcome = recorded(applying(ExitCode.CHANGES_PRESENT))
    assert outcome.phase.value == "done"
