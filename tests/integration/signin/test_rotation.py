"""Key and certificate rotation of a partner without failed logins."""

import dataclasses
import threading
import time

import pytest

from hostile.arena import OIDC, SAML
from hostile.oidc import OidcKeys
from hostile.saml import saml_key
from partnergate.doctor.fetching import Fetcher
from partnergate.doctor.login_test import LoginTester
from partnergate.login.browser import LoginRefusedError
from partnergate.model.environment import NetworkPolicy
from partnergate.playground.real_clock import now

pytestmark = pytest.mark.integration
LOGINS_A_PHASE = 4
READ_AGAIN_SECONDS = 10
"""Minimum interval at which Keycloak refreshes a partner's published keys for an unknown key."""


class Loop:
    """Logs users in one after the other until it is stopped."""

    def __init__(self, enter, alias=SAML):
        self.enter, self.alias, self.done, self.failed = enter, alias, [], []
        self.stopping, self.more = threading.Event(), threading.Condition()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.stopping.is_set():
            try:
                login = self.enter(self.alias)
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


def test_no_login_fails_during_a_certificate_rotation(ring, enter, certificates):
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


def test_the_old_key_is_refused_after_the_rotation(ring, refused, certificates):
    certificates(saml_key())
    ring.saml()
    _, event = refused(SAML)
    assert event["error"] == "invalid_signature"


@pytest.fixture
def by_metadata(ring):
    """The SAML partner with its metadata URL; its file also has the certificate of the recorded document."""
    spec = ring.partners[SAML]
    (provider,) = spec.providers
    sign_in = dataclasses.replace(provider.sign_in, metadata_url=f"{ring.servers[SAML].url}/metadata")
    ring.deploy(dataclasses.replace(spec, providers=(dataclasses.replace(provider, sign_in=sign_in),)))
    yield
    ring.deploy(spec)


def oidc_partner(ring):
    script, new = ring.oidc(), OidcKeys(kid="new")
    return script, script.keys, new, "keys", "announced"


def saml_partner(ring):
    script = ring.saml()
    return script, ring.key, saml_key(), "key", "published"


@pytest.fixture(params=[(OIDC, oidc_partner, "/jwks"), (SAML, saml_partner, "/metadata")], ids=[OIDC, SAML])
def publishing(request, ring, by_metadata):
    """A partner with published keys: (alias, sign with, publish, old, new, URL)."""
    alias, made, path = request.param
    ring.connection.post("clear-keys-cache", {})
    script, old, new, signing, published = made(ring)

    def sign_with(key):
        setattr(script, signing, key)

    def publish(*keys):
        setattr(script, published, keys)

    publish(old)
    ring.servers[alias].seen.clear()
    yield alias, sign_with, publish, old, new, path
    ring.keys.pop(OIDC, None)
    ring.connection.post("clear-keys-cache", {})


def test_no_login_fails_during_a_rotation_of_published_keys(ring, enter, publishing):
    """The new key is published before it is used, as is usual with JWKS and SAML metadata."""
    alias, sign_with, publish, old, new, path = publishing
    with Loop(enter, alias) as loop:
        loop.wait_for_more()
        read = time.monotonic()
        publish(old, new)
        loop.wait_for_more()
        while time.monotonic() - read < READ_AGAIN_SECONDS + 1:
            loop.wait_for_more()
        sign_with(new)
        loop.wait_for_more()
        publish(new)
        loop.wait_for_more()
    assert loop.failed == []
    assert len(loop.done) >= 5 * LOGINS_A_PHASE
    assert [r.path for r in ring.servers[alias].seen].count(path) == 2


def test_an_unpublished_key_is_refused_after_clearing_the_cache(ring, enter, refused, publishing):
    """Until then Keycloak uses its cache. docs/sign-in.md describes how to handle a stolen key."""
    alias, sign_with, publish, old, new, _ = publishing
    enter(alias)
    ring.forget_users()
    publish(new)
    sign_with(new)
    ring.connection.post("clear-keys-cache", {})
    enter(alias)
    ring.forget_users()
    sign_with(old)
    _, event = refused(alias)
    assert event["error"] in {"invalid_signature", "identity_provider_login_failure"}


def test_a_test_login_agrees_with_the_realm_after_a_rotation(ring, by_metadata):
    """The realm verifies with the published certificate, not with the recorded one."""
    ring.connection.post("clear-keys-cache", {})
    new = saml_key()
    ring.saml(key=new, published=(new,), attributes={"email": "ann@partner.example"})
    (provider,) = ring.partners[SAML].providers
    assert provider.sign_in.certificates == (ring.key.base64_der,)
    run = LoginTester(
        realm=ring.realm,
        fetcher=Fetcher(policy=NetworkPolicy(allow_loopback_http=True)),
        deployed_secret=lambda _: "",
        connection=ring.connection,
        now=now,
    )
    trial = run.run(ring.partners[SAML], provider, None)
    ring.connection.post("clear-keys-cache", {})
    assert trial.passed, trial.details
    assert any(line.startswith("signature valid") for line in trial.details)
