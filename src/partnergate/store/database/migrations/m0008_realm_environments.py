"""Which environment each realm of the store is."""

from __future__ import annotations

from typing import Final

NUMBER: Final = 8
NAME: Final = "realm_environments"

STATEMENTS: Final = (
    """
    CREATE TABLE realm_environments (
        realm TEXT PRIMARY KEY,
        environment TEXT NOT NULL,
        server_url TEXT NOT NULL
    )
    """,
)
