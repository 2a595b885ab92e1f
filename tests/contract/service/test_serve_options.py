"""The options of ``serve`` that limit who may send requests, on a real service."""

import http.client
from contextlib import closing

import pytest

from worlds.service_process import Service


def status_of(port, path="/", **headers):
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})
        answer = connection.getresponse()
        answer.read()
        return answer.status


@pytest.fixture(scope="module")
def open_local(tmp_path_factory):
    folder = tmp_path_factory.mktemp("open")
    with Service(f"sqlite:///{folder}/store.db", "--open-local", "--trusted-proxy", "127.0.0.1") as service:
        yield service


def test_an_open_service_responds_only_to_names_of_this_machine(open_local):
    """With another name, a page of any site could read all data (DNS rebinding)."""
    port = open_local.port
    assert status_of(port) == 200
    assert status_of(port, Host=f"localhost:{port}") == 200
    assert status_of(port, Host=f"[::1]:{port}") == 200
    for host in ("evil.example", f"evil.example:{port}", "localhost", f"localhost:{port + 1}"):
        assert status_of(port, Host=host) == 421
    assert status_of(port, "/livez", Host="evil.example") == 200


def test_clients_behind_a_trusted_proxy_have_separate_limits(open_local):
    """Only the last address counts: the proxy appends it, and the client can send any others."""
    port = open_local.port
    spoofed = (f"192.0.2.{n % 200}, 203.0.113.7" for n in range(5000))
    assert 429 in (status_of(port, "/launch/acme", X_Forwarded_For=sent) for sent in spoofed)
    assert status_of(port, "/launch/acme", X_Forwarded_For="203.0.113.8") == 303


@pytest.mark.parametrize(
    "options", [("--allowed-host", "https://go.host.example"), ("--trusted-proxy", "proxy.example")]
)
def test_an_invalid_option_ends_the_command(tmp_path, options):
    service = Service(f"sqlite:///{tmp_path}/store.db", "--open-local", *options).start()
    assert service.process.wait(60) == 64


def test_an_allowed_host_replaces_every_other_name(tmp_path):
    with Service(f"sqlite:///{tmp_path}/store.db", "--allowed-host", "go.host.example") as service:
        assert status_of(service.port, "/launch/acme", Host="go.host.example") == 303
        assert status_of(service.port, "/launch/acme") == 421
