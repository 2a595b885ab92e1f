"""Fixtures of the attack suite: the arena with hostile partners, and login attempts."""

import dataclasses

import pytest

from hostile.arena import Arena, arena
from partnergate.login.browser import Browser, LoginRefusedError
from partnergate.login.http_login import Login, log_in


@pytest.fixture(scope="module")
def ring(keycloak):
    with arena(keycloak) as made:
        yield made


@pytest.fixture(autouse=True)
def _without_users(ring: Arena):
    ring.forget_users()


@pytest.fixture
def enter(ring: Arena):
    """Log in through an alias, with a new browser by default."""

    def go(alias: str, browser: Browser | None = None) -> Login:
        return log_in(ring.app, alias=alias, credentials=None, browser=browser)

    return go


@pytest.fixture
def refused(ring: Arena, enter, request):
    """Expect a refused login that creates no user; return (page text, event).

    The recorded error goes into the test report, which is the source for docs/attacks.md.
    """

    def go(alias: str, browser: Browser | None = None, *, leaves_users: bool = False):
        before = ring.last_error().get("id")
        with pytest.raises(LoginRefusedError) as raised:
            enter(alias, browser)
        if not leaves_users:
            assert ring.users() == []
        newest = ring.last_error()
        event = newest if newest.get("id") != before else {}
        seen = f"{event.get('type', '')} {event.get('error', '')}".strip()
        request.node.user_properties.append(("event", seen))
        request.node.user_properties.append(("page", str(raised.value)[:90]))
        return str(raised.value), event

    return go


@pytest.fixture
def changed(ring):
    """Deploy a partner with a changed provider, and restore it afterwards."""
    before = {}

    def go(alias, *, sign_in=None, identity=None):
        spec = ring.partners[alias]
        before.setdefault(alias, spec)
        provider = spec.providers[0]
        provider = dataclasses.replace(
            provider,
            sign_in=dataclasses.replace(provider.sign_in, **(sign_in or {})),
            identity=dataclasses.replace(provider.identity, **(identity or {})),
        )
        ring.deploy(dataclasses.replace(spec, providers=(provider,)))

    yield go
    if before:
        ring.deploy(*before.values())
