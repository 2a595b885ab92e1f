"""Launch state is bound to one browser, cannot be forged, and expires."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnergate.signin.launch import Launch
from partnergate.signin.launch_state import LIFETIME_SECONDS, LaunchState, StateKey, Step

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
KEY = StateKey(value=b"k" * 32)
STATE = LaunchState(
    launch=Launch(partner="acme", alias="acme", target="https://app.host.example/é", login_hint="ü"),
    browser="browser-secret",
    unique="one",
)


def test_a_state_round_trips():
    assert KEY.open(KEY.seal(STATE, now=NOW), browser="browser-secret", now=NOW) == STATE


def test_another_browser_cannot_use_the_state():
    assert KEY.open(KEY.seal(STATE, now=NOW), browser="other", now=NOW) is None


def test_a_state_expires():
    sealed = KEY.seal(STATE, now=NOW)
    assert KEY.open(sealed, browser="browser-secret", now=NOW + timedelta(seconds=LIFETIME_SECONDS - 1))
    assert not KEY.open(sealed, browser="browser-secret", now=NOW + timedelta(seconds=LIFETIME_SECONDS + 1))


def test_another_key_cannot_open_the_state():
    sealed = StateKey(value=b"x" * 32).seal(STATE, now=NOW)
    assert KEY.open(sealed, browser="browser-secret", now=NOW) is None


@pytest.mark.parametrize("place", [0, 5, -1])
def test_a_modified_state_is_refused(place):
    sealed = list(KEY.seal(STATE, now=NOW))
    sealed[place] = "A" if sealed[place] != "A" else "B"
    opened = KEY.open("".join(sealed), browser="browser-secret", now=NOW)
    assert opened is None


@given(st.text())
def test_arbitrary_text_is_refused_without_an_error(text):
    assert KEY.open(text, browser="browser-secret", now=NOW) is None


def test_the_state_contains_neither_the_browser_secret_nor_the_verifier():
    sealed = KEY.seal(STATE, now=NOW)
    assert "browser-secret" not in sealed
    assert KEY.code_verifier(STATE) not in sealed


def test_nonce_verifier_and_challenge_differ_for_each_launch():
    other = LaunchState(launch=STATE.launch, browser=STATE.browser, unique="two")
    values = [f(s) for s in (STATE, other) for f in (KEY.nonce, KEY.code_verifier, KEY.code_challenge)]
    assert len(set(values)) == len(values)
    assert len(KEY.code_verifier(STATE)) == 43


@pytest.mark.parametrize("step", Step)
def test_a_state_of_one_step_is_refused_by_every_other(step):
    """The state in the URL of a check must not be accepted as the CSRF token of the confirmation."""
    sealed = KEY.seal(dataclasses.replace(STATE, step=step), now=NOW)
    others = [s for s in Step if s is not step]
    assert KEY.open(sealed, browser="browser-secret", now=NOW, steps=others) is None
    assert KEY.open(sealed, browser="browser-secret", now=NOW, steps=[step]).step is step
