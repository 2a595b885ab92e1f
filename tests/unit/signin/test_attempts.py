"""Sign-in attempts by outcome: each is counted once, without guesses."""

from partnergate.signin.attempts import DESCRIPTIONS, PROGRESS, LaunchOutcome, partner_attempts
from partnergate.signin.launch import LaunchRefusal

SENT = LaunchOutcome.SENT_TO_SIGN_IN
FIRST = "IDENTITY_PROVIDER_FIRST_LOGIN_ERROR"


def attempts(partner="acme", *, launches=None, signed_in=0, refused=()):
    return partner_attempts(partner, launches=launches or {}, signed_in=signed_in, refused=refused)


def test_every_refusal_is_an_outcome_and_every_failure_has_a_description():
    assert {r.value for r in LaunchRefusal} <= {o.value for o in LaunchOutcome}
    assert set(DESCRIPTIONS) == set(LaunchOutcome) - PROGRESS


def test_attempts_without_a_session_or_an_error_have_no_outcome():
    found = attempts(
        launches={LaunchOutcome.STARTED: 12, SENT: 10, LaunchOutcome.KEPT_SESSION: 2},
        signed_in=6,
        refused=[("IDENTITY_PROVIDER_POST_LOGIN_ERROR", "access_denied", 1)],
    )
    assert (found.launches, found.signed_in, found.no_outcome, found.failed) == (12, 6, 3, 4)


def test_logins_without_a_launch_never_count_as_failures():
    assert attempts(launches={SENT: 2}, signed_in=5).no_outcome == 0


def test_a_denied_first_login_is_one_failure_although_the_realm_writes_two_events():
    found = attempts(launches={SENT: 2}, refused=[(FIRST, "access_denied", 2)])
    assert [(f.reason, f.number) for f in found.failures] == [(f"{FIRST} access_denied", 1)]
    assert found.no_outcome == 1
    assert attempts(refused=[(FIRST, "access_denied", 1)]).failures[0].number == 1


def test_progress_is_not_a_failure_and_the_most_frequent_reason_is_first():
    found = attempts(
        launches=dict.fromkeys(LaunchOutcome, 1) | {LaunchOutcome.UNAVAILABLE: 7, SENT: 0},
    )
    assert found.failures[0].reason == "unavailable"
    assert {f.reason for f in found.failures} == {o.value for o in DESCRIPTIONS}


def test_launches_without_a_partner_are_not_counted_as_no_outcome():
    """They were never sent to sign in."""
    assert attempts("", launches={SENT: 3}).no_outcome == 0


def test_two_events_of_one_refusal_are_one_failure():
    """Keycloak 26.7.5 writes a second event when another user has a live session; 26.7.3 does not."""
    kind = "IDENTITY_PROVIDER_LOGIN_ERROR"
    first, second = (kind, "different_user_authenticated"), (kind, "identityProviderUnexpectedErrorMessage")
    one = attempts(refused=[(*first, 3)])
    assert attempts(refused=[(*first, 3), (*second, 3)]) == one
    more = attempts(refused=[(*first, 3), (*second, 5)])
    assert [(f.reason, f.number) for f in more.failures] == [(" ".join(first), 3), (" ".join(second), 2)]
    assert attempts(refused=[(*second, 1)]).failed == 1
