"""Which personal data of an event is stored, and in what form."""

from msgspec.structs import replace

from builders.events import T0, event, login, refresh, register
from partnergate.events.pseudonymization import (
    clean,
    derived_id,
    domain_of,
    email_aliases,
    people_of,
    person_of,
    reduced,
)


class Everybody:
    def subject(self, person):
        return f"key-of-{person.alias}-{len(person.subject)}"

    def email_key(self, alias, email):
        return f"email-at-{alias}-{len(email)}"


def kept(seen):
    return reduced("host", seen, T0, Everybody())


def test_no_name_address_identifier_or_ip_of_a_login_is_stored():
    raw = kept(login(subject="ada.lovelace@acme.test", code_id="s1", token_id="secret-token"))
    assert "ada" not in repr(raw).lower()
    assert "secret-token" not in repr(raw)
    assert raw.subject == "key-of-acme-22"


def test_of_an_email_address_only_its_domain_and_a_keyed_hash_are_stored():
    raw = kept(register(T0, email="Ada@Acme.Test"))
    assert (raw.email_domain, raw.email_key) == ("acme.test", "email-at-acme-13")
    assert "ada@" not in repr(raw).lower()


def test_error_events_have_no_user_because_their_details_are_unverified():
    seen = replace(login(error="identity_provider_login_failure"), type="IDENTITY_PROVIDER_LOGIN_ERROR")
    assert person_of(seen) is None
    assert kept(seen).subject is None
    assert person_of(login(error="expired_code")) is None


def test_text_in_error_events_that_is_no_alias_is_dropped():
    seen = event(
        "IDENTITY_PROVIDER_LOGIN_ERROR",
        T0,
        error="bad\nnews",
        identity_provider="<script>\x00",
        client="a\x00b",
    )
    raw = kept(seen)
    assert (raw.alias, raw.error, raw.client_id) == (None, "badnews", "ab")


def test_the_time_of_reading_follows_a_slightly_later_event_but_not_a_future_one():
    """The server's time is known to a second, the event's to a millisecond."""
    ahead = {n: reduced("host", replace(login(), time_ms=T0 + n), T0, Everybody()) for n in (-5, 900, 9_000)}
    assert {n: raw.seen_ms - T0 for n, raw in ahead.items()} == {-5: 0, 900: 900, 9_000: 0}


def test_long_text_of_error_events_is_cut():
    assert len(clean("x" * 1000)) == 255


def test_a_login_without_session_takes_the_code_id_as_session():
    assert kept(login(session=None, code_id="c1")).session_id == "c1"


def test_the_code_id_of_a_first_login_step_is_no_session():
    assert kept(event("IDENTITY_PROVIDER_FIRST_LOGIN", T0, session=None, code_id="c1")).session_id is None


def test_a_service_account_is_marked_without_its_name():
    raw = kept(event("CLIENT_LOGIN", T0, username="service-account-billing"))
    assert raw.details == '{"service":true}'


def test_a_regular_refresh_has_no_details_and_an_offline_one_is_marked():
    assert kept(refresh(T0, refresh_token_type="Refresh")).details is None
    assert kept(refresh(T0, refresh_token_type="Offline")).details == '{"refresh_token_type":"Offline"}'


def test_details_are_canonical_and_half_a_surrogate_pair_is_removed():
    raw = kept(
        event("USER_SESSION_DELETED", T0, reason="geschlossen für \ud800 heute", register_method="form")
    )
    assert raw.details == '{"reason":"geschlossen für  heute","register_method":"form"}'


def test_pitfall_19_an_event_without_id_gets_the_same_derived_one_each_time():
    one, other = replace(login(), id=None), replace(login(), id=None)
    assert kept(one).id == kept(other).id
    assert kept(one).id.startswith("derived:")


def test_pitfall_19_a_derived_id_differs_with_any_content():
    base = replace(login(), id=None)
    ids = {
        derived_id("host", e)
        for e in (
            base,
            replace(base, time_ms=T0 + 1),
            replace(base, session_id="s2"),
            replace(base, details={**base.details, "x": "y"}),
        )
    } | {derived_id("other", base)}
    assert len(ids) == 5


def test_people_and_email_aliases_of_a_batch_are_named_once():
    batch = [login(), login(T0 + 1), register(T0, email="a@b.test"), event("LOGOUT", T0)]
    assert [p.subject for p in people_of(batch)] == ["ada"]
    assert email_aliases(batch) == {"acme"}


def test_only_a_well_formed_address_has_a_domain():
    assert domain_of("ada@ACME.test") == "acme.test"
    assert [
        domain_of(bad) for bad in ("", "ada", "@acme.test", "ada@", "a b@acme.test", "ada@acme.test\n")
    ] == [None] * 6
