"""The partner of a session, its start and end, and the reason if it is unattributed."""

import pytest
from msgspec.structs import replace

from builders.attributions import logins, raw, sessions
from builders.events import APP, DAY, HOUR, MINUTE, T0, event, login, logout, refresh, registry, version
from builders.partners import partner
from partnergate.attribution.concluding import Conclusion, ended
from partnergate.attribution.outcome import Exclusion, UnattributedReason
from partnergate.attribution.rules import RealmRules
from partnergate.attribution.session_state import IMPERSONATED, OFFLINE, clients_of, states_of
from partnergate.model.partner import Stage


def only(found):
    (one,) = found.values()
    return one


def test_a_session_takes_the_partner_of_its_first_brokered_login():
    found = only(sessions(login(T0, alias="acme"), login(T0 + 1, alias="globex")))
    assert found == Conclusion("acme", None, None, T0, None, None)


def test_of_two_logins_in_one_millisecond_the_smaller_id_is_first():
    events = (login(alias="globex", event_id="b"), login(alias="acme", event_id="a"))
    assert only(sessions(*events)).partner == "acme"
    assert only(sessions(*reversed(events))).partner == "acme"


def test_a_late_login_that_is_earlier_moves_the_session():
    assert only(sessions(login(T0, alias="globex"), login(T0 - 1, alias="acme"))).partner == "acme"


def test_a_login_of_another_partner_in_a_session_is_unattributed():
    found = logins(login(T0, alias="acme", event_id="a"), login(T0 + 1, alias="globex", event_id="b"))
    assert (found["a"].partner, found["b"].reason) == ("acme", UnattributedReason.CONFLICT)


def test_pitfall_1_a_user_of_two_partners_counts_by_the_provider_of_each_login():
    found = logins(
        login(alias="acme", session="s1", event_id="a"), login(alias="globex", session="s2", event_id="b")
    )
    assert (found["a"].partner, found["b"].partner) == ("acme", "globex")


def test_pitfall_2_a_login_without_provider_is_unattributed():
    assert only(sessions(login(alias=None))).reason is UnattributedReason.NO_PROVIDER


def test_pitfall_3_later_clients_by_cookie_join_the_session_and_are_no_logins():
    events = (
        login(T0),
        login(T0 + 1, alias=None, client="host-reports"),
        event("CODE_TO_TOKEN", T0 + 2, client="host-admin"),
    )
    assert only(states_of_clients(*events)) == {APP, "host-reports", "host-admin"}
    assert len(logins(*events)) == 1
    assert len(sessions(*events)) == 1


def states_of_clients(*events):
    return {s: clients_of(state.clients) for s, state in states_of(raw(*events)).items()}


def suspended_at(instant):
    return registry(
        version(partner("acme")),
        version(partner("acme", stage=Stage.SUSPENDED), instant, recorded_ms=instant),
    )


def test_pitfall_4_logins_from_the_suspension_instant_on_are_stored_and_not_billed():
    known = suspended_at(T0)
    found = sessions(login(T0 - 1, session="before"), login(T0, session="at"), known=known)
    assert (found["before"].excluded, found["at"].excluded) == (None, Exclusion.SUSPENDED)
    assert found["at"].partner == "acme"


def test_pitfall_4_a_live_session_ends_at_the_suspension():
    found = only(sessions(login(T0 - HOUR), logout(T0 + HOUR), known=suspended_at(T0)))
    assert (found.ended_ms, found.end_reason) == (T0, "suspended")


def test_pitfall_4_a_session_that_ended_before_the_suspension_keeps_its_end():
    found = only(sessions(login(T0 - HOUR), logout(T0 - MINUTE), known=suspended_at(T0)))
    assert (found.ended_ms, found.end_reason) == (T0 - MINUTE, "logout")


def test_pitfall_6_a_session_is_where_its_start_is():
    assert only(sessions(login(T0), logout(T0 + DAY))).started_ms == T0


def test_pitfall_7_an_offline_session_lives_across_logout():
    found = only(sessions(login(T0), refresh(T0 + 1, refresh_token_type="Offline"), logout(T0 + 2)))
    assert found.ended_ms is None


@pytest.mark.parametrize("kind", ["CLIENT_LOGIN", "TOKEN_EXCHANGE", "JWT_AUTHORIZATION_GRANT"])
def test_pitfall_8_machine_logins_are_unattributed(kind):
    assert only(sessions(event(kind, T0))).reason is UnattributedReason.SERVICE_ACCOUNT


def test_pitfall_8_a_service_account_login_is_unattributed():
    found = only(sessions(login(alias=None, username="service-account-bot")))
    assert found.reason is UnattributedReason.SERVICE_ACCOUNT


def test_pitfall_8_impersonation_is_unattributed_even_with_a_provider():
    found = sessions(event("IMPERSONATE", T0), login(T0 + 1))
    assert only(found).reason is UnattributedReason.IMPERSONATION


def test_pitfall_8_a_token_exchange_inside_a_users_session_keeps_it():
    assert only(sessions(login(T0), event("TOKEN_EXCHANGE", T0 + 1))).partner == "acme"


def test_pitfall_8_failed_logins_never_count():
    assert sessions(replace(login(error="invalid_user_credentials"), type="LOGIN_ERROR")) == {}
    assert logins(login(error="expired_code")) == {}


def test_pitfall_9_test_users_by_subject_from_their_date_on():
    known = registry(version(partner("acme", testers=("ada",)), test_subjects={"acme/ada": T0}))
    found = sessions(
        login(T0 - 1, session="before"),
        login(T0, session="from"),
        login(T0, session="bob", subject="bob"),
        known=known,
    )
    assert [found[s].excluded for s in ("before", "from", "bob")] == [None, Exclusion.TEST_USER, None]


def test_pitfall_9_staging_is_never_billed():
    assert (
        only(sessions(login(), known=registry(rules=RealmRules(staging=True)))).excluded is Exclusion.STAGING
    )
    known = registry(version(partner("acme", stage=Stage.STAGING)))
    assert only(sessions(login(), known=known)).excluded is Exclusion.STAGING


def test_pitfall_10_an_event_more_than_five_minutes_ahead_of_the_server_is_not_believed():
    at = T0 + 5 * MINUTE
    assert only(sessions(login(at), read_at=T0)).partner == "acme"
    assert sessions(login(at + 1), read_at=T0) == {}
    assert only(logins(login(at + 1), read_at=T0)).reason is UnattributedReason.FUTURE


def test_pitfall_14_a_user_made_again_is_the_same_person():
    one, other = login(session="s1", user="u1"), login(session="s2", user="u2")
    assert {e.subject for e in raw(one, other)} == {"acme/ada"}


def test_pitfall_16_a_renamed_provider_still_belongs_to_its_partner():
    known = registry(
        version(partner("acme", aliases=("acme-old",))),
        version(partner("acme", aliases=("acme-new",)), T0, recorded_ms=T0),
    )
    found = sessions(
        login(T0 - 1, alias="acme-old", session="a"),
        login(T0, alias="acme-new", session="b"),
        login(T0, alias="acme-old", session="c"),
        known=known,
    )
    assert [found[s].partner for s in "abc"] == ["acme", "acme", None]


def test_an_unknown_alias_is_reported():
    assert only(sessions(login(alias="stranger"))).reason is UnattributedReason.UNKNOWN_ALIAS


def test_a_session_with_only_foreign_clients_is_unattributed():
    assert only(sessions(login(client="account-console"))).reason is UnattributedReason.FOREIGN_CLIENT
    assert only(sessions(login(client=None))).reason is UnattributedReason.FOREIGN_CLIENT


def test_a_session_that_reaches_the_host_later_counts_and_its_foreign_login_does_not():
    events = (login(client="account-console"), login(T0 + 1, alias=None, client=APP))
    assert only(sessions(*events)).partner == "acme"
    assert only(logins(*events)).reason is UnattributedReason.FOREIGN_CLIENT


def test_without_a_list_of_clients_keycloaks_own_do_not_count():
    rules = RealmRules()
    assert rules.counts("anything")
    assert not rules.counts("security-admin-console")


def test_a_session_waits_for_its_login_to_be_read():
    assert only(sessions(refresh(T0))).reason is UnattributedReason.UNKNOWN_SESSION


def test_a_session_ends_with_its_first_end_event():
    gone = event("USER_SESSION_DELETED", T0 + 2, reason="user_session_expired")
    found = only(sessions(login(T0), logout(T0 + 3), gone))
    assert (found.ended_ms, found.end_reason) == (T0 + 2, "expired")


def test_without_an_end_a_session_is_over_after_its_longest_life_once_that_is_read():
    known = {"lifespan_ms": HOUR, "started_ms": T0, "marks": 0}
    assert ended((None, None), known_ms=T0 + HOUR - 1, **known) == (None, None)
    assert ended((None, None), known_ms=T0 + HOUR, **known) == (T0 + HOUR, "lifespan")
    assert ended((T0 + 1, "logout"), known_ms=T0 + HOUR, **known) == (T0 + 1, "logout")
    assert ended((None, None), known_ms=T0 + HOUR, **(known | {"marks": OFFLINE})) == (None, None)


def test_marks_of_a_session_are_joined():
    (state,) = states_of(raw(event("IMPERSONATE", T0), refresh(T0, refresh_token_type="Offline"))).values()
    assert state.marks == IMPERSONATED | OFFLINE


def test_events_without_a_session_are_no_session():
    assert sessions(event("REGISTER", T0, session=None), event("UPDATE_PROFILE", T0)) == {}
