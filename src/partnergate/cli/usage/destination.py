"""Where usage is sent, and with which service account: the options and the client."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from partnergate.cli.requirements import raise_together
from partnergate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from partnergate.client import UsageClient

CLIENT_SECRET = "PARTNERGATE_USAGE_CLIENT_SECRET"  # noqa: S105 - the name of a variable


def destination_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say where usage is sent: ``url``, ``issuer``, ``client_id``."""
    for option in (
        click.option(
            "--client-id",
            envvar="PARTNERGATE_USAGE_CLIENT_ID",
            show_envvar=True,
            help="Client ID of the service account that sends usage.",
        ),
        click.option(
            "--issuer",
            envvar="PARTNERGATE_USAGE_ISSUER",
            show_envvar=True,
            help="Issuer URL of the realm, such as https://id.example/realms/host.",
        ),
        click.option(
            "--url",
            envvar="PARTNERGATE_USAGE_URL",
            show_envvar=True,
            required=True,
            help="URL of the sidecar, such as https://sidecar.example.",
        ),
    ):
        function = option(function)
    return function


def client_of(url: str, issuer: str | None, client_id: str | None) -> UsageClient:
    """A client for the sidecar; without an issuer it sends no token, as ``serve --open-local`` allows.

    Raises ``UsageError`` for an address that is not a URL, and one for all missing credentials together.
    """
    from urllib.parse import urlsplit

    from partnergate.client import ServiceAccountToken, UsageClient

    for name, address in (("--url", url), ("--issuer", issuer)):
        if address and (urlsplit(address).scheme not in {"http", "https"} or not urlsplit(address).netloc):
            raise UsageError(f"{address} is not the URL of a server", target=name, advice="use https://...")
    if issuer is None:
        return UsageClient(url)
    secret = os.environ.get(CLIENT_SECRET, "")
    raise_together(_missing(client_id, secret))
    return UsageClient(
        url, token=ServiceAccountToken(issuer=issuer, client_id=client_id or "", client_secret=secret)
    )


def _missing(client_id: str | None, secret: str) -> list[UsageError]:
    found = []
    if not client_id:
        found.append(UsageError("missing option: pass --client-id or set PARTNERGATE_USAGE_CLIENT_ID"))
    if not secret:
        found.append(UsageError(f"missing variable: set {CLIENT_SECRET}"))
    return found
