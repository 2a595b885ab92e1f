"""Attempts by outcome: nothing counted twice, nothing guessed."""

from partnergate.signin.attempts import NAMES, PROGRESS, LaunchOutcome, partner_attempts
from partnergate.signin.launch import Refusal

SENT = LaunchOutcome.SENT_TO_SIGN_IN
FIRST = "IDENTITY_PROVIDER_FIRST_LOGIN_ERROR"


def attempts(partner="acme", *, launches=None, signed_in=0, refused=()):
    return partner_attempts(partner, launches=launches or {}, signed_in=signed_in, refused=refused)


def test_every_refusal_of_a_launch_is_an_outcome_and_every_failure_has_words():
    assert {r.value for r in Refusal} <= {o.value for o in LaunchOutcome}
    assert set(NAMES) == set(LaunchOutcome) - PROGRESS


def test_what_is_left_after_sessions_and_refusals_ended_without_a_trace():
    found = attempts(
        launches={LaunchOutcome.BEGUN: 12, SENT: 10, LaunchOutcome.KEPT_SESSION: 2},
        signed_in=6,
        refused=[("IDENTITY_PROVIDER_POST_LOGIN_ERROR", "access_denied", 1)],
    )
    assert (found.launches, found.signed_in, found.without_end, found.failed) == (12, 6, 3, 4)


def test_logins_around_the_launch_never_make_a_failure_of_a_success():
    assert attempts(launches={SENT: 2}, signed_in=5).without_end == 0


def test_a_refused_first_login_counts_once_though_the_realm_writes_it_twice():
    found = attempts(launches={SENT: 2}, refused=[(FIRST, "access_denied", 2)])
    assert [(f.reason, f.number) for f in found.failures] == [(f"{FIRST} access_denied", 1)]
    assert found.without_end == 1
    assert attempts(refused=[(FIRST, "access_denied", 1)]).failures[0].number == 1


def test_progress_is_no_failure_and_the_most_frequent_reason_comes_first():
    found = attempts(
        launches=dict.fromkeys(LaunchOutcome, 1) | {LaunchOutcome.UNAVAILABLE: 7, SENT: 0},
    )
    assert found.failures[0].reason == "unavailable"
    assert {f.reason for f in found.failures} == {o.value for o in NAMES}


def test_nobody_in_particular_has_no_way_without_an_end():
    """Launches that name no partner were never sent anywhere."""
    assert attempts("", launches={SENT: 3}).without_end == 0
