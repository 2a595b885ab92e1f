"""Credentials for the Admin API, read once from the environment and bound to one origin. Never printed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from partnergate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

KEYCLOAK_URL = "PARTNERGATE_KEYCLOAK_URL"
"""The variable with the URL of the only server that receives the credentials."""
CLIENT_ID = "PARTNERGATE_KEYCLOAK_CLIENT_ID"
CLIENT_SECRET = "PARTNERGATE_KEYCLOAK_CLIENT_SECRET"  # noqa: S105 - the name of a variable
USER = "PARTNERGATE_KEYCLOAK_USER"
PASSWORD = "PARTNERGATE_KEYCLOAK_PASSWORD"  # noqa: S105 - the name of a variable
CA_BUNDLE = "PARTNERGATE_CA_BUNDLE"
"""The variable with the path of a bundle of trusted issuers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAccount:
    """A confidential client of the realm, with roles of ``realm-management``."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminUser:
    """An administrator of the realm ``master``; for development, the demo and the first apply."""

    user: str
    password: str = field(repr=False)
    realm: str = "master"


Credentials = ServiceAccount | AdminUser
Origin = tuple[str, str, int]
_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A server that credentials are requested for."""

    server_url: str
    named_at: str = ""
    """File and line that name the server, if a file does."""


def trusted_issuers(environ: Mapping[str, str]) -> str | None:
    """The bundle of trusted issuers in the environment; None for those of the system."""
    named = environ.get(CA_BUNDLE)
    if not named:
        return None
    if not Path(named).exists():
        raise UsageError(
            f"{CA_BUNDLE} names a file that does not exist: {named}",
            advice="set it to the certificate file of the issuer (PEM), or unset it",
        )
    return named


def credentials_for(destination: Destination, environ: Mapping[str, str]) -> Credentials:
    """The credentials in the environment, which also names the server that they are for.

    Raises ``UsageError`` when that is another origin than the destination, or is not set.
    """
    refuse_other_origin(destination, environ)
    return _credentials(environ)


def check_credentials(environ: Mapping[str, str]) -> None:
    """Raise ``UsageError`` if the environment has no complete credentials for any server."""
    _credentials(environ)


def refuse_other_origin(destination: Destination, environ: Mapping[str, str]) -> None:
    """Raise ``UsageError`` unless the credentials in the environment are for the destination."""
    given = environ.get(KEYCLOAK_URL, "")
    if not given:
        raise UsageError(
            f"{KEYCLOAK_URL} is not set",
            advice="set it to the URL of the Keycloak server that the credentials are for",
        )
    if (allowed := _origin(given)) is None:
        raise UsageError(f"{KEYCLOAK_URL} is not an http or https URL", advice="set it to the server's URL")
    if _origin(destination.server_url) != allowed:
        where = f"{destination.named_at} names" if destination.named_at else "the command line names"
        raise UsageError(
            f"{where} another server than {KEYCLOAK_URL}; nothing was sent",
            target=destination.server_url,
            advice=f"correct the server, or set {KEYCLOAK_URL} and the credentials of that server",
        )


def _origin(url: str) -> Origin | None:
    """Scheme, host and port, as the HTTP client reads the URL; None if it is not one of HTTP."""
    try:
        parts = parse_url(url)
    except LocationParseError:
        return None
    if parts.scheme not in _PORTS or not parts.host:
        return None
    return parts.scheme, parts.host.lower(), parts.port or _PORTS[parts.scheme]


def _credentials(environ: Mapping[str, str]) -> Credentials:
    """The credentials alone; a service account takes precedence over a user.

    An incomplete pair is an error, because using the other pair would use another account.
    """
    for name, other in ((CLIENT_ID, CLIENT_SECRET), (USER, PASSWORD)):
        match environ.get(name, ""), environ.get(other, ""):
            case "", "":
                continue
            case (_, "") | ("", _):
                missing = other if environ.get(name) else name
                raise UsageError(
                    f"{missing} is not set", advice=f"set {name} and {other} together, or neither"
                )
            case first, second if name == CLIENT_ID:
                return ServiceAccount(client_id=first, client_secret=second)
            case first, second:
                return AdminUser(user=first, password=second)
    raise UsageError(
        "no credentials for Keycloak",
        advice=f"set {CLIENT_ID} and {CLIENT_SECRET} (service account of the realm), "
        f"or {USER} and {PASSWORD} (administrator of the realm master)",
    )
