"""The export of a large realm takes longer than other calls may, and the plan waits for it."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from partnergate.errors import KeycloakAnswerLostError
from partnergate.keycloak.connection import connect
from partnergate.keycloak.credentials import AdminUser
from partnergate.keycloak.whole_realm import exported

_EMPTY = ("authenticationFlows", "authenticatorConfig", "clients", "clientScopes", "groups")
pytestmark = pytest.mark.integration


class Slow(BaseHTTPRequestHandler):
    """Gives a token and empty lists at once, and an export after twice the time of other calls."""

    def do_GET(self):
        self._answer({} if self.path.endswith("/profile") else [])

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        if "/token" in self.path:
            self._answer({"access_token": "a.b.c", "expires_in": 60})
            return
        threading.Event().wait(1.0)
        self._answer({"realm": "large", "roles": {"realm": []}} | {part: [] for part in _EMPTY})

    def _answer(self, what):
        body = json.dumps(what).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

    def handle(self):
        try:
            super().handle()
        except ConnectionError:
            return  # the first test goes away before the answer comes


@pytest.fixture
def connection():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    who = AdminUser(user="admin", password="admin")
    url = f"http://127.0.0.1:{server.server_address[1]}"
    with connect(server_url=url, realm="large", credentials=who, read_seconds=0.5) as connection:
        yield connection
    server.shutdown()
    thread.join()
    server.server_close()


def test_other_calls_do_not_wait_so_long(connection):
    with pytest.raises(KeycloakAnswerLostError, match="did not respond in time"):
        connection.post_for_json("partial-export")


def test_the_plan_waits_for_the_export(connection):
    assert exported(connection)["realm"] == "large"
