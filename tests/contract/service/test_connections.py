"""Clients that send or read slowly lose their connection in time, and others are served meanwhile."""

import http.client
import resource
import select
import socket
import time
from contextlib import ExitStack, closing

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import Response

from partnergate.service.connections import limits as limits_module
from partnergate.service.connections.limits import (
    RESERVED_DESCRIPTORS,
    ConnectionLimits,
    connections_below_descriptors,
)
from partnergate.service.problems import install
from worlds.served_app import served_app
from worlds.service_process import Service

LIMITS = ConnectionLimits(
    connections=200, head_s=1, idle_s=1, body_s=3, body_pause_s=1, write_s=1,
    head_bytes=16_384, request_bytes=300_000,
)  # fmt: skip
HALF = b"GET /quick HTTP/1.1\r\nHost: localhost\r\nX-"


@pytest.fixture(scope="module", autouse=True)
def _enough_descriptors():
    """Both ends of the connections are in this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard != -1 and hard < 4096 else 4096, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture(scope="module")
def seen():
    return []


@pytest.fixture(scope="module")
def port(seen):
    app = FastAPI()
    install(app)

    @app.get("/quick")
    async def quick():
        return {"quick": True}

    @app.get("/large")
    async def large():
        return Response(bytes(64 * 1024 * 1024))

    @app.post("/body")
    async def body(request: Request):
        try:
            seen.append(len(await request.body()))
        except BaseException as error:
            seen.append(type(error).__name__)
            raise
        return {"read": True}

    with served_app(app, limits=LIMITS) as found:
        yield found


def connected(port, sent=b""):
    connection = socket.create_connection(("127.0.0.1", port), 5)
    connection.sendall(sent)
    return connection


def until_closed(connection, seconds=10):
    """(received bytes, seconds until the server closed the connection)."""
    started, found = time.monotonic(), b""
    connection.settimeout(seconds)
    try:
        while part := connection.recv(65536):
            found += part
    except ConnectionResetError:
        pass
    return found, time.monotonic() - started


def is_closed(connection):
    """Whether the server closed the connection, after what it sent before."""
    connection.settimeout(0.2)
    try:
        while connection.recv(65536):
            pass
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True
    return True


def seconds_of_trickling(connection, part):
    """The seconds until sending fails, when a few bytes are sent at a time; at most ten."""
    started = time.monotonic()
    try:
        while time.monotonic() - started < 10:
            connection.sendall(part)
            time.sleep(0.05)
    except OSError:
        pass
    return time.monotonic() - started


def requested(port, path="/quick", headers=None):
    started = time.monotonic()
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        answer.read()
        return answer.status, time.monotonic() - started


@pytest.mark.parametrize("sent", [b"", b"G", HALF])
def test_a_half_sent_request_is_closed_in_time(port, sent):
    with connected(port, sent) as connection:
        found, seconds = until_closed(connection)
    assert 0.8 < seconds < 2
    assert found.startswith(b"HTTP/1.1 408")


def test_a_head_that_grows_slowly_does_not_extend_the_limit(port):
    with connected(port, HALF) as connection:
        assert seconds_of_trickling(connection, b"a") < 2


def test_hundreds_of_half_sent_requests_do_not_hold_up_others(port):
    with ExitStack() as stack:
        started = time.monotonic()
        waiting = [stack.enter_context(connected(port, HALF)) for _ in range(150)]
        answers = [requested(port) for _ in range(20)]
        assert {status for status, _ in answers} == {200}
        assert max(seconds for _, seconds in answers) < 1
        for connection in waiting:
            until_closed(connection)
        assert time.monotonic() - started < 4


def test_the_oldest_half_sent_request_makes_room_for_a_new_connection(port):
    with ExitStack() as stack:
        waiting = [stack.enter_context(connected(port, HALF)) for _ in range(LIMITS.connections)]
        status, seconds = requested(port)
        assert (status, seconds < 1) == (200, True)
        assert select.select([waiting[0]], [], [], 1)[0]  # closed


def test_a_connection_without_a_next_request_is_closed(port):
    with connected(port, b"GET /quick HTTP/1.1\r\nHost: localhost\r\n\r\n") as connection:
        found, seconds = until_closed(connection)
    assert found.startswith(b"HTTP/1.1 200")
    assert 0.8 < seconds < 2


def test_requests_of_one_connection_have_separate_limits(port):
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        for _ in range(6):
            connection.request("GET", "/quick")
            assert connection.getresponse().read()
            time.sleep(0.4)


def test_the_head_of_a_second_request_has_a_limit_too(port):
    with connected(port, b"GET /quick HTTP/1.1\r\nHost: localhost\r\n\r\n") as connection:
        time.sleep(0.5)
        connection.sendall(HALF)
        found, seconds = until_closed(connection)
    assert b"HTTP/1.1 408" in found
    assert 0.8 < seconds < 2


BODY = b"POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n"


def test_a_body_that_stops_is_closed_and_the_handler_ends(port, seen):
    seen.clear()
    with connected(port, BODY + b"x") as connection:
        found, seconds = until_closed(connection)
    assert 0.8 < seconds < 2
    assert found.startswith(b"HTTP/1.1 408")
    time.sleep(0.1)
    assert seen == ["ClientDisconnect"]


@pytest.mark.parametrize("path", [b"/body", b"/unknown"])
def test_the_body_with_the_longest_silence_makes_room_for_a_new_connection(port, path):
    """Also when the service has responded before the end of the body."""
    time.sleep(0.5)  # until the service has noticed that the connections of other tests are closed
    with ExitStack() as stack:
        begun = BODY.replace(b"/body", path)
        waiting = [stack.enter_context(connected(port, begun)) for _ in range(LIMITS.connections)]
        time.sleep(0.2)
        waiting[0].sendall(b"x")
        time.sleep(0.2)
        status, seconds = requested(port)
        assert (status, seconds < 1) == (200, True)
        assert is_closed(waiting[1])
        assert not is_closed(waiting[0])


def test_a_body_that_trickles_is_closed(port):
    with connected(port, BODY) as connection:
        assert 2.5 < seconds_of_trickling(connection, b"x") < 5


def test_a_large_body_in_time_is_read(port, seen):
    seen.clear()
    body = b"POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000\r\nConnection: close\r\n\r\n"
    with connected(port, body + bytes(100_000)) as connection:
        time.sleep(0.6)
        connection.sendall(bytes(100_000))
        assert until_closed(connection)[0].startswith(b"HTTP/1.1 200")
    assert seen == [200_000]


def test_a_client_that_does_not_read_is_closed(port):
    with connected(port, b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n") as connection:
        time.sleep(2.5)
        found, _ = until_closed(connection)
    assert len(found) < 64 * 1024 * 1024


@pytest.mark.parametrize(
    ("begin", "again", "status"),
    [
        (b"GET /quick HTTP/1.1\r\nHost: localhost\r\n", b"X-A: " + b"a" * 1000 + b"\r\n", 431),
        (b"GET /quick?", b"a" * 1000, 431),
        (
            b"POST /body HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
            b"X-A: " + b"a" * 1000 + b"\r\n",
            413,
        ),
    ],
)
def test_an_endless_head_or_trailer_is_refused(port, begin, again, status):
    with connected(port, begin) as connection:
        sent = len(begin)
        try:
            while sent < 10_000_000:
                connection.sendall(again)
                sent += len(again)
        except OSError:
            pass
        assert sent < 6_000_000  # what the kernel buffers included
        found, _ = until_closed(connection)
    assert found == b"" or found.startswith(b"HTTP/1.1 %d" % status)


def test_the_connections_stay_below_the_descriptor_limit(monkeypatch):
    """The soft limit is raised as far as the hard limit allows."""
    found = []
    monkeypatch.setattr(limits_module.resource, "setrlimit", lambda _kind, limits: found.append(limits))

    def with_limits(soft, hard):
        monkeypatch.setattr(limits_module.resource, "getrlimit", lambda _kind: (soft, hard))
        return connections_below_descriptors(1000)

    assert with_limits(1_000_000, 1_000_000) == 1000
    assert with_limits(1024, 1_000_000) == 1000
    assert found == [(1000 + RESERVED_DESCRIPTORS, 1_000_000)]
    assert with_limits(800, 800) == 800 - RESERVED_DESCRIPTORS
    assert with_limits(64, 64) == 16


def test_the_service_serves_while_thousands_of_requests_are_half_sent(tmp_path):
    """1,300 half-sent requests exceed the descriptors of this process."""
    limited = ("prlimit", "--nofile=1024:1024")
    service = Service(f"sqlite:///{tmp_path}/store.db", "--open-local", prefix=limited)
    with service, ExitStack() as stack:
        started = time.monotonic()
        waiting = [stack.enter_context(connected(service.port, HALF)) for _ in range(1300)]
        answers = [
            requested(service.port, path) for path in ("/livez", "/readyz", "/launch/acme") for _ in range(5)
        ]
        print(f"slowest of 15 requests: {max(s for _, s in answers):.3f} s")
        assert {status for status, _ in answers} == {200, 303}
        for connection in waiting:
            until_closed(connection, 30)
        print(f"all 1,300 closed after {time.monotonic() - started:.1f} s")
        assert time.monotonic() - started < 20
