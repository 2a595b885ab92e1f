"""A partner with a month of facts in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from partnergate.statements.drafting import Account
from partnergate.testkit.statement_cases import partner
from partnergate.testkit.statement_facts import MemoryFacts, MemoryLogin
from partnergate.usage.model import SubjectKind, UsageEvent


@pytest.fixture
def facts() -> MemoryFacts:
    first = datetime(2026, 10, 2, tzinfo=UTC)
    found = MemoryFacts(until=datetime(2026, 11, 3, tzinfo=UTC), nobody={"unknown_session": 2})
    for n in range(120):
        at = first + timedelta(hours=5 * n)
        found.logins.append(MemoryLogin(id=f"e{n}", time=at, person=f"p{n % 70}", session=f"s{n}"))
        found.usage.append(
            UsageEvent(
                source="host",
                id=f"u{n}",
                type="task.run",
                time=at,
                subject_kind=SubjectKind.SESSION,
                subject=f"s{n}",
                data={"quantity": 100 + n},
            )
        )
    return found


@pytest.fixture
def account() -> Account:
    return Account(partner=partner())
