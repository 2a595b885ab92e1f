"""The command line as a whole: equal options everywhere, and errors that name everything at once."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import click
import pytest

from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.main import cli, main
from partnergate.cli.requirements import raise_together, require_all
from partnergate.errors import SecretError, UsageError

ROOT = Path(__file__).parents[3]


def commands(group: click.Group, path: str = "partnergate"):
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def options():
    for path, command in commands(cli):
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                yield path, parameter


def failed(capsys, *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as done:
        main(list(arguments))
    return int(done.value.code or 0), capsys.readouterr().err


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch):
    for name in [name for name in os.environ if name.startswith("PARTNERGATE_")]:
        monkeypatch.delenv(name)


def test_formats_and_files_have_the_same_options_everywhere():
    names = {(path, name) for path, option in options() for name in option.opts}
    assert [found for found in names if found[1] in {"--json", "--out", "--as", "--write"}] == []
    short = {path for path, name in names if name == "-o"}
    assert {path for path, name in names if name == "--output"} == short


OTHER_MEANING = {
    ("--root", "import_.py"): "a directory that may not exist yet",
    ("--environment", "validate.py"): "a filter, so the variable is not read",
    ("--store", "validate.py"): "an additional check, so the variable is not read",
}
"""Definitions of a shared option with another meaning, each with the difference."""


def test_a_shared_option_is_defined_once():
    sources = sorted((ROOT / "src" / "partnergate" / "cli").rglob("*.py"))
    found = {
        (name, path.name)
        for name in ("--output", "--format", "--root", "--environment", "--store")
        for path in sources
        if f'"{name}",' in path.read_text(encoding="utf-8")
    }
    assert {one for one in found if one[1] != "options.py"} == set(OTHER_MEANING)


def test_an_option_with_a_variable_shows_it_in_its_help():
    hidden = [f"{path} {o.opts[0]}" for path, o in options() if o.envvar and not o.show_envvar]
    assert hidden == []


def test_store_and_environment_read_their_variables():
    """validate ignores them: it checks every environment, and contacts nothing that is not named."""
    expected = {"environment": "PARTNERGATE_ENVIRONMENT", "store": "PARTNERGATE_STORE"}
    found = {
        (path, o.name): o.envvar
        for path, o in options()
        if o.name in expected and path != "partnergate validate"
    }
    assert found
    assert {key: value for key, value in found.items() if value != expected[key[1]]} == {}


def test_every_missing_value_is_named_in_one_error(capsys):
    code, err = failed(capsys, "statement", "void")
    assert code == ExitCode.USAGE
    for line in (
        "missing argument: pass NUMBER",
        "missing option: pass --name",
        "missing option: pass --reason",
        "missing option: pass --key or set PARTNERGATE_STATEMENT_KEY",
        "missing option: pass --store or set PARTNERGATE_STORE",
        "missing option: pass --environment or set PARTNERGATE_ENVIRONMENT",
    ):
        assert line in err


def test_a_value_from_a_variable_is_not_missing(capsys, monkeypatch):
    monkeypatch.setenv("PARTNERGATE_ENVIRONMENT", "production")
    _, err = failed(capsys, "statement", "draft", "acme")
    assert "missing option: pass --store" in err
    assert "pass --environment" not in err


@pytest.mark.parametrize(
    ("typed", "meant"),
    [(("aply",), "apply"), (("statement", "finalze"), "finalize"), (("store", "bakcup"), "backup")],
)
def test_a_mistyped_command_gets_a_suggestion(capsys, typed, meant):
    code, err = failed(capsys, *typed)
    assert code == ExitCode.USAGE
    assert f'no such command "{typed[-1]}"; did you mean "{meant}"?' in err


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (("--helpp", "plan"), "--help"),
        (("plan", "--environmen=staging"), "--environment"),
        (("statement", "show", "--forma"), "--format"),
    ],
)
def test_a_mistyped_option_gets_a_suggestion_in_the_same_form(capsys, typed, meant):
    code, err = failed(capsys, *typed)
    wrong = next(word for word in typed if word.startswith("--")).partition("=")[0]
    assert code == ExitCode.USAGE
    assert f'no such option "{wrong}"; did you mean "{meant}"?' in err


def test_no_environment_is_assumed():
    """apply can do without one, because its plan file names it; audit list and validate then do all."""
    assumed = {path for path, o in options() if o.name == "environment" and not o.required}
    assert assumed == {"partnergate apply", "partnergate audit list", "partnergate validate"}


@pytest.mark.parametrize(
    "command",
    [
        ("validate",),
        ("status",),
        ("handoff", "acme"),
        ("doctor",),
        ("plan",),
        ("drift",),
        ("apply", "--yes"),
        ("test-login", "acme", "--guided"),
        ("usage", "report", "--partner", "acme", "--store", "sqlite:///none.db"),
    ],
)
def test_every_command_rejects_a_directory_that_is_not_a_workspace(capsys, tmp_path, command):
    code, err = failed(capsys, *command, "-e", "production", "--root", str(tmp_path))
    assert code == ExitCode.USAGE
    assert f"{tmp_path} is not a workspace: it has no realm_templates/" in err
    assert "PG409" not in err


def test_an_unrelated_word_gets_the_list_of_commands(capsys):
    _, err = failed(capsys, "store", "xyz")
    assert "(commands: backup, restore, verify, rebuild, migrate, export, erase)" in err


def test_a_mistyped_partner_gets_a_suggestion(capsys):
    code, err = failed(capsys, "handoff", "acmee", "-e", "staging", "--root", str(ROOT))
    assert code == ExitCode.USAGE
    assert 'unknown partner acmee\n  try: did you mean "acme"?' in err


def test_missing_credentials_and_keys_are_reported_together(capsys, monkeypatch):
    monkeypatch.setenv("PARTNERGATE_CA_BUNDLE", "/no/such/file.pem")
    code, err = failed(capsys, "plan", "-e", "production", "--root", str(ROOT))
    assert code == ExitCode.USAGE
    assert "4 settings are missing or invalid:" in err
    for words in (
        "PARTNERGATE_KEYCLOAK_URL is not set",
        "no credentials for Keycloak",
        "PARTNERGATE_CA_BUNDLE",
        "PARTNERGATE_FINGERPRINT_KEY",
    ):
        assert words in err


@pytest.mark.parametrize(
    "command",
    [
        ("plan",),
        ("drift",),
        ("apply", "--yes", "--create-realm"),
        ("doctor",),
        ("test-login", "acme"),
        ("serve", "--store", "sqlite://"),
    ],
    ids=lambda command: command[0],
)
def test_no_command_sends_credentials_to_another_server_that_a_template_names(
    capsys, monkeypatch, tmp_path, command
):
    """The author of a pull request can change server_url, and not the variable beside the credentials."""
    for name in ("partners", "realm_templates"):
        shutil.copytree(ROOT / name, tmp_path / name)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setenv("PARTNERGATE_VAR_SERVER_URL", f"http://127.0.0.1:{listener.getsockname()[1]}")
        monkeypatch.setenv("PARTNERGATE_KEYCLOAK_URL", "https://id.host.example")
        monkeypatch.setenv("PARTNERGATE_KEYCLOAK_CLIENT_ID", "ci")
        monkeypatch.setenv("PARTNERGATE_KEYCLOAK_CLIENT_SECRET", "a secret of the pipeline")
        for partner in ("ACME", "INITECH"):
            monkeypatch.setenv(f"{partner}_CLIENT_SECRET", "a secret of a partner")
        code, err = failed(capsys, *command, "-e", "demo", "--root", str(tmp_path))
        listener.settimeout(0.2)
        with pytest.raises(TimeoutError):
            listener.accept()
    assert code == ExitCode.USAGE
    assert "realm_templates/demo.yaml:5 names another server than PARTNERGATE_KEYCLOAK_URL" in err


def test_apply_reports_the_client_secrets_of_partners_with_the_other_credentials(capsys, monkeypatch):
    for name in ("ACME_CLIENT_SECRET", "INITECH_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)
    arguments = ("-e", "production", "--root", str(ROOT))
    _, err = failed(capsys, "apply", "--yes", *arguments)
    for words in (
        "no credentials for Keycloak",
        "PARTNERGATE_FINGERPRINT_KEY is not set",
        "ACME_CLIENT_SECRET has no secret",
        "INITECH_CLIENT_SECRET has no secret",
    ):
        assert err.count(words) == 1
    _, err = failed(capsys, "plan", *arguments)
    assert "CLIENT_SECRET has no secret" not in err


def test_one_failed_check_raises_its_own_error():
    def missing() -> None:
        raise SecretError("a key is missing")

    with pytest.raises(SecretError, match="a key is missing"):
        require_all(lambda: None, missing)
    require_all(lambda: None)


def test_errors_raised_together_keep_their_advice():
    errors = [SecretError("one", advice="set ONE"), UsageError("two", advice="set TWO")]
    with pytest.raises(UsageError) as raised:
        raise_together(errors)
    assert str(raised.value) == (
        "2 settings are missing or invalid:\n  - one\n      try: set ONE\n  - two\n      try: set TWO"
    )


def completed(words: str, position: int) -> list[str]:
    environ = os.environ | {
        "_PARTNERGATE_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(position),
    }
    done = subprocess.run(
        [sys.executable, "-c", "from partnergate.cli.main import main; main()"],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    return [line.split(",", 1)[1] for line in done.stdout.splitlines()]


def test_the_shell_completes_commands_subcommands_and_options():
    assert completed("partnergate st", 1) == ["status", "store", "statement"]
    assert completed("partnergate statement fin", 2) == ["finalize"]
    assert "--environment" in completed("partnergate plan --", 2)


@pytest.mark.parametrize("bug", [True, False])
def test_no_traceback_contains_a_value_that_is_for_templates(capsys, monkeypatch, bug):
    value = "https://not-for-the-log.example"
    monkeypatch.setenv("PARTNERGATE_VAR_SERVER_URL", value)

    def failing(*_: object, **__: object) -> None:
        cause = ValueError(f"cannot parse {value}/x")
        raise cause if bug else UsageError("the server is not usable") from cause

    monkeypatch.setattr(cli, "main", failing)
    code, shown = failed(capsys, "--verbose", "validate")
    assert code == (ExitCode.FAILED if bug else ExitCode.USAGE)
    assert "cannot parse (from PARTNERGATE_VAR_SERVER_URL)/x" in shown
    assert "not-for-the-log" not in shown
