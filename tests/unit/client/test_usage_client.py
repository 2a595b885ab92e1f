"""The client retries under the same ids, respects Retry-After, and lists events that may be missing."""

import json

import pytest
import requests
from requests.adapters import BaseAdapter

from partnergate.client import SendError, UsageClient, new_event
from partnergate.client.sending import Retry


class Sidecar(BaseAdapter):
    """Responds from a script of statuses and exceptions; with 200 after its end."""

    def __init__(self, *script):
        super().__init__()
        self.script, self.bodies, self.tokens = list(script), [], []

    def send(self, request, **_):
        self.bodies.append(request.body)
        self.tokens.append(request.headers.get("Authorization"))
        step = self.script.pop(0) if self.script else 200
        if isinstance(step, Exception):
            raise step
        status, headers = step if isinstance(step, tuple) else (step, {})
        answer = requests.Response()
        answer.status_code, answer.request, answer.url = status, request, request.url
        answer.headers.update(headers)
        ids = [event["id"] for event in json.loads(request.body)]
        results = [{"id": name, "status": "accepted"} for name in ids]
        answer._content = json.dumps({"results": results, "detail": "told why"}).encode()
        return answer

    def close(self):
        pass


class Tokens:
    """Returns numbered tokens; after ``drop``, the next one."""

    def __init__(self):
        self.number = 1

    def __call__(self):
        return f"t{self.number}"

    def drop(self):
        self.number += 1


@pytest.fixture
def waits():
    return []


def client_of(sidecar, waits, **options):
    session = requests.Session()
    session.mount("https://", sidecar)
    retry = Retry(attempts=4, sleep=waits.append, jitter=lambda: 1.0)
    return UsageClient("https://sidecar.test", session=session, retry=retry, **options)


def events(count):
    return [new_event(source="/s", type="t", subject="session:x", data={"n": n}) for n in range(count)]


def test_a_retry_sends_the_same_body(waits):
    sidecar = Sidecar(requests.ConnectionError(), 503, requests.Timeout())
    sent = events(3)
    found = client_of(sidecar, waits).send(sent)
    assert [r.id for r in found] == [e.id for e in sent]
    assert len(sidecar.bodies) == 4
    assert len(set(sidecar.bodies)) == 1
    assert waits == [0.5, 1.0, 2.0]


def test_retry_after_is_respected(waits):
    client_of(Sidecar((429, {"Retry-After": "7"})), waits).send(events(1))
    assert waits == [7.0]


def test_events_that_may_not_have_been_received_are_listed(waits):
    sidecar = Sidecar(200, 503, 503, 503, 503)
    sent = events(5)
    with pytest.raises(SendError, match="503") as caught:
        client_of(sidecar, waits, batch=2).send(sent)
    assert caught.value.unsent == tuple(sent[2:])


@pytest.mark.parametrize("status", [400, 403, 413])
def test_a_permanent_failure_is_not_retried(waits, status):
    sidecar = Sidecar(status)
    with pytest.raises(SendError, match=f"{status}: told why"):
        client_of(sidecar, waits).send(events(1))
    assert len(sidecar.bodies) == 1


def test_a_refused_token_is_replaced_once(waits):
    sidecar = Sidecar(401, 401)
    with pytest.raises(SendError):
        client_of(sidecar, waits, token=Tokens()).send(events(1))
    assert sidecar.tokens == ["Bearer t1", "Bearer t2"]
