"""One partner with a slow server never holds up another partner, the host, or the health checks."""

import http.client
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from builders.usage import batch, cloud_event
from hostile.slow_server import SlowServer
from worlds.service_process import BATCH, Service

OPENINGS = 60
BOUND_SECONDS = 2.0
"""Far above what an unloaded service needs, and far below the time limit of one partner check."""


def ask(port, method, path, body=None, headers=None):
    """(status, seconds, text) of one request."""
    started = time.monotonic()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=90)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        text = answer.read().decode()
        return answer.status, time.monotonic() - started, text
    finally:
        connection.close()


@contextmanager
def opened_often(port, path, answers):
    """Request the path ``OPENINGS`` times at once; the answers arrive while the block runs."""
    threads = [
        threading.Thread(target=lambda: answers.append(ask(port, "GET", path)), daemon=True)
        for _ in range(OPENINGS)
    ]
    for thread in threads:
        thread.start()
    time.sleep(1)
    yield
    for thread in threads:
        thread.join(120)


@pytest.fixture(scope="module")
def under_load(tmp_path_factory):
    """The answers of other partners' requests while acme's readiness page is open 60 times."""
    store = tmp_path_factory.mktemp("slow") / "store.db"
    with (
        SlowServer() as slow,
        Service(
            f"sqlite:///{store}", "--open-local", environ={"PARTNERGATE_VAR_DEMO_IDP": slow.url}
        ) as service,
    ):
        answers, own = {}, []
        event = batch(cloud_event(1, subject="globex:u1", quantity=1))
        others = {
            "livez": ("GET", "/livez"),
            "readyz": ("GET", "/readyz"),
            "launch": ("GET", "/launch/globex"),
            "usage": ("POST", "/v1/usage", event, {"content-type": BATCH}),
            "page": ("GET", "/partners/globex"),
        }
        with opened_often(service.port, "/partners/acme/readiness", own), ThreadPoolExecutor(5) as pool:
            pending = {name: pool.submit(ask, service.port, *request) for name, request in others.items()}
            answers.update({name: answer.result() for name, answer in pending.items()})
        answers["own"] = own
        answers["most open"] = slow.most_open
        ask(service.port, "GET", "/partners/globex/readiness")  # a check runs when the service stops
        stopped = time.monotonic()
        service.process.terminate()
        answers["exit"] = service.process.wait(60), time.monotonic() - stopped
        yield answers


@pytest.mark.parametrize(
    ("request_of", "status"),
    [("livez", 200), ("launch", 303), ("usage", 200), ("page", 200), ("readyz", 200)],
)
def test_a_slow_partner_does_not_hold_up_other_requests(under_load, request_of, status):
    found, seconds, text = under_load[request_of]
    print(f"{request_of}: {seconds:.3f} s")
    assert (found, seconds < BOUND_SECONDS) == (status, True), (seconds, text)


def test_a_slow_partner_is_checked_by_one_connection_at_a_time(under_load):
    """The slow server notices a closed connection a second later, so two can be open in its view."""
    assert 1 <= under_load["most open"] <= 2


def test_a_partner_with_a_running_check_sees_a_page_soon(under_load):
    """All openings are answered within seconds, and none of them starts a second check."""
    assert len(under_load["own"]) == OPENINGS
    print(f"slowest own page: {max(seconds for _, seconds, _ in under_load['own']):.1f} s")
    for status, seconds, text in under_load["own"]:
        assert (status, seconds < 10) == (200, True)
        assert "check is running" in text


def test_a_running_check_does_not_hold_up_the_end_of_the_service(under_load):
    code, seconds = under_load["exit"]
    print(f"end: {seconds:.1f} s")
    assert (code, seconds < 10) == (0, True)
