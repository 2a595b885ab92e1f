"""The only place where commands connect to Keycloak with credentials.

Credentials are bound to the origin that is given beside them. A realm template, which the author of a
pull request can change, only repeats it: a template that names another origin is refused before
anything is sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from partnergate.keycloak.connection import KeycloakConnection
    from partnergate.keycloak.credentials import Destination
    from partnergate.model.environment import RealmSpec


def destination_of(realm: RealmSpec) -> Destination:
    """The server of a template, and where the template names it."""
    from partnergate.keycloak.credentials import Destination

    at = realm.server_url_at
    return Destination(server_url=realm.server_url, named_at=f"{at.file}:{at.line}" if at else "")


def access_checks(destination: Destination, environ: Mapping[str, str]) -> tuple[Callable[[], object], ...]:
    """The checks for a connection to the Admin API, to report everything that is missing at once."""
    from partnergate.keycloak.credentials import check_credentials, refuse_other_origin, trusted_issuers

    return (
        lambda: refuse_other_origin(destination, environ),
        lambda: check_credentials(environ),
        lambda: trusted_issuers(environ),
    )


def open_server(
    destination: Destination, realm: str, environ: Mapping[str, str], *, sign_in: bool = True
) -> KeycloakConnection:
    """The connection to a realm. Raises ``UsageError`` before connecting to another origin.

    Without ``sign_in``, nothing is sent before the first call.
    """
    from partnergate.keycloak.connection import connect
    from partnergate.keycloak.credentials import credentials_for, trusted_issuers

    return connect(
        server_url=destination.server_url,
        realm=realm,
        credentials=credentials_for(destination, environ),
        verify=trusted_issuers(environ) or True,
        sign_in=sign_in,
    )


def open_realm_server(
    realm: RealmSpec, environ: Mapping[str, str], *, sign_in: bool = True
) -> KeycloakConnection:
    """As ``open_server``, for the realm of a template."""
    return open_server(destination_of(realm), realm.realm, environ, sign_in=sign_in)
