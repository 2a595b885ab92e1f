"""A partner with a month of facts in memory."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from partnergate.statements.drafting import Account
from partnergate.testkit.statement_cases import partner
from partnergate.testkit.statement_facts import MemoryFacts, october_facts


@pytest.fixture
def facts() -> MemoryFacts:
    return october_facts(until=datetime(2026, 11, 3, tzinfo=UTC), nobody={"unknown_session": 2})


@pytest.fixture
def account() -> Account:
    return Account(partner=partner())
