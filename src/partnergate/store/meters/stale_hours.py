"""Hours with rollups that a change of partner files makes outdated, which row triggers cannot detect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

LOGINS, SESSIONS, REFRESHES, USED = 0, 1, 2, 3
"""Kinds of rollups: ``USED`` means users with usage."""
HOUR_MS = 3_600_000


def note_refresh_hours(
    connection: Connection, realm: str, partners: Collection[str] | None, since_ms: int
) -> None:
    """Mark the hours of refreshes as stale, because the files in effect determine which refreshes are billed.

    ``partners`` are the partners with changed files; None means all.
    """
    which = "" if partners is None else " AND partner IN :partners"
    query = sa.text(
        "INSERT INTO login_stale (realm, partner, kind, hour)"  # noqa: S608 - no value in it
        " SELECT DISTINCT realm, partner, kind, hour FROM login_hours"
        f" WHERE realm = :realm AND kind = {REFRESHES} AND hour >= :hour{which} ON CONFLICT DO NOTHING"
    )
    values: dict[str, object] = {"realm": realm, "hour": since_ms // HOUR_MS}
    if partners is not None:
        query = query.bindparams(sa.bindparam("partners", expanding=True))
        values["partners"] = sorted(partners)
    connection.execute(query, values)
