"""A Keycloak that does not respond holds up only the requests that need it."""

import base64
import http.client
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from hostile.slow_server import SlowServer
from worlds.service_process import Service

BOUND_SECONDS = 2.0


def ask(port, path, **headers):
    """(status, headers, seconds) of one request."""
    started = time.monotonic()
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers, time.monotonic() - started


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    folder = tmp_path_factory.mktemp("slow")
    with (
        SlowServer(silent=True) as keycloak,
        Service(
            f"sqlite:///{folder}/store.db", environ={"PARTNERGATE_VAR_SERVER_URL": keycloak.url}
        ) as service,
    ):
        yield service.port
        assert keycloak.connections > 0


def others_are_fast(port):
    for path, status in (("/livez", 200), ("/readyz", 200), ("/launch/globex", 303), ("/metrics", 401)):
        found, _, seconds = ask(port, path)
        assert (found, seconds < BOUND_SECONDS) == (status, True), (path, seconds)


def test_session_checks_that_wait_for_keycloak_hold_up_no_other_request(port):
    """Anybody can start a launch and return with any code, and each costs a request to Keycloak."""
    _, headers, _ = ask(port, "/launch/acme")
    state = parse_qs(urlsplit(headers["location"]).query)["state"][0]
    cookie = headers["set-cookie"].partition(";")[0]
    path = "/sign-in/checked?" + urlencode({"state": state, "code": "any"})
    with ThreadPoolExecutor(120) as pool:
        waiting = [pool.submit(ask, port, path, Cookie=cookie) for _ in range(120)]
        time.sleep(1)
        others_are_fast(port)
        answers = [one.result() for one in waiting]
    assert {(status, headers["retry-after"]) for status, headers, _ in answers} == {(503, "5")}
    assert max(seconds for _, _, seconds in answers) < 20


def forged(key_id):
    head = base64.urlsafe_b64encode(json.dumps({"alg": "RS256", "kid": key_id}).encode()).decode().rstrip("=")
    return f"Bearer {head}.e30.AA"


def test_tokens_with_unknown_keys_hold_up_no_other_request(port):
    stopping = threading.Event()
    answers = []

    def send(number):
        while not stopping.is_set():
            answers.append(ask(port, "/partners/acme", Authorization=forged(f"k{number}")))

    threads = [threading.Thread(target=send, args=(n,), daemon=True) for n in range(40)]
    for thread in threads:
        thread.start()
    time.sleep(1)
    for _ in range(5):
        others_are_fast(port)
        time.sleep(0.2)
    stopping.set()
    for thread in threads:
        thread.join(30)
    assert {status for status, _, _ in answers} == {503}
    assert max(seconds for _, _, seconds in answers) < 15
