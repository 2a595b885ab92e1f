"""Test logins in staging, stored as evidence. All values of the test user are masked."""

from __future__ import annotations

import dataclasses
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from partnergate.canonical_json import canonical_json
from partnergate.model.instants import from_ms, to_ms
from partnergate.model.partner import Alias, PartnerId
from partnergate.signin.login_test import Mapped, MaskedClaim, masked
from partnergate.store.database.bulk import insert_new

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

_EMAIL: Final = re.compile(r"[^\s@<>\"'()]+@[\w-]+(?:\.[\w-]+)+")
_COLUMNS: Final = (
    "realm",
    "environment",
    "partner",
    "alias",
    "tested_ms",
    "passed",
    "reason",
    "arrived",
    "mapped",
    "details",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StagingTest:
    """One test login."""

    realm: str
    environment: str
    partner: PartnerId
    alias: Alias
    at: datetime
    reason: str
    """Empty when it passed."""
    arrived: tuple[MaskedClaim, ...] | None = None
    """None if it could not be inspected."""
    mapped: tuple[Mapped, ...] = ()
    details: tuple[str, ...] = ()
    """A description of the result; email addresses are masked before it is stored."""

    @property
    def passed(self) -> bool:
        """Whether the login succeeded."""
        return not self.reason


def record_staging_test(connection: Connection, test: StagingTest) -> None:
    """Store one test login; storing it again has no effect."""
    row = (
        test.realm,
        test.environment,
        test.partner,
        test.alias,
        to_ms(test.at),
        int(test.passed),
        test.reason,
        None if test.arrived is None else _written(test.arrived),
        _written(test.mapped),
        canonical_json([_EMAIL.sub(lambda m: masked(m[0]), line) for line in test.details]),
    )
    insert_new(connection, "staging_tests", _COLUMNS, [row])


def last_passed_at(connection: Connection, partner: PartnerId) -> datetime | None:
    """When the partner last passed a test, in any environment."""
    ms = connection.execute(
        sa.text("SELECT MAX(tested_ms) FROM staging_tests WHERE partner = :partner AND passed = 1"),
        {"partner": partner},
    ).scalar()
    return None if ms is None else from_ms(ms)


def last_test(connection: Connection, partner: PartnerId) -> StagingTest | None:
    """The newest test of a partner, passed or not."""
    row = connection.execute(
        sa.text(
            "SELECT realm, environment, partner, alias, tested_ms, reason, arrived, mapped, details"
            " FROM staging_tests"
            " WHERE partner = :partner ORDER BY tested_ms DESC LIMIT 1"
        ),
        {"partner": partner},
    ).first()
    if row is None:
        return None
    return StagingTest(
        realm=row.realm,
        environment=row.environment,
        partner=PartnerId(row.partner),
        alias=Alias(row.alias),
        at=from_ms(row.tested_ms),
        reason=row.reason,
        arrived=None if row.arrived is None else tuple(MaskedClaim(**one) for one in json.loads(row.arrived)),
        mapped=tuple(Mapped(**one) for one in json.loads(row.mapped or "[]")),
        details=tuple(json.loads(row.details or "[]")),
    )


def _written(rows: tuple[MaskedClaim, ...] | tuple[Mapped, ...]) -> str:
    return canonical_json([dataclasses.asdict(row) for row in rows])
