"""Keycloak's event log and its fake behave the same."""

import os
import time
from uuid import uuid4

import pytest
import requests

from fakes.events import Clock, FakeKeeper, FakeKeycloak, reader_of
from partnergate.errors import KeycloakError
from partnergate.events.ports import StoredEvents
from partnergate.events.seen import SeenEvent
from partnergate.keycloak.connection import connect
from partnergate.keycloak.credentials import ServiceAccount
from partnergate.keycloak.events import KeycloakEvents
from partnergate.playground.real_clock import now, now_ms

APP = "app"
READER = "event-reader"
SECRET = "only-for-this-test"
FAR = 2**45


class FakeSide:
    """The fake, filled by hand."""

    def __init__(self):
        self.source = FakeKeycloak(now_ms())
        self.realm = "events-fake"

    def log_in(self, number):
        for _ in range(number):
            self.source.now_ms += 3
            event = SeenEvent(
                self.source.now_ms, "LOGIN", str(uuid4()), APP, "u", str(uuid4()), None, {"username": "u"}
            )
            self.source.add(event, realm=self.realm)

    def switch_off(self):
        self.source.config[self.realm] = StoredEvents(
            enabled=False, types=frozenset({"LOGIN"}), expiration_s=3600
        )

    def clear(self):
        self.source.clear(self.realm)

    def lose(self):
        self.source.down = True


class RealSide:
    """A realm of a real server, read by a service account that may see events and nothing else."""

    def __init__(self, base, user, password):
        self.base = base.rstrip("/")
        self.realm = f"events-{uuid4().hex[:8]}"
        self.admin = (user, password)
        self._admin("POST", "", {
            "realm": self.realm, "enabled": True, "eventsEnabled": True, "eventsExpiration": 3600,
            "users": [{"username": "u", "enabled": True, "email": "u@u.test", "firstName": "U", "lastName": "U",
                       "credentials": [{"type": "password", "value": "p"}]},
                      {"username": f"service-account-{READER}", "enabled": True, "serviceAccountClientId": READER,
                       "clientRoles": {"realm-management": ["view-events"]}}],
            "clients": [
                {"clientId": APP, "publicClient": True, "directAccessGrantsEnabled": True},
                {"clientId": READER, "secret": SECRET, "serviceAccountsEnabled": True, "standardFlowEnabled": False},
            ],
            "enabledEventTypes": ["LOGIN", "LOGOUT"],
        })  # fmt: skip
        account = ServiceAccount(client_id=READER, client_secret=SECRET)
        self.connection = connect(server_url=self.base, realm=self.realm, credentials=account)
        self.source = KeycloakEvents({self.realm: self.connection})

    def _admin(self, method, path, body=None):
        token = requests.post(
            f"{self.base}/realms/master/protocol/openid-connect/token", timeout=30,
            data={"grant_type": "password", "client_id": "admin-cli", "username": self.admin[0], "password": self.admin[1]},
        ).json()["access_token"]  # fmt: skip
        answer = requests.request(
            method,
            f"{self.base}/admin/realms{path}",
            json=body,
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
        )
        answer.raise_for_status()

    def log_in(self, number):
        for _ in range(number):
            requests.post(
                f"{self.base}/realms/{self.realm}/protocol/openid-connect/token", timeout=30,
                data={"grant_type": "password", "client_id": APP, "username": "u", "password": "p"},
            ).raise_for_status()  # fmt: skip

    def switch_off(self):
        self._admin("PUT", f"/{self.realm}/events/config", {"eventsEnabled": False, "enabledEventTypes": ["LOGIN"],
                                                             "eventsExpiration": 3600})  # fmt: skip

    def clear(self):
        self._admin("DELETE", f"/{self.realm}/events")

    def lose(self):
        self.close()

    def close(self):
        self.connection.close()
        self._admin("DELETE", f"/{self.realm}")


@pytest.fixture(params=["fake", pytest.param("real", marks=pytest.mark.integration)])
def side(request):
    if request.param == "fake":
        yield FakeSide()
        return
    url = os.environ.get("PARTNERGATE_TEST_KEYCLOAK_URL")
    if url:
        made = RealSide(url, "admin", "admin")
    else:
        server = request.getfixturevalue("keycloak")
        made = RealSide(server.base_url, server.admin_user, server.admin_password)
    lost = []
    made.lose = lambda: (lost.append(1), made.close())
    yield made
    if not lost:
        made.close()


def test_events_come_oldest_first_in_a_closed_span(side):
    side.log_in(4)
    found = side.source.events(side.realm, 0, FAR, 0, 100)
    times = [e.time_ms for e in found]
    assert len(found) == 4
    assert times == sorted(times)
    assert [e.id for e in side.source.events(side.realm, times[1], times[1], 0, 100)] == [
        e.id for e in found if e.time_ms == times[1]
    ]
    assert len({e.id for e in found}) == 4
    assert {(e.type, e.client_id, e.error) for e in found} == {("LOGIN", APP, None)}
    assert all(e.session_id and e.user_id for e in found)


def test_a_page_is_cut_and_continued(side):
    side.log_in(5)
    first = side.source.events(side.realm, 0, FAR, 0, 3)
    rest = side.source.events(side.realm, 0, FAR, 3, 3)
    assert (len(first), len(rest)) == (3, 2)
    assert side.source.events(side.realm, 0, FAR, 5, 1) == []


def test_settings_list_the_stored_event_types_and_their_expiration(side):
    assert side.source.settings(side.realm).enabled
    side.switch_off()
    assert side.source.settings(side.realm) == StoredEvents(
        enabled=False, types=frozenset({"LOGIN"}), expiration_s=3600
    )


def test_the_servers_clock_has_whole_seconds(side):
    found = side.source.server_time(side.realm)
    assert found % 1000 == 0
    assert abs(found / 1000 - now().timestamp()) < 10


def test_an_unreachable_server_raises_a_keycloak_error(side):
    side.lose()
    with pytest.raises(KeycloakError):
        side.source.events(side.realm, 0, FAR, 0, 1)


def test_the_reader_reads_everything_once_and_sees_a_clearing(side):
    keeper, pace = FakeKeeper(), {"page": 3}
    side.log_in(8)
    reader = reader_of(side.source, keeper, Clock(FakeKeycloak(now_ms())), realm=side.realm, **pace)
    assert (reader.round(), reader.round()) == (8, 0)
    side.log_in(1)
    time.sleep(1.1)  # the server's clock has whole seconds
    reader._due.clear()
    assert reader.round() == 1
    side.clear()
    reader._due.clear()
    reader.round()
    assert [g.reason for g in keeper.gaps] == ["events_cleared"]
