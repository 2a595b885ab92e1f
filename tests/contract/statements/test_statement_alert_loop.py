"""Thresholds in the running service: sent once, signed, retried, counted."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

import pytest
from prometheus_client import CollectorRegistry
from test_statement_suspension import ACME, REALM

from partnergate.doctor.fetching import Fetcher
from partnergate.model.environment import NetworkPolicy
from partnergate.service.loops.alerts import (
    AlertMetrics,
    AlertSettings,
    Receiver,
    alerting,
    record_passed,
    send_due,
)
from partnergate.service.metrics import ServiceMetrics
from partnergate.statements.alerts import Measure, Threshold
from partnergate.store.database.opening import open_store
from partnergate.store.statements.alerts import StoredAlerts
from partnergate.store.usage.ledger import StoredUsage
from worlds.statement_store import StoreFiller, task

NOW = datetime(2026, 10, 20, tzinfo=UTC)
BASE = datetime(2026, 10, 2, 9, tzinfo=UTC)
KEY = b"a key of thirty-two bytes, long."
SECRET = "whsec_" + base64.b64encode(KEY).decode()
LOCAL = Fetcher(policy=NetworkPolicy(allow_loopback_http=True))


class Clock:
    """Each look is twenty minutes later, so that no test waits for a retry."""

    def __init__(self) -> None:
        self.now = datetime(2026, 10, 20, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=20)
        return self.now


class Hook:
    """A receiver on loopback that fails a set number of times, and stores what it receives."""

    def __init__(self, failures: int) -> None:
        self.sent: list[tuple[dict[str, str], bytes]] = []
        self.taken = threading.Event()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                hook.sent.append(({k.lower(): v for k, v in self.headers.items()}, body))
                failed = len(hook.sent) <= failures
                self.send_response(503 if failed else 204)
                self.end_headers()
                if not failed:
                    hook.taken.set()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def genuine(headers: dict[str, str], body: bytes) -> bool:
    """What a receiver computes from the secret by the words of Standard Webhooks, with code of its own."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    return f"v1,{wanted}" in headers["webhook-signature"].split(" ")


class Redirecting:
    """A receiver that redirects to another one, or never finishes its response."""

    def __init__(self, target: str, *, endless: bool = False) -> None:
        self.requests = 0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.requests += 1
                self.rfile.read(int(self.headers["content-length"]))
                self.send_response(200 if endless else 307)
                self.send_header("Location", target)
                self.end_headers()
                with contextlib.suppress(OSError):
                    while endless:
                        self.wfile.write(b"x" * 500)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def store(tmp_path):
    with open_store(f"sqlite:///{tmp_path}/store.db") as opened:
        filler = StoreFiller(store=opened, realm=REALM, partners=(ACME,))
        filler.keep([filler.login("l", BASE, alias="acme", subject="p", session="s")], read_until=BASE)
        filler.use([task("t", BASE + timedelta(minutes=1), Decimal(900), session="s")], received=BASE)
        yield opened


@pytest.fixture
def hook():
    opened = Hook(failures=2)
    yield opened
    opened.close()


def run(store, hook: Hook, metrics: ServiceMetrics, fetcher: Fetcher = LOCAL) -> None:
    """The loop as the service runs it, until the receiver took the message and it was looked again."""
    thresholds = (
        Threshold(partner="acme", measure=Measure.USAGE, line="Tasks", at=Decimal(800)),
        Threshold(partner="acme", measure=Measure.USAGE, line="Tasks", at=Decimal(1000)),
        Threshold(partner="gone", measure=Measure.AMOUNT, at=Decimal(1)),
    )
    settings = AlertSettings(thresholds=thresholds, receivers={"acme": Receiver(url=hook.url, secret=SECRET)})
    stopping = threading.Event()
    _, loop = alerting(
        settings,
        store,
        "host",
        "production",
        metrics.registry,
        fetcher=fetcher,
        check_every=0,
        send_every=0.01,
        clock=Clock(),
    )
    thread = threading.Thread(target=loop, args=(stopping,))
    thread.start()
    try:
        assert hook.taken.wait(6), hook.sent
        kept = StoredAlerts(store, "production")
        while kept.all()[0].delivered is None:
            stopping.wait(0.01)
    finally:
        stopping.set()
        thread.join(30)
    assert not thread.is_alive()


def test_a_message_is_sent_until_it_is_accepted_and_then_never_again(store, hook) -> None:
    metrics = ServiceMetrics()
    run(store, hook, metrics)
    assert len(hook.sent) == 3
    assert len({headers["webhook-id"] for headers, _ in hook.sent}) == 1
    assert len({headers["webhook-timestamp"] for headers, _ in hook.sent}) == 3
    assert len({body for _, body in hook.sent}) == 1
    body = json.loads(hook.sent[2][1])
    assert body["type"] == "statement.threshold_passed"
    assert (body["data"]["line"], body["data"]["threshold"], body["data"]["value"]) == ("Tasks", "800", "900")
    (kept,) = StoredAlerts(store, "production").all()
    assert (kept.attempts, kept.next) == (3, None)


def test_a_receiver_can_tell_our_message_from_a_forged_one(store, hook) -> None:
    run(store, hook, ServiceMetrics())
    for headers, body in hook.sent:
        assert genuine(headers, body)
        assert not genuine(headers, body.replace(b"900", b"100"))
        assert not genuine(headers | {"webhook-timestamp": "1"}, body)
        assert not genuine(headers | {"webhook-id": "msg_other"}, body)


def test_metrics_of_the_service_count_passed_thresholds_and_sent_messages(store, hook) -> None:
    metrics = ServiceMetrics()
    run(store, hook, metrics)
    shown = metrics.text().decode()
    assert 'partnergate_statement_thresholds_passed_total{partner="acme"} 1.0' in shown
    assert 'partnergate_statement_webhooks_total{outcome="failed",partner="acme"} 2.0' in shown
    assert 'partnergate_statement_webhooks_total{outcome="delivered",partner="acme"} 1.0' in shown
    assert SECRET not in shown


@pytest.fixture
def kept(store) -> StoredAlerts:
    """One message is due."""
    settings = AlertSettings(
        thresholds=(Threshold(partner="acme", measure=Measure.USAGE, line="Tasks", at=Decimal(800)),),
        receivers={},
    )
    alerts = StoredAlerts(store, "production")
    metrics = AlertMetrics(CollectorRegistry())
    assert record_passed(settings, alerts, StoredUsage(store), store, "host", "production", metrics, NOW) == 1
    return alerts


def sent(kept: StoredAlerts, url: str, fetcher: Fetcher) -> str:
    """Send the due message once; return the stored error, empty on success."""
    receivers = {"acme": Receiver(url=url, secret=SECRET)}
    metrics = AlertMetrics(CollectorRegistry())
    delivered, failed = send_due(kept, receivers, now=NOW, fetcher=fetcher, metrics=metrics)
    assert delivered + failed == 1
    return "" if delivered else kept.all()[0].last_error


@pytest.mark.parametrize(
    ("url", "addresses", "words"),
    [
        ("https://ops.acme.example/hook", ("169.254.169.254",), "not a public address"),
        ("https://ops.acme.example/hook", ("93.184.216.34", "10.0.0.5"), "not a public address"),
        ("https://10.0.0.5.nip.io/hook", ("93.184.216.34",), "private host name"),
        ("http://ops.acme.example/hook", ("93.184.216.34",), "use https"),
    ],
)
def test_a_webhook_never_reaches_a_private_address(kept, url: str, addresses, words: str) -> None:
    """A name can resolve to another address after the file was reviewed."""
    fetcher = Fetcher(policy=NetworkPolicy(), resolve=lambda _host, _port: addresses)
    assert words in sent(kept, url, fetcher)


def test_a_redirect_of_a_webhook_is_not_followed(kept, hook) -> None:
    with Redirecting(hook.url) as receiver:
        assert sent(kept, receiver.url, LOCAL) == "status 307"
    assert receiver.requests == 1
    assert hook.sent == []


def test_a_receiver_that_never_finishes_is_cut_off(kept, hook) -> None:
    with Redirecting(hook.url, endless=True) as receiver:
        assert "larger than 1000 bytes" in sent(kept, receiver.url, replace(LOCAL, max_bytes=1000))
