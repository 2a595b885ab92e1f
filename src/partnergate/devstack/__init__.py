"""Real servers for the demo, the tests and a laptop: started on loopback, never left behind."""

from partnergate.devstack.chromium import find_chromium
from partnergate.devstack.keycloak import KeycloakServer, keycloak_server
from partnergate.devstack.postgresql import PostgresqlServer, find_postgresql, postgresql_server

__all__ = [
    "KeycloakServer",
    "PostgresqlServer",
    "find_chromium",
    "find_postgresql",
    "keycloak_server",
    "postgresql_server",
]
