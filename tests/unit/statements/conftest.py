"""A partner with a month of facts in memory."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from builders.partners import billed_partner
from fakes.statement_facts import MemoryFacts, october_facts
from partnergate.statements.account import Account


@pytest.fixture
def facts() -> MemoryFacts:
    return october_facts(until=datetime(2026, 11, 3, tzinfo=UTC), unattributed={"unknown_session": 2})


@pytest.fixture
def account() -> Account:
    return Account(partner=billed_partner())
