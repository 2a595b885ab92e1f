"""Partner URLs are fetched only from public addresses, with limits on size and time."""

import http.server
import socket
import threading
import time

import pytest

from partnergate.doctor.fetching import Fetcher, FetchFailed, FetchRefused
from partnergate.model.environment import NetworkPolicy

LOCAL = NetworkPolicy(allow_loopback_http=True)
STRICT = NetworkPolicy()


class Partner(http.server.BaseHTTPRequestHandler):
    """A server whose response depends on the path."""

    def do_GET(self):
        if self.path == "/redirect":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/")
            self.end_headers()
        elif self.path == "/drip":
            self.send_response(200)
            self.end_headers()
            for _ in range(40):
                self.wfile.write(b"x")
                self.wfile.flush()
                time.sleep(0.05)
        elif self.path == "/drip-headers":
            for _ in range(40):
                self.wfile.write(b"X")
                self.wfile.flush()
                time.sleep(0.05)
        else:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"y" * (2000 if self.path == "/big" else 2))

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        self.send_response(400)
        self.end_headers()
        self.wfile.write(self.rfile.read(length))

    def handle(self):
        try:
            super().handle()
        except OSError:
            self.close_connection = True

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def partner_url():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Partner)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


def resolving_to(*addresses):
    return lambda _host, _port: addresses


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe", "2002:0a00:0001::1", "fd00:ec2::254",
    ],
)  # fmt: skip
def test_a_name_that_resolves_to_a_private_address_is_refused(address):
    with pytest.raises(FetchRefused, match="not a public address"):
        Fetcher(policy=STRICT, resolve=resolving_to(address)).get("https://idp.acme.example/")


def test_one_private_address_among_public_ones_is_refused():
    """Otherwise a name with two addresses could reach the private one."""
    with pytest.raises(FetchRefused):
        Fetcher(policy=STRICT, resolve=resolving_to("93.184.216.34", "10.0.0.1")).get(
            "https://idp.acme.example/"
        )


def test_loopback_is_allowed_only_when_the_environment_allows_it(partner_url):
    assert Fetcher(policy=LOCAL).get(partner_url + "/").body == b"yy"
    with pytest.raises(FetchRefused, match="https"):
        Fetcher(policy=STRICT).get(partner_url + "/")


def test_an_environment_that_allows_loopback_still_refuses_the_metadata_service():
    with pytest.raises(FetchRefused, match="not a public address"):
        Fetcher(policy=LOCAL, resolve=resolving_to("169.254.169.254")).get("http://idp.acme.example/")


def test_plain_http_to_a_public_address_is_refused_everywhere():
    with pytest.raises(FetchRefused, match="plain http"):
        Fetcher(policy=LOCAL, resolve=resolving_to("93.184.216.34")).get("http://idp.acme.example/")


@pytest.mark.parametrize(
    "url", ["ftp://a.example/", "https://user:pw@a.example/", "https:///x", "https://a:b/"]
)
def test_an_unusual_url_is_refused(url):
    with pytest.raises(FetchRefused):
        Fetcher(policy=STRICT, resolve=resolving_to("93.184.216.34")).get(url)


def test_a_redirect_is_returned_and_not_followed(partner_url):
    answer = Fetcher(policy=LOCAL).get(partner_url + "/redirect")
    assert (answer.status, answer.headers["location"]) == (302, "http://169.254.169.254/")


def test_a_large_response_is_aborted(partner_url):
    with pytest.raises(FetchFailed, match="larger than 1000 bytes"):
        Fetcher(policy=LOCAL, max_bytes=1000).get(partner_url + "/big")


@pytest.mark.parametrize("path", ["/drip", "/drip-headers"])
def test_a_slow_response_is_aborted(partner_url, path):
    with pytest.raises(FetchFailed, match="took longer"):
        Fetcher(policy=LOCAL, total_seconds=0.3).get(partner_url + path)


def test_a_closed_port_is_a_failure_with_a_reason():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        with pytest.raises(FetchFailed, match="refused"):
            Fetcher(policy=LOCAL).get(url)


def test_an_unresolvable_name_is_a_failure():
    def unresolvable(_host, _port):
        raise socket.gaierror("no such name")

    with pytest.raises(FetchFailed, match="cannot be resolved"):
        Fetcher(policy=STRICT, resolve=unresolvable).get("https://idp.acme.example/")


def test_a_form_is_sent_as_a_form(partner_url):
    answer = Fetcher(policy=LOCAL).post_form(partner_url + "/token", {"code": "a b"})
    assert (answer.status, answer.body) == (400, b"code=a+b")


def test_the_connection_uses_the_address_that_was_checked(partner_url):
    """A second DNS lookup could return another address (DNS rebinding)."""
    answers = iter([("127.0.0.1",), ("10.0.0.1",)])
    url = partner_url.replace("localhost", "rebind.example")
    assert Fetcher(policy=LOCAL, resolve=lambda _h, _p: next(answers)).get(url + "/").status == 200
