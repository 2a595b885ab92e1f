"""Every test here runs twice: on the fake in memory, and on a real Keycloak."""

from __future__ import annotations

import contextlib
import itertools
import os
from typing import TYPE_CHECKING, Any

import pytest

from builders.realms import host_realm
from fakes.keycloak.server import FakeKeycloak
from partnergate.errors import KeycloakNotFoundError
from partnergate.keycloak.connection import connect
from partnergate.keycloak.credentials import AdminUser
from worlds.reconciling import Reconciler

if TYPE_CHECKING:
    from collections.abc import Iterator

_numbers = itertools.count(1)


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.integration)])
def connection(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A connection to a realm that does not exist yet and is deleted afterwards."""
    name = f"apply-contract-{os.getpid()}-{next(_numbers)}"
    if request.param == "fake":
        yield FakeKeycloak().connection(name)
        return
    keycloak = request.getfixturevalue("keycloak")
    who = AdminUser(user=keycloak.admin_user, password=keycloak.admin_password)
    with connect(server_url=keycloak.base_url, realm=name, credentials=who) as opened:
        try:
            yield opened
        finally:
            with contextlib.suppress(KeycloakNotFoundError):
                opened.delete("")


@pytest.fixture
def made(connection: Any) -> Any:
    """The same with an empty realm that has organizations."""
    connection.post(
        "/admin/realms", {"realm": connection.realm, "enabled": True, "organizationsEnabled": True}
    )
    return connection


@pytest.fixture
def reconciler(connection: Any) -> Reconciler:
    """Plan and apply on the realm that does not exist yet."""
    return Reconciler(connection, host_realm(connection.realm, connection.server_url))
