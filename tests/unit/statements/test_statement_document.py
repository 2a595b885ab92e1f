"""Documents, seals and the offline check."""

from __future__ import annotations

import json
import re
import time
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from partnergate.statements.account import next_period
from partnergate.statements.document import (
    FIRST,
    content_of,
    read_statement_file,
    seal_statement,
    statement_file,
)
from partnergate.statements.draft import draft
from partnergate.statements.finalize import with_place
from partnergate.statements.seal import new_key_pair
from partnergate.statements.statement import Statement
from partnergate.statements.typed_json import from_json, to_json
from partnergate.statements.verify import verify_chain, verify_file
from partnergate.wording import counted

NOW = datetime(2026, 11, 3, tzinfo=UTC)
KEYS = new_key_pair()


@pytest.fixture
def statement(facts, account) -> Statement:
    return draft(facts, account, next_period(account), now=NOW).statement


def final(statement: Statement, chain=()):
    return seal_statement(with_place(statement, chain, at=NOW, override=None), KEYS.private)


def failed(content: bytes, public: bytes = KEYS.public) -> set[str]:
    return {c.name for c in verify_file(content, public).checks if not c.ok}


def edited(document, change) -> bytes:
    whole = json.loads(statement_file(document.statement, document.seal))
    change(whole)
    return json.dumps(whole).encode()


def test_a_statement_is_read_back_from_its_bytes(statement: Statement) -> None:
    content = content_of(statement)
    assert from_json(Statement, json.loads(content)) == statement


def test_a_sealed_file_passes_every_check(statement: Statement) -> None:
    document = final(statement)
    result = verify_file(statement_file(document.statement, document.seal), KEYS.public)
    assert result.ok
    assert {c.name for c in result.checks} == {
        "format",
        "canonical",
        "hash",
        "signature",
        "jws",
        "key",
        "chain",
        "lines",
        "total",
        "share",
        "rates",
    }


def test_the_detail_of_a_check_counts_the_lines(statement: Statement) -> None:
    document = final(statement)
    checks = verify_file(statement_file(document.statement, document.seal), KEYS.public).checks
    detail = {check.name: check.detail for check in checks}
    lines = counted(len(statement.lines), "line")
    assert detail["lines"] == f"{lines} computed again from the steps"
    assert detail["rates"] == f"{lines} computed again from the terms and the quantities"


def test_another_key_is_named_and_refused(statement: Statement) -> None:
    document = final(statement)
    assert failed(statement_file(document.statement, document.seal), new_key_pair().public) == {"signature"}


def test_a_draft_is_never_verified(statement: Statement) -> None:
    assert failed(statement_file(statement, None)) == {"signature", "chain"}


def test_a_changed_amount_breaks_hash_seal_and_sums(statement: Statement) -> None:
    def change(whole):
        whole["statement"]["lines"][0]["rated"]["amount"] = "1.00"

    assert failed(edited(final(statement), change)) == {"hash", "signature", "jws", "lines", "total", "rates"}


def test_a_failed_check_reports_the_stated_and_the_computed_value(statement: Statement) -> None:
    """A reader of the file alone must see both of the differing figures."""

    def change(whole):
        whole["statement"]["total"] = "1.00"
        whole["statement"]["share_total"] = "2.00"

    document = final(statement)
    found = {c.name: c.detail for c in verify_file(edited(document, change), KEYS.public).checks if not c.ok}
    assert f"the seal states {document.seal.sha256}" in found["hash"]
    assert "it was changed" in found["signature"]
    assert f"sum to {statement.total} USD" in found["total"]
    assert "the document states 1.00" in found["total"]
    assert "the document states 2.00" in found["share"]


def test_a_line_that_does_not_follow_from_its_steps_is_found_though_it_is_sealed(
    statement: Statement,
) -> None:
    """An issuer that seals wrong sums is caught by the file alone."""
    from dataclasses import replace

    lines = list(statement.lines)
    rated = lines[2].rated
    lines[2] = replace(lines[2], rated=replace(rated, amount=rated.amount + 1))
    wrong = replace(statement, lines=tuple(lines), total=statement.total + 1, subtotal=statement.subtotal + 1)
    document = final(wrong)
    assert failed(statement_file(document.statement, document.seal)) == {"lines", "rates"}


def test_verify_finds_a_sealed_line_that_contradicts_its_terms_although_its_sums_agree(
    statement: Statement,
) -> None:
    """The steps, the line and the total fit each other; only rating again shows another unit price."""
    from dataclasses import replace

    lines = list(statement.lines)
    line = lines[2].rated
    component = line.components[0]
    step = component.tiers[0]
    dearer = replace(
        component,
        tiers=(replace(step, unit=step.unit * 2, amount=step.amount * 2),),
        amount=component.amount * 2,
    )
    doubled = replace(
        line, components=(dearer,), gross=line.gross * 2, exact=line.exact * 2, amount=line.amount * 2
    )
    lines[2] = replace(lines[2], rated=doubled)
    more = statement.total + line.amount
    wrong = replace(statement, lines=tuple(lines), total=more, subtotal=more)
    document = final(wrong)
    assert failed(statement_file(document.statement, document.seal)) == {"rates"}


def test_quantities_that_do_not_give_the_lines_are_found_though_they_are_sealed(
    statement: Statement,
) -> None:
    from dataclasses import replace

    first, *rest = statement.measured
    wrong = replace(statement, measured=(replace(first, value=first.value + 5000), *rest))
    document = final(wrong)
    assert failed(statement_file(document.statement, document.seal)) == {"rates"}


def test_unknown_keys_and_floats_are_refused(statement: Statement) -> None:
    document = final(statement)
    for change in (
        lambda w: w["statement"].__setitem__("note", "x"),
        lambda w: w["statement"].__setitem__("total", 1.5),
        lambda w: w.__setitem__("extra", 1),
        lambda w: w["statement"].__delitem__("rules"),
    ):
        assert failed(edited(document, change)) == {"format"}
    text = statement_file(document.statement, document.seal)
    name = document.statement.name.encode()
    assert failed(text.replace(name, b"\\ud800")) == {"format"}
    assert failed(b"\xff\x00") == {"format"}
    assert failed(b"[]") == {"format"}


def test_a_chain_with_a_hole_is_seen(statement: Statement, facts, account) -> None:
    from dataclasses import replace

    first = final(statement)
    second = final(statement, (first,))
    third = final(statement, (first, second))
    assert first.statement.final.previous == FIRST
    documents = [(d.statement, d.content) for d in (third, first, second)]
    assert all(c.ok for c in verify_chain(documents))
    assert not all(c.ok for c in verify_chain([documents[0], documents[1]]))
    forged = replace(second.statement, total=Decimal(0))
    assert not all(
        c.ok for c in verify_chain([(third.statement, third.content), (forged, content_of(forged))])
    )


def test_the_seal_of_one_statement_does_not_fit_another(statement: Statement) -> None:
    from dataclasses import replace

    document = final(statement)
    other = replace(document.statement, name="Another partner")
    assert {"hash", "signature"} <= failed(statement_file(other, document.seal))


def test_numbers_are_written_with_their_decimals_and_floats_never() -> None:
    assert to_json((Decimal("1E+3"), Decimal("-0.00"), Decimal("1.50"))) == ["1000", "0.00", "1.50"]
    with pytest.raises(TypeError):
        to_json(object())


def test_a_file_reads_back_to_the_canonical_bytes_it_was_sealed_over(statement: Statement) -> None:
    document = final(statement)
    again, seal, content = read_statement_file(statement_file(document.statement, document.seal))
    assert (again, seal, content) == (document.statement, document.seal, document.content)


def test_a_forger_who_makes_the_hash_fit_is_stopped_by_the_signature(statement: Statement) -> None:
    """The hash is in the file, so anybody can write a fitting one; only the key's holder can sign."""
    from dataclasses import replace

    from partnergate.statements.typed_json import sha256_hex

    document = final(statement)
    other = replace(document.statement, name="Another partner")
    seal = replace(document.seal, sha256=sha256_hex(content_of(other)))
    assert failed(statement_file(other, seal)) == {"signature", "jws"}


def test_a_seal_is_written_in_one_way(statement: Statement) -> None:
    """The last letter of base64 has unused bits; a file that differs in them counts as modified."""
    from dataclasses import replace

    document = final(statement)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    text = document.seal.signature
    assert text.endswith("==")
    other = letters[letters.index(text[-3]) ^ 1]
    seal = replace(document.seal, signature=f"{text[:-3]}{other}==")
    assert failed(statement_file(document.statement, seal)) == {"signature"}


def _with_forged_total(content: bytes) -> bytes:
    text = content.decode()
    start = text.index('"total":')
    return (text[:start] + '"total": "1.00",\n    ' + text[start:]).encode()


def test_a_forged_total_in_front_of_the_real_one_is_refused_with_its_line(statement: Statement) -> None:
    """Another reader of the file would take the first of two keys."""
    document = final(statement)
    (check,) = verify_file(
        _with_forged_total(statement_file(document.statement, document.seal)), KEYS.public
    ).checks
    assert not check.ok
    assert re.fullmatch(
        r"the file is not a valid statement: line \d+, statement.total: duplicate key", check.detail
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("1E+999999999", "statement.total is not a Decimal"),
        ("9" * 5_000, "statement.total is not a Decimal"),
        ("NaN", "statement.total is not a Decimal"),
        (" 1", "statement.total is not a Decimal"),
        ("\u0661", "statement.total is not a Decimal"),
    ],
)
def test_an_amount_that_is_not_in_plain_notation_is_refused_at_once(
    statement: Statement, value: str, words: str
) -> None:
    def change(whole):
        whole["statement"]["total"] = value

    start = time.perf_counter()
    (check,) = verify_file(edited(final(statement), change), KEYS.public).checks
    assert time.perf_counter() - start < 5
    assert check.detail == words


@pytest.mark.parametrize("field", ["name", "number"])
def test_an_unpaired_surrogate_is_a_failed_check_and_not_a_bug(statement: Statement, field: str) -> None:
    def change(whole):
        whole["statement"][field] = "\ud800"

    (check,) = verify_file(edited(final(statement), change), KEYS.public).checks
    assert check.detail == f"the file is not a valid statement: line 1, statement.{field}: unpaired surrogate"


def test_the_bytes_of_a_file_encode_again_to_the_bytes_that_were_sealed(statement: Statement) -> None:
    document = final(statement)
    _, _, canonical = read_statement_file(statement_file(document.statement, document.seal))
    assert canonical == document.content
