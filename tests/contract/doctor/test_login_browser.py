"""The browser of a test login connects to the address that was checked, and reads a limited response."""

from __future__ import annotations

import http.server
import threading
from typing import TYPE_CHECKING

import pytest
import requests

from hostile.saml import CERTIFICATE_FILE, saml_key
from hostile.server import HostileServer, Reply
from partnergate.doctor.fetching import Fetcher
from partnergate.doctor.login_recorder import LoginRecorder
from partnergate.model.environment import NetworkPolicy
from partnergate.playground.real_clock import now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hostile.server import Request
    from partnergate.login.browser import Browser


class Partner:
    """A server on loopback that records the ``Host`` of each request."""

    def __init__(self) -> None:
        self.hosts: list[str] = []
        partner = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                partner.hosts.append(self.headers["Host"])
                self.send_response(200)
                self.send_header("Set-Cookie", "a=1")
                self.send_header("Set-Cookie", "b=2")
                self.end_headers()
                self.wfile.write(b"x" * (5000 if self.path == "/large" else 5))

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"login.acme.example:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture
def partner() -> Iterator[Partner]:
    made = Partner()
    yield made
    made.server.shutdown()
    made.server.server_close()


def browser(resolve: Callable[[str, int], tuple[str, ...]]) -> Browser:
    policy = NetworkPolicy(allow_loopback_http=True)
    return LoginRecorder(
        host_url="https://id.host.example",
        partner_url="http://login.acme.example/authorize",
        endpoint="https://id.host.example/endpoint",
        fetcher=Fetcher(policy=policy, resolve=resolve, max_bytes=1000),
        now=now,
    ).browser()


def test_the_connection_uses_the_checked_address_and_the_name_of_the_partner(partner: Partner) -> None:
    """No resolver of the system knows this name."""
    opened = browser(lambda _host, _port: ("127.0.0.1",))
    answer = opened.request("GET", f"http://{partner.host}/authorize")
    assert (answer.status_code, answer.text) == (200, "xxxxx")
    assert partner.hosts == [partner.host]
    assert opened.cookies.header(f"http://{partner.host}/") == "a=1; b=2"
    opened.close()


def test_a_name_that_moves_to_a_private_address_after_the_check_is_refused(partner: Partner) -> None:
    looks = iter([("127.0.0.1",), ("10.0.0.7",)])
    opened = browser(lambda _host, _port: next(looks))
    with pytest.raises(requests.ConnectionError, match=r"10\.0\.0\.7, which is not a public address"):
        opened.request("GET", f"http://{partner.host}/authorize")
    assert partner.hosts == []
    opened.close()


def test_a_large_response_is_not_read_to_its_end(partner: Partner) -> None:
    opened = browser(lambda _host, _port: ("127.0.0.1",))
    with pytest.raises(requests.ConnectionError, match="larger than 1000 bytes"):
        opened.request("GET", f"http://{partner.host}/large")
    opened.close()


class Page:
    """The same page for every request."""

    def reply(self, _request: Request) -> Reply:
        return Reply(status=200, content_type="text/html", body=b"welcome")


@pytest.mark.parametrize(("certified", "accepted"), [("login.acme.example", True), ("other.example", False)])
def test_the_certificate_must_be_for_the_name_and_not_for_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, certified: str, accepted: bool
) -> None:
    with HostileServer(script=Page(), tls=saml_key(host=certified).tls(tmp_path)) as server:
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / CERTIFICATE_FILE))
        opened = browser(lambda _host, _port: ("127.0.0.1",))
        url = server.url.replace("localhost", "login.acme.example")
        if accepted:
            assert opened.request("GET", url).text == "welcome"
        else:
            with pytest.raises(requests.exceptions.SSLError, match=r"other\.example"):
                opened.request("GET", url)
        opened.close()
