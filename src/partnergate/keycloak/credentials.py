"""Credentials for the Admin API, read once from the environment. Never printed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from partnergate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def credentials_from(environ: Mapping[str, str]) -> Credentials:
    """The credentials in the environment; a service account takes precedence over a user.

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
