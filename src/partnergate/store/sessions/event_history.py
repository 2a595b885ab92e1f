"""The history of a realm's event settings: whether an event type was stored during an interval."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import sqlalchemy as sa

from partnergate.events.gaps import missing_types
from partnergate.events.ports import StoredEvents

if TYPE_CHECKING:
    from sqlalchemy import Connection


def type_kept_between(connection: Connection, realm: str, kind: str, start_ms: int, end_ms: int) -> bool:
    """Whether all settings recorded in ``[start, end)``, and those in effect before, store the type.

    False as well if no settings were recorded. An empty list means the server's default list, which
    does not contain REFRESH_TOKEN, so a type counts as stored only if it is listed.
    """
    rows = connection.execute(
        sa.text(
            "SELECT enabled, types, expiration_s FROM event_settings WHERE realm = :realm AND since_ms < :end"
            " AND since_ms >= COALESCE((SELECT MAX(since_ms) FROM event_settings WHERE realm = :realm"
            " AND since_ms <= :start), :start) ORDER BY since_ms"
        ),
        {"realm": realm, "start": start_ms, "end": end_ms},
    ).all()
    found = [
        StoredEvents(
            enabled=bool(r.enabled), types=frozenset(json.loads(r.types)), expiration_s=r.expiration_s
        )
        for r in rows
    ]
    return bool(found) and all(s.types and not missing_types(s, {kind}) for s in found)
