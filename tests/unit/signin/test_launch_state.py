"""A launch's state belongs to one browser, cannot be made by anybody else, and does not last."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnergate.signin.launch import Launch
from partnergate.signin.state import LIFETIME_SECONDS, LaunchState, StateKey

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
KEY = StateKey(value=b"k" * 32)
STATE = LaunchState(
    launch=Launch(partner="acme", alias="acme", target="https://app.host.example/é", login_hint="ü"),
    browser="browser-secret",
    unique="one",
)


def test_a_state_comes_back_as_it_was():
    assert KEY.open(KEY.seal(STATE, now=NOW), browser="browser-secret", now=NOW) == STATE


def test_another_browser_cannot_use_it():
    assert KEY.open(KEY.seal(STATE, now=NOW), browser="other", now=NOW) is None


def test_it_ends_after_its_lifetime():
    sealed = KEY.seal(STATE, now=NOW)
    assert KEY.open(sealed, browser="browser-secret", now=NOW + timedelta(seconds=LIFETIME_SECONDS - 1))
    assert not KEY.open(sealed, browser="browser-secret", now=NOW + timedelta(seconds=LIFETIME_SECONDS + 1))


def test_another_key_does_not_open_it():
    sealed = StateKey(value=b"x" * 32).seal(STATE, now=NOW)
    assert KEY.open(sealed, browser="browser-secret", now=NOW) is None


@pytest.mark.parametrize("place", [0, 5, -1])
def test_a_changed_letter_is_refused(place):
    sealed = list(KEY.seal(STATE, now=NOW))
    sealed[place] = "A" if sealed[place] != "A" else "B"
    opened = KEY.open("".join(sealed), browser="browser-secret", now=NOW)
    assert opened is None


@given(st.text())
def test_no_text_of_a_stranger_opens_or_breaks_it(text):
    assert KEY.open(text, browser="browser-secret", now=NOW) is None


def test_it_carries_no_secret_of_the_browser_nor_the_verifier():
    sealed = KEY.seal(STATE, now=NOW)
    assert "browser-secret" not in sealed
    assert KEY.code_verifier(STATE) not in sealed


def test_nonce_verifier_and_challenge_differ_for_each_launch():
    other = LaunchState(launch=STATE.launch, browser=STATE.browser, unique="two")
    values = [f(s) for s in (STATE, other) for f in (KEY.nonce, KEY.code_verifier, KEY.code_challenge)]
    assert len(set(values)) == len(values)
    assert len(KEY.code_verifier(STATE)) == 43
