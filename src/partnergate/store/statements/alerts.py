"""Alert messages for passed thresholds: created once in a period, and stored with their delivery state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from partnergate.model.instants import from_us, to_us
from partnergate.statements.alerts import message_id, next_attempt, payload

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from partnergate.statements.alerts import Passed
    from partnergate.store.database.engine import Store

_INSERT = sa.text(
    "INSERT INTO statement_alerts (environment, id, partner, period_start_us, threshold, payload, made_us, "
    "attempts, next_us, delivered_us, last_error) VALUES (:environment, :id, :partner, :period, "
    ":threshold, :payload, :at, 0, :at, NULL, '') ON CONFLICT DO NOTHING"
)
_DUE = sa.text(
    "SELECT * FROM statement_alerts WHERE environment = :environment AND next_us IS NOT NULL "
    "AND next_us <= :at ORDER BY next_us, id"
)
_ALL = sa.text("SELECT * FROM statement_alerts WHERE environment = :environment ORDER BY made_us, id")
_DONE = sa.text(
    "UPDATE statement_alerts SET attempts = attempts + 1, next_us = NULL, delivered_us = :at, "
    "last_error = '' WHERE environment = :environment AND id = :id"
)
_FAILED = sa.text(
    "UPDATE statement_alerts SET attempts = :attempts, next_us = :next, last_error = :error "
    "WHERE environment = :environment AND id = :id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAlert:
    """An alert message and its delivery state."""

    id: str
    partner: str
    threshold: str
    payload: bytes
    made: datetime
    attempts: int
    next: datetime | None
    """The time of the next attempt; None after delivery or the last attempt."""
    delivered: datetime | None
    last_error: str


class StoredAlerts:
    """The messages of one environment."""

    def __init__(self, store: Store, environment: str) -> None:
        self._store = store
        self._environment = environment

    def add(self, found: Sequence[Passed], at: datetime) -> int:
        """Store a message for each threshold first passed in its period, and return how many."""
        with self._store.write(lock=f"alerts {self._environment}") as connection:
            return sum(
                connection.execute(
                    _INSERT,
                    {
                        "environment": self._environment,
                        "id": message_id(self._environment, one),
                        "partner": one.threshold.partner,
                        "period": to_us(one.period_start),
                        "threshold": one.threshold.name,
                        "payload": payload(self._environment, one, at).decode(),
                        "at": to_us(at),
                    },
                ).rowcount
                for one in found
            )

    def due(self, at: datetime) -> tuple[KeptAlert, ...]:
        """Return the messages to send now."""
        return self._read(_DUE, {"environment": self._environment, "at": to_us(at)})

    def all(self) -> tuple[KeptAlert, ...]:
        """Every message, oldest first."""
        return self._read(_ALL, {"environment": self._environment})

    def delivered(self, message: str, at: datetime) -> None:
        """Record that the message was delivered."""
        with self._store.write(lock=f"alerts {self._environment}") as connection:
            connection.execute(_DONE, {"environment": self._environment, "id": message, "at": to_us(at)})

    def failed(self, one: KeptAlert, error: str, at: datetime) -> None:
        """Record a failed delivery; it is repeated later, until the last attempt."""
        again = next_attempt(one.attempts + 1, at)
        values = {
            "environment": self._environment,
            "id": one.id,
            "attempts": one.attempts + 1,
            "next": None if again is None else to_us(again),
            "error": error,
        }
        with self._store.write(lock=f"alerts {self._environment}") as connection:
            connection.execute(_FAILED, values)

    def _read(self, query: sa.TextClause, values: dict[str, Any]) -> tuple[KeptAlert, ...]:
        with self._store.read() as connection:
            return tuple(
                KeptAlert(
                    id=r.id,
                    partner=r.partner,
                    threshold=r.threshold,
                    payload=str(r.payload).encode(),
                    made=from_us(r.made_us),
                    attempts=r.attempts,
                    next=None if r.next_us is None else from_us(r.next_us),
                    delivered=None if r.delivered_us is None else from_us(r.delivered_us),
                    last_error=r.last_error,
                )
                for r in connection.execute(query, values)
            )
