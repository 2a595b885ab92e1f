"""Limits for each client, and the allow list of host names."""

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from partnergate.errors import UsageError
from partnergate.service.allowed_hosts import AllowedHosts, allowed_hosts, host_of, local_hosts
from partnergate.service.problems import install
from partnergate.service.rate_limits import RateLimit, client_of


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def test_a_client_may_send_a_burst_and_then_a_steady_rate():
    clock = Clock()
    limit = RateLimit(per_second=2, burst=3, clock=clock)
    assert [limit.wait_s("a") for _ in range(3)] == [0, 0, 0]
    assert limit.wait_s("a") == pytest.approx(0.5)
    assert limit.wait_s("a") == pytest.approx(0.5)  # a refused request does not extend the wait
    assert limit.wait_s("b") == 0
    clock.now += 0.5
    assert limit.wait_s("a") == 0
    assert limit.wait_s("a") > 0
    clock.now += 10
    assert [limit.wait_s("a") for _ in range(4)] == [0, 0, 0, pytest.approx(0.5)]


@given(st.lists(st.floats(min_value=0, max_value=2), max_size=200))
def test_no_client_exceeds_its_burst_plus_its_rate(pauses):
    clock = Clock()
    limit = RateLimit(per_second=2, burst=5, clock=clock)
    allowed = 0
    for pause in pauses:
        clock.now += pause
        allowed += limit.wait_s("a") == 0
    assert allowed <= 5 + 2 * (clock.now - 1000) + 1


def test_memory_does_not_grow_with_the_number_of_clients():
    limit = RateLimit(per_second=1, burst=1)
    before = len(limit._due)
    for number in range(50_000):
        limit.wait_s(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(limit._due) == before == 16_384


def request_from(host, port=40_000, **headers):
    raw = [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]
    return Request({"type": "http", "client": None if host is None else (host, port), "headers": raw})


@pytest.mark.parametrize(
    ("request_", "client"),
    [
        (request_from("203.0.113.7"), "203.0.113.7"),
        (request_from("::ffff:203.0.113.7"), "203.0.113.7"),
        (request_from("2001:db8:1:2:3::9"), "2001:db8:1:2::/64"),
        (request_from("fe80::1%eth0"), "fe80::/64"),
        (request_from("203.0.113.7", port=0, x_forwarded_for="203.0.113.7"), "203.0.113.7"),
        (request_from("10.0.0.1", x_forwarded_for="203.0.113.7"), ""),
        (request_from("10.0.0.1", forwarded="for=203.0.113.7"), ""),
        (request_from("testclient"), ""),
        (request_from(None), ""),
    ],
)
def test_a_client_is_its_address_unless_a_proxy_hides_it(request_, client):
    """The server sets the port to 0 for an address that a trusted proxy forwards."""
    assert client_of(request_) == client


def test_clients_behind_an_unknown_proxy_share_a_larger_limit():
    limit = RateLimit(per_second=1, burst=2, clock=Clock())
    assert sum(limit.wait_s("") == 0 for _ in range(100)) == 40


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("go.host.example", ("go.host.example", None)),
        ("GO.Host.example:443", ("go.host.example", 443)),
        ("[::1]:8080", ("::1", 8080)),
        ("[0:0:0:0:0:0:0:1]", ("::1", None)),
        ("127.0.0.1", ("127.0.0.1", None)),
        ("", None),
        ("::1", None),
        ("[localhost]", None),
        ("a b", None),
        ("a@b", None),
        ("a/b", None),
        ("a:b", None),
        ("a,b", None),
        ("http://a", None),
        ("a:123456", None),
    ],
)
def test_a_host_has_one_spelling(text, host):
    assert host_of(text) == host


def client_with(*entries):
    app = FastAPI()
    install(app)
    app.add_middleware(AllowedHosts, hosts=allowed_hosts(entries))
    for path in ("/livez", "/readyz", "/metrics", "/"):
        app.add_api_route(path, lambda: "served")
    return TestClient(app)


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST:8080"])
def test_the_local_service_responds_to_local_names(host):
    assert client_with(*local_hosts(8080)).get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8080", "localhost", "localhost:80", "localhost.:8080", "127.0.0.2:8080",
     "localhost:8080.evil.example", "localhost@evil.example:8080", "0.0.0.0:8080", "[::]:8080", "2130706433:8080", ""],
)  # fmt: skip
def test_the_local_service_responds_to_no_other_name(host):
    """A page of another site can point its name at 127.0.0.1 (DNS rebinding)."""
    client = client_with(*local_hosts(8080))
    for path in ("/", "/metrics"):
        answer = client.get(path, headers={"host": host})
        assert (answer.status_code, answer.headers["content-type"]) == (421, "application/problem+json")


def test_two_host_headers_are_refused():
    client = client_with("a.example")
    assert client.get("/", headers=[("host", "a.example"), ("host", "evil.example")]).status_code == 421


def test_probes_may_use_the_address_of_the_service():
    client = client_with("go.host.example")
    assert client.get("/", headers={"host": "10.0.0.7:8000"}).status_code == 421
    for path in ("/livez", "/readyz"):
        assert client.get(path, headers={"host": "10.0.0.7:8000"}).status_code == 200


def test_an_entry_without_a_port_allows_every_port_and_no_list_allows_every_host():
    assert (
        client_with("go.host.example").get("/", headers={"host": "go.host.example:8443"}).status_code == 200
    )
    assert client_with("a.example:443").get("/", headers={"host": "a.example:80"}).status_code == 421
    assert client_with().get("/", headers={"host": "anything"}).status_code == 200


@pytest.mark.parametrize("entry", ["", "*", "https://go.host.example", "go.host.example/x", "a b"])
def test_an_entry_that_is_not_a_host_is_refused(entry):
    with pytest.raises(UsageError, match="is not a host"):
        allowed_hosts((entry,))
