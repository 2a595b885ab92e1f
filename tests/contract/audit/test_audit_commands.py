"""The audit commands, and what other commands record."""

from __future__ import annotations

import json
import os
import pwd

import pytest
from click.testing import CliRunner

from builders.actors import ADA
from builders.events import DAY, REALM, T0, KnownSubjects, login, realm
from builders.partners import partner
from partnergate.audit.entry import AuditEvent, Deed
from partnergate.cli.main import cli
from partnergate.errors import PartnergateError
from partnergate.events.ports import Advance
from partnergate.store import EventIngest
from partnergate.store.audit.log import StoredAudit
from partnergate.store.database.engine import Dialect
from worlds.statement_world import NOW


@pytest.fixture
def run(store_url):
    def invoke(*arguments: str, code: int = 0, stored: bool = True, **environ: str) -> str:
        environ = ({"PARTNERGATE_STORE": store_url} if stored else {}) | environ
        result = CliRunner().invoke(cli, arguments, env=environ, standalone_mode=False)
        if result.exception is not None:
            raise result.exception
        assert int(result.return_value or 0) == code, result.output
        return result.output

    return invoke


@pytest.fixture
def filled(store):
    log = StoredAudit(store)
    for number in range(4):
        log.record(
            AuditEvent(
                at=NOW, environment="production", deed=Deed.APPLIED, actor=ADA, target="host", key=str(number)
            )
        )
    return store


def cut(store, first: int) -> None:
    """Remove the end of the log, as the owner of the database can."""
    with store.write() as connection:
        if store.dialect is Dialect.POSTGRESQL:
            connection.exec_driver_sql("ALTER TABLE audit_entries DISABLE TRIGGER USER")
        else:
            connection.exec_driver_sql("DROP TRIGGER audit_entries_no_delete")
        connection.exec_driver_sql(f"DELETE FROM audit_entries WHERE sequence >= {first}")


def change(store, number: int) -> None:
    """Damage one entry, as the owner of the database can."""
    with store.write() as connection:
        if store.dialect is Dialect.POSTGRESQL:
            connection.exec_driver_sql("ALTER TABLE audit_entries DISABLE TRIGGER USER")
        else:
            connection.exec_driver_sql("DROP TRIGGER audit_entries_no_update")
        connection.exec_driver_sql(f"UPDATE audit_entries SET content = '{{' WHERE sequence = {number}")


def test_entries_are_listed_for_people_and_programs(filled, run) -> None:
    assert run("audit", "list", "--limit", "2").splitlines() == [
        "4 2026-11-05T00:00:00Z applied host in production by ada (local user on host-1)",
        "3 2026-11-05T00:00:00Z applied host in production by ada (local user on host-1)",
    ]
    assert [e["sequence"] for e in json.loads(run("audit", "list", "--format", "json"))] == [4, 3, 2, 1]
    assert run("audit", "list", "--environment", "other") == "no entries\n"


def test_a_complete_log_is_verified_alone_and_with_its_export(filled, run, tmp_path) -> None:
    key, file = str(tmp_path / "key"), str(tmp_path / "audit.ndjson")
    run("statement", "keygen", key)
    assert "4 audit records, signed" in run("audit", "export", "--output", file, "--key", key)
    assert (tmp_path / "audit.ndjson").stat().st_mode & 0o777 == 0o600
    assert run("audit", "verify") == "store: the chain is complete\n"
    for published in ("key.jwks.json", "key.pub"):
        output = run("audit", "verify", file, "--keys", str(tmp_path / published))
        assert output == f"{file}: the chain is complete\nstore: the chain is complete\n"
    assert json.loads(run("audit", "verify", file, "--format", "json", stored=False))["ok"]


def test_a_removed_end_is_detected_with_an_export_only(filled, run, tmp_path) -> None:
    file = str(tmp_path / "audit.ndjson")
    run("audit", "export", "--output", file)
    cut(filled, 3)
    assert run("audit", "verify") == "store: the chain is complete\n"
    assert "the last 2 of 4 entries are missing" in run("audit", "verify", file, code=1)


def test_a_damaged_entry_is_named_and_the_entries_before_it_are_listed(filled, run) -> None:
    change(filled, 3)
    with pytest.raises(PartnergateError, match="entry 3 of the audit log was changed") as raised:
        run("audit", "list")
    assert raised.value.advice.endswith("audit list --before 3")
    assert len(run("audit", "list", "--before", "3").splitlines()) == 2


def test_an_export_of_a_changed_log_fails_and_contains_every_entry(filled, run, tmp_path) -> None:
    change(filled, 3)
    output = run("audit", "export", "--output", str(tmp_path / "audit.ndjson"), code=1)
    assert "NOT as it was written" in output
    assert "entry 3: not an audit entry" in output
    assert len((tmp_path / "audit.ndjson").read_bytes().splitlines()) == 5


def test_a_changed_export_is_detected(filled, run, tmp_path) -> None:
    key, file = tmp_path / "key", tmp_path / "audit.ndjson"
    run("statement", "keygen", str(key))
    run("audit", "export", "--output", str(file), "--key", str(key))
    whole = file.read_text()
    file.write_text(whole.replace('"ada"', '"eve"', 1))
    assert "NOT as it was written" in run("audit", "verify", str(file), code=1, stored=False)
    lines = whole.splitlines(keepends=True)
    file.write_text("".join(lines[:3]) + lines[-1])
    assert "NOT as it was written" in run("audit", "verify", str(file), code=1, stored=False)
    file.write_text("".join(lines[:3]))
    with pytest.raises(PartnergateError, match="does not end with the head"):
        run("audit", "verify", str(file), stored=False)
    run("audit", "export", "--output", str(file))
    assert "the head is not signed" in run("audit", "verify", str(file), "--keys", f"{key}.pub", code=1)


def test_without_anything_to_check_the_command_names_what_to_pass(run) -> None:
    with pytest.raises(PartnergateError, match="pass FILE, or --store or PARTNERGATE_STORE"):
        run("audit", "verify", stored=False)


def test_an_erasure_is_recorded_without_the_person(store, run) -> None:
    ingest = EventIngest(store=store, subjects=KnownSubjects())
    ingest.record_registry(realm(REALM), (partner("acme"),), 0)
    event = login(T0)
    ingest.keep(REALM, [event], seen_ms=T0 + DAY, advance=Advance(first_ms=0, position_ms=T0))
    subject = event.identity_provider_identity if hasattr(event, "identity_provider_identity") else "ada"
    run("store", "erase", "--alias", "acme", "--subject", subject)
    (entry,) = StoredAudit(store).latest(limit=9)
    assert (entry.deed, entry.target) == (Deed.ERASED, "acme")
    assert entry.actor.name == pwd.getpwuid(os.geteuid()).pw_name
    assert subject not in str(entry.details)


def test_a_command_on_a_realm_records_intent_and_outcome(store, run, tmp_path) -> None:
    """The realm does not exist, so the plan fails: an attempt is recorded as well."""
    github = {"GITHUB_ACTIONS": "true", "GITHUB_ACTOR": "grace"}
    with pytest.raises(PartnergateError):
        run("plan", "--environment", "production", "--root", str(tmp_path), **github)
    outcome, intent = StoredAudit(store).latest(limit=9)
    assert [(e.deed, e.phase.value, e.environment) for e in (intent, outcome)] == [
        (Deed.PLANNED, "intent", "production"),
        (Deed.PLANNED, "failed", "production"),
    ]
    assert outcome.actor.words() == "grace (asserted by CI: github)"
    assert {d.name for d in outcome.details} == {"run", "failure"}
    assert {d.value for d in outcome.details if d.name == "run"} == {
        d.value for d in intent.details if d.name == "run"
    }


def test_a_store_that_cannot_be_reached_is_reported_and_does_not_stop_the_command(run, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    missing = f"sqlite:///{tmp_path / 'file' / 'store.db'}"
    runner = CliRunner()
    arguments = ["plan", "--environment", "production", "--root", str(tmp_path)]
    result = runner.invoke(cli, arguments, env={"PARTNERGATE_STORE": missing}, standalone_mode=False)
    assert result.stderr.count("warning: not recorded in the audit log: planned") == 2
    assert isinstance(result.exception, PartnergateError)
    assert str(tmp_path / "file") in result.stderr


def test_without_a_store_nothing_is_recorded_and_nothing_is_reported(run, tmp_path) -> None:
    with pytest.raises(PartnergateError) as caught:
        run("plan", "--environment", "production", "--root", str(tmp_path), stored=False)
    assert "audit" not in str(caught.value)
