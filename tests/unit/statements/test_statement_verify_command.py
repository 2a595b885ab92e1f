"""``statement verify`` on files of a hostile sender: nothing in them controls the terminal or the process."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from partnergate.cli.main import cli
from partnergate.statements.account import next_period
from partnergate.statements.document import seal_statement, statement_file
from partnergate.statements.draft import draft
from partnergate.statements.finalize import with_place
from partnergate.statements.seal import new_key_pair

NOW = datetime(2026, 11, 3, tzinfo=UTC)
KEYS = new_key_pair()
HOSTILE = "\x1b[2J\x1b[1;1Hverified\u202e\x9b"


@pytest.fixture
def verify(facts, account, tmp_path):
    """Verifies the sealed October after ``change``, and returns the output."""
    statement = draft(facts, account, next_period(account), now=NOW).statement
    document = seal_statement(with_place(statement, (), at=NOW, override=None), KEYS.private)
    (tmp_path / "key.pub").write_bytes(KEYS.public)

    def run(change, *options: str) -> str:
        whole = json.loads(statement_file(document.statement, document.seal))
        change(whole)
        file = tmp_path / "statement.json"
        file.write_text(json.dumps(whole))
        arguments = ["statement", "verify", str(file), "--public-key", str(tmp_path / "key.pub"), *options]
        result = CliRunner().invoke(cli, arguments, standalone_mode=False)
        assert result.exception is None, result.exception
        return result.output

    return run


@pytest.mark.parametrize("options", [(), ("--format", "json")])
def test_nothing_of_the_file_reaches_the_terminal_raw(verify, options) -> None:
    def change(whole):
        whole["statement"]["number"] = whole["seal"]["sha256"] = HOSTILE
        whole["seal"]["algorithm"] = whole["statement"]["lines"][0]["rated"]["name"] = HOSTILE
        whole["statement"]["currency"] = HOSTILE

    output = verify(change, *options)
    assert all(line.isprintable() for line in output.split("\n"))
    assert "NOT verified" in output or '"ok": false' in output


def test_a_hostile_key_of_the_file_is_named_escaped(verify) -> None:
    output = verify(lambda whole: whole["statement"].update({HOSTILE: 1}))
    assert all(line.isprintable() for line in output.split("\n"))
    assert "is not a key of this format" in output


def test_amounts_at_the_limit_of_digits_are_failed_checks(verify) -> None:
    def change(whole):
        for line in whole["statement"]["lines"]:
            line["rated"]["amount"] = "9" * 60 + "." + "9" * 60

    assert "NOT verified" in verify(change)
