#!/bin/sh
# Creates a database and a login for Keycloak and for the sidecar. Neither can read the other database.
set -eu
create() {
  psql --username "$POSTGRES_USER" --set ON_ERROR_STOP=1 --set name="$1" --set secret="$2" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'secret';
CREATE DATABASE :"name" OWNER :"name";
REVOKE CONNECT ON DATABASE :"name" FROM PUBLIC;
SQL
}
create keycloak "$KEYCLOAK_DATABASE_PASSWORD"
create partnergate "$PARTNERGATE_DATABASE_PASSWORD"
