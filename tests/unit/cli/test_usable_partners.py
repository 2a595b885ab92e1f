"""doctor checks the partners whose files are valid, and reports the other files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from partnergate.cli.main import main
from partnergate.language.load import load_usable_partners

if TYPE_CHECKING:
    from pathlib import Path

BROKEN = "partnergate: 1\npartner: broken\nname: Broken\nstage: live\nsign_in: {protocol: oidc, isuer: x}\n"
DRAFT = "partnergate: 1\npartner: fine\nname: Fine\nstage: draft\n"


@pytest.fixture
def workspace(tmp_path: Path, capsys) -> Path:
    run("init", tmp_path / "host")
    for file in (tmp_path / "host/partners").glob("*.yaml"):
        file.unlink()
    (tmp_path / "host/partners/broken.yaml").write_text(BROKEN)
    (tmp_path / "host/partners/fine.yaml").write_text(DRAFT)
    capsys.readouterr()
    return tmp_path / "host"


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as done:
        main([str(argument) for argument in arguments])
    return int(done.value.code or 0)


def test_a_file_with_errors_is_a_failed_check_of_its_partner(workspace, capsys):
    code = run("doctor", "-e", "staging", "--offline-host", "--format", "json", "--root", workspace)
    seen = capsys.readouterr()
    assert code == 8, seen.err
    assert [(f["check"], f["subject"]) for f in json.loads(seen.out)["findings"]] == [
        ("file.valid", "broken")
    ]
    assert "partner broken is left out" in seen.err


def test_a_partner_without_errors_is_checked_without_that_finding(workspace, capsys):
    assert run("doctor", "fine", "-e", "staging", "--offline-host", "--root", workspace) == 0
    assert "partner broken is left out" in capsys.readouterr().err


def test_a_named_partner_with_errors_is_rejected_with_its_errors(workspace, capsys):
    for command in ("doctor", "test-login"):
        assert run(command, "broken", "-e", "staging", "--root", workspace) == 3
        assert "isuer" in capsys.readouterr().err


def test_errors_of_the_realm_template_leave_no_workspace(workspace):
    template = workspace / "realm_templates/staging.yaml"
    template.write_text(template.read_text() + "unknown_key: 1\n")
    found, problems, unusable = load_usable_partners(workspace, "staging")
    assert (found, unusable) == (None, ())
    assert any("unknown_key" in problem.message for problem in problems)


def test_an_error_of_the_recorded_document_belongs_to_its_partner(workspace):
    text = DRAFT.replace("draft", "staging").replace("fine", "docs") + (
        "sign_in: {protocol: oidc, client_id: x, discovery: {file: docs.openid-configuration.json}}\n"
        "identity: {subject: sub}\n"
    )
    (workspace / "partners/docs.yaml").write_text(text)
    (workspace / "partners/docs.openid-configuration.json").write_text("[]")
    found, _, unusable = load_usable_partners(workspace, "staging")
    assert found is not None
    assert [p.partner for p in found.partners] == ["fine"]
    assert {file.partner for file in unusable} == {"broken", "docs"}
