"""A host realm with one partner played by another realm, as often as a story needs one."""

from contextlib import ExitStack
from uuid import uuid4

import pytest

from partnergate.keycloak.connection import connect
from partnergate.keycloak.credentials import AdminUser
from partnergate.store import open_store
from worlds.brokered_realm import brokered_realm


@pytest.fixture(scope="module")
def new_realm(keycloak):
    """Makes a host realm with a partner realm; all of them are deleted at the end."""
    with ExitStack() as stack:

        def make():
            name = f"events-{uuid4().hex[:8]}"
            who = AdminUser(user=keycloak.admin_user, password=keycloak.admin_password)
            admin = stack.enter_context(connect(server_url=keycloak.base_url, realm=name, credentials=who))
            return stack.enter_context(brokered_realm(admin))

        yield make


@pytest.fixture
def side(new_realm):
    return new_realm()


@pytest.fixture
def store(tmp_path):
    with open_store(f"sqlite:///{tmp_path}/store.db") as opened:
        yield opened
