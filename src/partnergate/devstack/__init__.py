"""Real servers for the demo, the tests and development, on loopback, and stopped with their last user.

- ``keycloak``: a running Keycloak, shared or for one user
- ``installation``: the prepared program and database of Keycloak
- ``distribution``: its downloads and their checksums
- ``java``: the Java runtime for it
- ``postgresql``: a temporary PostgreSQL cluster
- ``identity_providers``: third-party identity providers that play partners
- ``chromium``: the Chromium of the system
- ``task``, ``supervisor``, ``running``: a server in a separate process, and its end
- ``container``: the same in a container
- ``lease``: the current users of a server
- ``free_ports``, ``cache``, ``notice``: free ports, the cache directory, progress messages
"""

from partnergate.devstack.chromium import find_chromium
from partnergate.devstack.keycloak import KeycloakServer, keycloak_server
from partnergate.devstack.postgresql import PostgresqlServer, find_postgresql, postgresql_server

__all__ = (
    "KeycloakServer",
    "PostgresqlServer",
    "find_chromium",
    "find_postgresql",
    "keycloak_server",
    "postgresql_server",
)
