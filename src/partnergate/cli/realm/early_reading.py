"""Reads the state of the realm while the partner files are loading; each takes about half a second.

The template of the environment names the server, so it is read and checked first: credentials are
sent only to an address that passes validation and that is given beside them. This module reports no
problems; the later loading reports them, first those of the files and then those of the server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from partnergate.cli.server import open_realm_server
from partnergate.errors import PartnergateError
from partnergate.keycloak.background import BackgroundTask
from partnergate.keycloak.whole_realm import represented
from partnergate.language.folder import read_templates
from partnergate.language.report import Report
from partnergate.language.templates import template
from partnergate.process_tuning import alternate_threads_often

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from partnergate.keycloak.connection import KeycloakConnection
    from partnergate.keycloak.whole_realm import Representation
    from partnergate.model.environment import RealmSpec


class EarlyReading(NamedTuple):
    """A reading in progress, and its realm."""

    realm: RealmSpec
    connection: KeycloakConnection
    ahead: BackgroundTask[Representation]


def begin_reading(root: Path, environment: str, environ: Mapping[str, str]) -> EarlyReading | None:
    """Start to read the realm of an environment; ``None`` if the template or credentials are invalid."""
    report = Report()
    found = template(
        environment, read_templates(root), variables=environ, commit_of=lambda _: "", report=report
    )
    if found is None or report.has_errors:
        return None
    try:
        connection = open_realm_server(found.realm, environ, sign_in=False)
    except PartnergateError:
        return None
    alternate_threads_often()
    return EarlyReading(found.realm, connection, BackgroundTask(lambda: represented(connection)))
