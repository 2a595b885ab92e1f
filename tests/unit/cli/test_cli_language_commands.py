"""validate, schema, explain, partner add and init, run from the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa

from partnergate.cli.main import main
from partnergate.store.database.opening import open_store

REPOSITORY = Path(__file__).parents[3]
WORKSPACE = REPOSITORY / "tests/fixtures/diagnostics/workspace"


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as done:
        main([str(argument) for argument in arguments])
    return int(done.value.code)


@pytest.fixture
def workspace(tmp_path):
    for place in ("partners", "realm_templates"):
        shutil.copytree(REPOSITORY / place, tmp_path / place)
    return tmp_path


def test_validate_exits_with_0_without_problems(workspace, capsys):
    assert run("validate", "--root", workspace) == 0
    assert "3 partner files: no problems" in capsys.readouterr().out


def test_validate_exits_with_3_and_shows_the_position_of_an_error(workspace, capsys):
    file = workspace / "partners/acme.yaml"
    file.write_text(file.read_text().replace("client_id:", "clientid:", 1))
    assert run("validate", "--root", workspace) == 3
    out = capsys.readouterr().out
    assert "partners/acme.yaml:" in out
    assert 'did you mean "client_id"?' in out


def test_validate_reports_a_billed_partner_without_a_file(workspace, tmp_path, capsys):
    url = f"sqlite:///{tmp_path / 'store.db'}"
    assert run("validate", "--root", workspace, "--store", url) == 1
    with open_store(url) as store, store.write() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO statement_documents (environment, partner, sequence, number, kind, "
                "period_start_us, period_end_us, previous, sha256, algorithm, key_id, signature, content) "
                "VALUES ('production', :partner, 1, :partner, 'statement', 0, 1, '0', '0', 'a', 'k', 's', '{}')"
            ),
            [{"partner": "acme"}, {"partner": "wayne"}],
        )
    capsys.readouterr()
    assert run("validate", "--root", workspace, "--store", url) == 3
    out = capsys.readouterr().out
    assert "partners/wayne.yaml:1:1: error[PG211]" in out
    assert "1 error" in out
    (workspace / "partners/initech.yaml").rename(workspace / "partners/wayne.yaml")
    run("validate", "--root", workspace, "--store", url)
    assert "PG211" not in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [("plan", "--environment", "demo"), ("apply", "--environment", "demo")])
def test_plan_and_apply_refuse_what_validate_refuses_today(workspace, capsys, arguments, monkeypatch):
    """An expired waiver is an error for plan and apply as it is for validate."""
    file = workspace / "partners/acme.yaml"
    file.write_text(
        file.read_text()
        + 'waivers:\n  - {code: PG121, reason: "The partner moves its endpoint, ticket 4711.", '
        "until: 2025-01-31, approved_by: Security team}\n"
    )
    monkeypatch.chdir(workspace)
    assert run(*arguments) == 3
    shown = capsys.readouterr()
    assert "PG152" in shown.out + shown.err


@pytest.mark.parametrize("form", ["json", "sarif", "gitlab"])
def test_validate_writes_a_report_to_a_file(workspace, tmp_path, form):
    report = tmp_path / "report"
    assert run("validate", "--root", workspace, "--format", form, "--output", report) == 0
    json.loads(report.read_text())


def test_warnings_fail_only_with_strict(workspace):
    file = workspace / "partners/acme.yaml"
    file.write_text(
        file.read_text().replace("contacts: {technical: [sso@acme.example], billing: [ap@acme.example]}", "")
    )
    assert run("validate", "--root", workspace) == 0
    assert run("validate", "--root", workspace, "--strict") == 3


def test_validate_outside_a_workspace_is_a_usage_error(tmp_path):
    assert run("validate", "--root", tmp_path) == 64


def test_an_unknown_environment_is_a_problem(workspace, capsys):
    assert run("validate", "--root", workspace, "-e", "prod") == 3
    assert "PG409" in capsys.readouterr().out


def test_many_files_in_several_processes_give_the_same_report(tmp_path, capsys):
    """With enough files for several processes, the order and the problems stay the same."""
    shutil.copytree(WORKSPACE / "realm_templates", tmp_path / "realm_templates")
    (tmp_path / "partners").mkdir()
    text = (WORKSPACE / "partners/acme.yaml").read_text()
    for number in range(401):
        name = f"p{number:03d}"
        own = (
            text.replace("acme", name)
            .replace("Acme Automations", f"Partner {number}")
            .replace("subject: sub", "subject: email" if number % 100 == 0 else "subject: sub")
        )
        (tmp_path / f"partners/{name}.yaml").write_text(own)
    assert run("validate", "--root", tmp_path, "--format", "github") == 3
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("file=partners/")[1][:4] for line in lines] == ["p000", "p100", "p200", "p300", "p400"]


def test_the_schemas_in_the_repository_are_current():
    assert run("schema", "--check", REPOSITORY / "schema") == 0


def test_a_stale_schema_fails_the_check(tmp_path):
    assert run("schema", "--output", tmp_path) == 0
    (tmp_path / "partner.schema.json").write_text("{}")
    assert run("schema", "--check", tmp_path) == 3


@pytest.mark.parametrize("spelling", ["PG012", "pg012", "012"])
def test_explain_shows_the_page(spelling, capsys):
    assert run("explain", spelling) == 0
    assert capsys.readouterr().out.startswith("# PG012: Unknown key\n")


def test_explaining_an_unknown_code_is_a_usage_error(capsys):
    assert run("explain", "PG000") == 64


def test_init_writes_a_valid_workspace(tmp_path, capsys):
    assert run("init", tmp_path / "new") == 0
    assert run("validate", "--root", tmp_path / "new", "--strict") == 0
    assert run("init", tmp_path / "new") == 64


def test_a_partner_from_recorded_metadata_validates(tmp_path, capsys):
    run("init", tmp_path)
    source = WORKSPACE / "partners/globex.idp-metadata.xml"
    assert run("partner", "add", "globex", "--from", source, "--root", tmp_path) == 0
    assert run("validate", "--root", tmp_path, "--strict") == 0
    assert run("partner", "add", "globex", "--from", source, "--root", tmp_path) == 64
    assert run("partner", "add", "globex", "--from", source, "--root", tmp_path, "--force") == 0


def test_a_partner_from_a_discovery_file_validates(tmp_path, capsys):
    run("init", tmp_path)
    source = WORKSPACE / "partners/acme.openid-configuration.json"
    assert run("partner", "add", "acme", "--from", source, "--root", tmp_path) == 0
    assert run("validate", "--root", tmp_path, "--strict") == 0
    assert "issuer: https://login.acme.example/" in (tmp_path / "partners/acme.yaml").read_text()


@pytest.mark.parametrize(
    "source", ["https://169.254.169.254/x.json", "https://10.0.0.1/x.json", "https://a.internal/x.json"]
)
def test_addresses_inside_a_network_are_not_fetched(tmp_path, capsys, source):
    assert run("partner", "add", "acme", "--from", source, "--root", tmp_path) == 1
    assert not (tmp_path / "partners").exists()


def test_a_command_lists_the_errors_of_the_files(workspace, capsys):
    assert run("plan", "-e", "nowhere", "--root", workspace) == 3
    err = capsys.readouterr().err
    assert "realm_templates/nowhere.yaml:1:1: error[PG409]: environment nowhere does not exist" in err
    assert err.endswith("error: the files have errors\n  try: fix the errors above; nothing was changed\n")
