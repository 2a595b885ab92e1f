"""Answers that no right server gives, and one that a right one may give: text that is no Unicode."""

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from partnergate.errors import KeycloakServerError
from partnergate.events.pseudonymization import reduced
from partnergate.keycloak.connection import connect
from partnergate.keycloak.credentials import ServiceAccount
from partnergate.keycloak.events import KeycloakEvents


@pytest.fixture
def answering():
    """Makes the source of a server that answers every reading with the given bytes."""
    claims = base64.urlsafe_b64encode(json.dumps({"iat": 1}).encode()).decode().rstrip("=")
    token = json.dumps({"access_token": f"a.{claims}.c", "refresh_token": "r", "expires_in": 300}).encode()
    made = []

    def make(body):
        class Handler(BaseHTTPRequestHandler):
            def _answer(self, content):
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_POST(self):
                self._answer(token)

            def do_GET(self):
                self._answer(body)

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        connection = connect(
            server_url=url, realm="host", credentials=ServiceAccount(client_id="c", client_secret="s")
        )
        made.append((server, connection))
        return KeycloakEvents({"host": connection})

    yield make
    for server, connection in made:
        connection.close()
        server.shutdown()
        server.server_close()


def read(source):
    return source.events("host", 0, 2**45, 0, 10)


def test_half_a_surrogate_pair_does_not_stop_the_reader(answering):
    """Anybody may send such a client id; the event is kept without what cannot be stored."""
    (found,) = read(
        answering(
            b'[{"id":"e","time":1,"type":"LOGIN_ERROR","error":"x","clientId":"app\\ud800","details":null}]'
        )
    )
    kept = reduced("host", found, 2, None)
    assert (kept.id, kept.client_id) == ("e", "app")


def test_fields_missing_from_an_event_are_none(answering):
    (found,) = read(answering(b'[{"time":1,"type":"LOGIN","unknown":{"a":[1]},"details":{"reason":null}}]'))
    assert (found.id, found.session_id, found.details) == (None, None, {"reason": None})
    assert reduced("host", found, 2, None).id.startswith("derived:")


@pytest.mark.parametrize(
    "body", [b"<html>", b"{}", b'[{"type":"LOGIN"}]', b'[{"time":"soon","type":"LOGIN"}]', b"[\xff]", b""]
)
def test_an_answer_that_is_no_list_of_events_is_a_server_error(answering, body):
    with pytest.raises(KeycloakServerError):
        read(answering(body))
