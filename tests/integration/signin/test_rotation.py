"""A partner changes its certificate and nobody is kept out meanwhile."""

import dataclasses
import threading

import pytest

from partnergate.testkit.arena import SAML
from partnergate.testkit.browser import LoginRefusedError
from partnergate.testkit.hostile_saml import saml_key

pytestmark = pytest.mark.integration
LOGINS_A_PHASE = 4


class Loop:
    """People log in one after the other until it is told to stop."""

    def __init__(self, enter):
        self.enter, self.done, self.failed = enter, [], []
        self.stopping, self.more = threading.Event(), threading.Condition()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.stopping.is_set():
            try:
                login = self.enter(SAML)
            except LoginRefusedError as refused:
                self.failed.append(str(refused))
            else:
                self.done.append(login.partner_id)
            with self.more:
                self.more.notify_all()

    def wait_for_more(self):
        goal = len(self.done) + len(self.failed) + LOGINS_A_PHASE
        with self.more:
            assert self.more.wait_for(lambda: len(self.done) + len(self.failed) >= goal, timeout=60)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join(60)


@pytest.fixture
def certificates(ring):
    spec = ring.partners[SAML]

    def deploy(*keys):
        (provider,) = spec.providers
        sign_in = dataclasses.replace(provider.sign_in, certificates=tuple(k.base64_der for k in keys))
        provider = dataclasses.replace(provider, sign_in=sign_in)
        ring.deploy(dataclasses.replace(spec, providers=(provider,)))

    yield deploy
    ring.deploy(spec)


def test_no_login_fails_while_a_certificate_is_changed(ring, enter, certificates):
    old, new = ring.key, saml_key()
    script = ring.saml()
    with Loop(enter) as loop:
        loop.wait_for_more()
        certificates(old, new)
        loop.wait_for_more()
        script.key = new
        loop.wait_for_more()
        certificates(new)
        loop.wait_for_more()
    assert loop.failed == []
    assert len(loop.done) >= 4 * LOGINS_A_PHASE


def test_the_old_key_opens_nothing_after_the_change(ring, refused, certificates):
    certificates(saml_key())
    ring.saml()
    _, event = refused(SAML)
    assert event["error"] == "invalid_signature"
