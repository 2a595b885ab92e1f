"""The environment of each realm: the store identifies all data by the realm name.

Two servers may both have a realm of that name. The store could not distinguish their
logins, so it records the environment that owns the name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from partnergate.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from partnergate.model.environment import RealmSpec


def claim_realm(connection: Connection, realm: RealmSpec) -> None:
    """Record the environment of the realm. Raises ``UsageError`` if the realm belongs to another environment.

    The URL of a server may change, so it is reported but not compared.
    """
    named = {"realm": realm.realm, "environment": realm.environment, "server_url": realm.server_url}
    known = connection.execute(_KNOWN, named).one_or_none()
    if known is not None and known.environment != realm.environment:
        raise UsageError(
            f"the store has the realm {realm.realm} as environment {known.environment}"
            f" of {known.server_url}, and this is environment {realm.environment} of {realm.server_url}",
            target=f"realm {realm.realm}",
            advice="give the environment a store of its own, or the realm another name",
        )
    connection.execute(_SET, named)


_KNOWN = sa.text("SELECT environment, server_url FROM realm_environments WHERE realm = :realm")
_SET = sa.text(
    "INSERT INTO realm_environments (realm, environment, server_url)"
    " VALUES (:realm, :environment, :server_url)"
    " ON CONFLICT (realm) DO UPDATE SET server_url = excluded.server_url"
)
