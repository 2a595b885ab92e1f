"""Identity data quality out of the store."""

from builders.events import DAY, EVER, REALM, T0, KnownSubjects, login, register
from partnergate.store.sessions.profiles import (
    SeenProfile,
    keep_profiles,
    partner_quality,
    unseen_logins,
)


def quality(ingest, **more):
    with ingest.store.read() as connection:
        return partner_quality(connection, REALM, "acme", EVER, time_zone="UTC", **more)


def test_profiles_are_stored_as_states_and_counted(ingest):
    ingest.keep(
        REALM,
        [login(T0, subject="ada"), login(T0 + 1, subject="bob", session="s2", user="u2")],
        seen_ms=T0 + DAY,
        advance=None,
    )
    with ingest.store.write() as connection:
        unseen = unseen_logins(connection, REALM, T0, 10)
        profiles = [
            SeenProfile(login=one, first_name="Ada", last_name=None, email=f"{one.user_id}@other.test")
            for one in unseen
        ]
        assert keep_profiles(connection, REALM, profiles, source=KnownSubjects()) == 2
        assert unseen_logins(connection, REALM, T0, 10) == ()
        assert "other.test" in repr(connection.exec_driver_sql("SELECT * FROM raw_profiles").all())
        assert "u1@" not in repr(connection.exec_driver_sql("SELECT * FROM raw_profiles").all())
    found = quality(ingest, agreed_domains=("acme.test",))
    assert (found.logins, found.observed, found.missing_last_name, found.outside_domains) == (2, 2, 2, 2)
    assert found.new_subjects == 2


def test_pitfall_15_subjects_that_changed_for_one_address_show_from_events_alone(ingest):
    for n, subject in enumerate(("old-id", "new-id")):
        ingest.keep(
            REALM,
            [
                register(T0 + n, email="ada@acme.test", subject=subject),
                login(T0 + n, subject=subject, session=f"s{n}"),
            ],
            seen_ms=T0 + DAY,
            advance=None,
        )
    assert quality(ingest).shared_emails == 1
