"""Statements as reviewable text files."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from builders.partners import billed_partner
from fakes.statement_facts import october_facts
from golden_files import assert_golden
from partnergate.rendering.statement.csv import statement_csv, usage_group_csv
from partnergate.rendering.statement.html import statement_page
from partnergate.rendering.statement.text import statement_text
from partnergate.rendering.statement.view import statement_view
from partnergate.statements.account import Account, next_period
from partnergate.statements.document import seal_statement, statement_file
from partnergate.statements.draft import draft
from partnergate.statements.finalize import with_place
from partnergate.statements.seal import new_key_pair

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 3, tzinfo=UTC)


def october():
    account = Account(partner=billed_partner())
    return account, draft(
        october_facts(until=NOW, unattributed={"unknown_session": 2, "no_provider": 5}),
        account,
        next_period(account),
        now=NOW,
    )


def november():
    """With a correction of October, which late facts changed."""
    account, drafted = october()
    sealed = seal_statement(with_place(drafted.statement, (), at=NOW, override=None), new_key_pair().private)
    facts = october_facts(until=NOW, unattributed={"unknown_session": 2, "no_provider": 5})
    facts.usage.append(facts.usage[3]._replace(id="late", data={"quantity": 9000}))
    after = replace(account, chain=(sealed,))
    return draft(facts, after, next_period(after), now=NOW)


def text(drafted, width: int) -> str:
    view = statement_view(drafted.statement, standing=drafted.standing)
    into = StringIO()
    console = Console(file=into, width=width, no_color=True, highlight=False)
    console.print(statement_text(view, width=width))
    return "\n".join(line.rstrip() for line in into.getvalue().splitlines()) + "\n"


CASES = {
    "october_80.txt": lambda: text(october()[1], 80),
    "october_120.txt": lambda: text(october()[1], 120),
    "november_80.txt": lambda: text(november(), 80),
    "october.html": lambda: statement_page(
        statement_view(october()[1].statement, standing=october()[1].standing)
    ),
    "october.json": lambda: statement_file(october()[1].statement, None).decode(),
    "october_lines.csv": lambda: statement_csv([october()[1].statement]).replace("\r\n", "\n"),
    "october_groups.csv": lambda: usage_group_csv([october()[1].statement]).replace("\r\n", "\n"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_statement_is_shown_as_it_was_reviewed(name: str) -> None:
    assert_golden(HERE / name, CASES[name]())


def test_no_line_is_wider_than_the_terminal() -> None:
    for width in (80, 120):
        assert max(map(len, text(november(), width).splitlines())) <= width
