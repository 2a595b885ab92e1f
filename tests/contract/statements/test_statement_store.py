"""The stored chain: appended, read back byte for byte, never changed; the same on every store and in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from builders.actors import ADA
from builders.partners import billed_partner
from fakes.statement_facts import MemoryFacts, MemoryStatements
from partnergate.errors import StatementError, StoreError
from partnergate.statements.account import Account, next_period
from partnergate.statements.alerts import Measure, Passed, Threshold
from partnergate.statements.disputes import DisputeEntry, EntryKind, opened
from partnergate.statements.document import seal_statement
from partnergate.statements.draft import draft
from partnergate.statements.finalize import with_place
from partnergate.statements.seal import new_key_pair
from partnergate.store.statements.alerts import StoredAlerts
from partnergate.store.statements.disputes import StoredDisputes
from partnergate.store.statements.finalized import StoredStatements

NOW = datetime(2027, 3, 1, tzinfo=UTC)
KEYS = new_key_pair()


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def statements(request: pytest.FixtureRequest, store_of):
    if request.param == "memory":
        return MemoryStatements()
    return StoredStatements(store_of(request.param), "production")


def documents(number: int):
    """Return that many finalized documents, in the order of the chain."""
    account = Account(partner=billed_partner())
    for _ in range(number):
        drafted = draft(MemoryFacts(until=NOW), account, next_period(account), now=NOW)
        sealed = seal_statement(
            with_place(drafted.statement, account.chain, at=NOW, override=None), KEYS.private
        )
        account = replace(account, chain=(*account.chain, sealed))
    return account.chain


def test_a_chain_is_read_back_as_it_was_appended(statements) -> None:
    chain = documents(3)
    for document in chain:
        statements.append(document, by=ADA)
    assert statements.chain("acme") == chain
    assert statements.chain("globex") == ()


def test_a_position_in_the_chain_is_used_once(statements) -> None:
    first, second, third = documents(3)
    statements.append(first, by=ADA)
    for wrong in (first, third):
        with pytest.raises(StatementError):
            statements.append(wrong, by=ADA)
    statements.append(second, by=ADA)
    assert statements.chain("acme") == (first, second)


def test_a_draft_cannot_be_stored(statements) -> None:
    (document,) = documents(1)
    with pytest.raises(StatementError):
        statements.append(replace(document, statement=replace(document.statement, final=None)), by=ADA)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE statement_documents SET content = 'x'",
        "UPDATE statement_documents SET number = 'y'",
        "DELETE FROM statement_documents",
    ],
)
def test_the_database_rejects_every_change_of_a_finalized_statement(store, change: str) -> None:
    kept = StoredStatements(store, "production")
    chain = documents(2)
    for document in chain:
        kept.append(document, by=ADA)
    with pytest.raises(StoreError, match="a final statement never changes"), store.write() as connection:
        connection.execute(sa.text(change))
    assert kept.chain("acme") == chain


@pytest.mark.parametrize("table", ["statement_documents", "statement_disputes"])
def test_a_row_is_not_replaced_either(store_of, table: str) -> None:
    """SQLite replaces a row by an insert, without asking the triggers of delete and update."""
    store = store_of("sqlite")
    kept = StoredStatements(store, "production")
    chain = documents(1)
    kept.append(chain[0], by=ADA)
    entry = DisputeEntry(at=NOW, kind=EntryKind.OPENED, name="n", words="w")
    StoredDisputes(store, "production").append(opened(chain[0].statement, 1, entry, ()), by=ADA)
    with pytest.raises(StoreError, match="a final statement never changes"), store.write() as connection:
        connection.execute(sa.text(f"REPLACE INTO {table} SELECT * FROM {table}"))
    assert kept.chain("acme") == chain


def test_a_document_changed_behind_the_trigger_is_seen(store) -> None:
    kept = StoredStatements(store, "production")
    kept.append(documents(1)[0], by=ADA)
    with store.write() as connection:
        if store.dialect.value == "sqlite":
            connection.execute(sa.text("DROP TRIGGER statement_documents_no_update"))
        else:
            connection.execute(sa.text("DROP TRIGGER statement_documents_no_change ON statement_documents"))
        connection.execute(
            sa.text("UPDATE statement_documents SET content = replace(content, '750.00', '650.00')")
        )
    with pytest.raises(StoreError, match="differs from its seal"):
        kept.chain("acme")


def test_disputes_grow_and_credits_wait_for_the_next_statement(store) -> None:
    kept = StoredStatements(store, "production")
    (document,) = documents(1)
    kept.append(document, by=ADA)
    disputes = StoredDisputes(store, "production")
    entry = DisputeEntry(at=NOW, kind=EntryKind.OPENED, name="n", words="w")
    dispute = opened(document.statement, 1, entry, ())
    disputes.append(dispute, by=ADA)
    assert kept.pending_credits("acme") == ()
    credited = replace(entry, kind=EntryKind.CREDITED, amount=Decimal("1.50"), at=NOW + timedelta(hours=1))
    disputes.append(replace(dispute, entries=(entry, credited)), by=ADA)
    assert disputes.of_partner("acme") == (replace(dispute, entries=(entry, credited)),)
    (pending,) = kept.pending_credits("acme")
    assert (pending.amount, pending.line) == (Decimal("1.50"), 1)
    with pytest.raises(StatementError, match="another entry was added to the dispute"):
        disputes.append(replace(dispute, entries=(entry, credited)), by=ADA)
    account = Account(partner=billed_partner(), chain=kept.chain("acme"), credits=(pending,))
    drafted = draft(MemoryFacts(until=NOW), account, next_period(account), now=NOW)
    kept.append(
        seal_statement(with_place(drafted.statement, account.chain, at=NOW, override=None), KEYS.private),
        by=ADA,
    )
    assert kept.pending_credits("acme") == ()


def test_a_threshold_is_sent_once_a_period_and_retried_until_it_is_accepted(store) -> None:
    alerts = StoredAlerts(store, "production")
    one = Passed(
        threshold=Threshold(partner="acme", measure=Measure.AMOUNT, at=Decimal(5)),
        statement="acme-2026-10-01",
        period_start=datetime(2026, 10, 1, tzinfo=UTC),
        value=Decimal(6),
        currency="USD",
    )
    assert alerts.add((one,), NOW) == 1
    assert alerts.add((one,), NOW + timedelta(days=1)) == 0
    assert alerts.add((replace(one, period_start=datetime(2026, 11, 1, tzinfo=UTC)),), NOW) == 1
    first, second = alerts.due(NOW)
    alerts.failed(first, "answered 500", NOW)
    alerts.delivered(second.id, NOW)
    assert alerts.due(NOW) == ()
    (again,) = alerts.due(NOW + timedelta(seconds=5))
    assert (again.id, again.attempts, again.payload) == (first.id, 1, first.payload)
