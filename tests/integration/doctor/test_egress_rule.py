"""The egress test passes on a server whose requests go through a proxy that refuses private addresses."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from partnergate.devstack import keycloak_server
from partnergate.doctor.check_results import Verdict
from partnergate.doctor.egress import egress_finding
from partnergate.keycloak.connection import connect
from partnergate.keycloak.credentials import AdminUser

pytestmark = pytest.mark.integration
REALM = "egress-rule"


def test_a_server_with_a_refusing_proxy_does_not_reach_a_private_address() -> None:
    """The proxy here refuses everything: nothing listens at its port."""
    option = {"KC_SPI_CONNECTIONS_HTTP_CLIENT__DEFAULT__PROXY_MAPPINGS": ".*;http://127.0.0.1:9"}
    with keycloak_server(settings=option) as server:
        who = AdminUser(user=server.admin_user, password=server.admin_password)
        with connect(server_url=server.base_url, realm=REALM, credentials=who) as connection:
            connection.post("/admin/realms", {"realm": REALM, "enabled": True})
            found = egress_finding(connection, ip_address("127.0.0.1"))
    assert found.verdict is Verdict.OK, found
