"""Reads the state of the realm while the partner files are loading; each takes about half a second.

The template of the environment names the server, so it is read and checked first: credentials are
sent only to an address that passes validation. This module reports no problems; the later loading
reports them, first those of the files and then those of the server.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final, NamedTuple

from partnergate.errors import PartnergateError
from partnergate.keycloak.ahead import Ahead
from partnergate.keycloak.connection import connect
from partnergate.keycloak.credentials import credentials_from, trusted_issuers
from partnergate.keycloak.representation import represented
from partnergate.language.folder import read_templates
from partnergate.language.report import Report
from partnergate.language.templates import template

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from partnergate.keycloak.connection import KeycloakConnection
    from partnergate.keycloak.representation import Representation
    from partnergate.model.environment import RealmSpec

_SWITCH_SECONDS: Final = 0.0005
"""The switch interval between threads. With the default of 5 ms, a response of a thousand chunks waits
for the parsing thread at every chunk, and arrives seconds late."""


class EarlyReading(NamedTuple):
    """A reading in progress, and its realm."""

    realm: RealmSpec
    connection: KeycloakConnection
    ahead: Ahead[Representation]


def open_connection(
    realm: RealmSpec, environ: Mapping[str, str], *, sign_in: bool = True
) -> KeycloakConnection:
    """The connection to a realm, with the credentials and trusted issuers from ``environ``."""
    return connect(
        server_url=realm.server_url,
        realm=realm.realm,
        credentials=credentials_from(environ),
        verify=trusted_issuers(environ) or True,
        sign_in=sign_in,
    )


def begin_reading(root: Path, environment: str, environ: Mapping[str, str]) -> EarlyReading | None:
    """Start to read the realm of an environment; ``None`` if the template or credentials are invalid."""
    report = Report()
    found = template(
        environment, read_templates(root), variables=environ, commit_of=lambda _: "", report=report
    )
    if found is None or report.has_errors:
        return None
    try:
        connection = open_connection(found.realm, environ, sign_in=False)
    except PartnergateError:
        return None
    sys.setswitchinterval(_SWITCH_SECONDS)
    return EarlyReading(found.realm, connection, Ahead(lambda: represented(connection)))
