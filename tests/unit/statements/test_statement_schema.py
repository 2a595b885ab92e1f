"""The published schema accepts every statement file that partnergate writes, and nothing its reader refuses."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import jsonschema
import pytest

from partnergate.statements.account import next_period
from partnergate.statements.document import seal_statement, statement_file
from partnergate.statements.draft import draft
from partnergate.statements.finalize import with_place
from partnergate.statements.schema import statement_schema
from partnergate.statements.seal import new_key_pair

NOW = datetime(2026, 11, 3, tzinfo=UTC)


def test_drafts_and_sealed_statements_fit_the_schema(facts, account) -> None:
    schema = jsonschema.Draft7Validator(statement_schema())
    jsonschema.Draft7Validator.check_schema(statement_schema())
    statement = draft(facts, account, next_period(account), now=NOW).statement
    sealed = seal_statement(with_place(statement, (), at=NOW, override=None), new_key_pair().private)
    for content in (statement_file(statement, None), statement_file(sealed.statement, sealed.seal)):
        schema.validate(json.loads(content))


@pytest.mark.parametrize("change", [{"total": 1.5}, {"note": "x"}, {"lines": [{}]}, {"kind": "invoice"}])
def test_what_the_reader_refuses_does_not_fit_the_schema(facts, account, change) -> None:
    statement = draft(facts, account, next_period(account), now=NOW).statement
    whole = json.loads(statement_file(statement, None))
    whole["statement"] |= change
    assert list(jsonschema.Draft7Validator(statement_schema()).iter_errors(whole))
