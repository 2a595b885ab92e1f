"""A command that stops at errors in the files prints each error with its position."""

from __future__ import annotations

import pytest

from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.main import main

TEMPLATE = """\
partnergate: 1
environment: test
server_url: https://id.host.example
realm: host
stages: [live]
clients:
  - {client_id: host-app, redirect_uris: [https://app.host.example/callback]}
surprise: 1
"""


@pytest.mark.parametrize("command", ["plan", "apply", "drift"])
def test_every_error_is_printed_with_its_position(command, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "partners").mkdir()
    (tmp_path / "realm_templates").mkdir()
    (tmp_path / "realm_templates/base.yaml").write_text("partnergate: 1\n")
    (tmp_path / "realm_templates/test.yaml").write_text(TEMPLATE)
    with pytest.raises(SystemExit) as ended:
        main([command, "-e", "test"])
    errors = capsys.readouterr().err
    assert ended.value.code == ExitCode.INVALID_INPUT
    assert "realm_templates/test.yaml:8:1: error[PG" in errors
    assert "surprise" in errors
    assert "error: the files have errors" in errors
