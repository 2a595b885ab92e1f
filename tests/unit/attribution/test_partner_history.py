"""Who was who when."""

from dataclasses import replace
from datetime import UTC, date, datetime

from builders.attributions import sessions
from builders.events import DAY, T0, login, realm, registry, version
from builders.partners import partner
from partnergate.attribution.concluding import DomainFact, domain_at
from partnergate.attribution.outcome import Exclusion
from partnergate.attribution.partner_history import (
    BEGINNING_MS,
    END_MS,
    PartnerVersion,
    Registry,
    span_of_test_users,
)
from partnergate.attribution.rules import RealmRules, realm_rules
from partnergate.model.instants import from_ms, to_ms
from partnergate.model.partner import Stage

LONG_AGO = datetime(1999, 1, 1, tzinfo=UTC)


def test_the_first_version_of_a_partner_has_no_start():
    known = registry(version(partner("acme"), T0, recorded_ms=T0))
    assert known.partner_of("acme", LONG_AGO) == "acme"
    assert known.spec_at("acme", LONG_AGO).name == "Acme"


def test_a_version_is_in_effect_from_its_instant_on():
    known = registry(version(partner("acme")), version(partner("acme", aliases=("b",)), T0, recorded_ms=T0))
    assert known.partner_of("b", from_ms(T0 - 1)) is None
    assert known.partner_of("b", from_ms(T0)) == "acme"
    assert known.partner_of("acme", from_ms(T0)) is None


def test_an_alias_that_moves_belongs_to_the_new_partner_from_the_instant_on():
    known = registry(
        version(partner("acme", aliases=("shared",))),
        version(partner("acme", aliases=("other",)), T0, recorded_ms=T0),
        version(partner("globex", aliases=("shared",)), recorded_ms=T0),
    )
    assert known.partner_of("shared", from_ms(T0 - 1)) == "acme"
    assert known.partner_of("shared", from_ms(T0)) == "globex"


def test_a_partner_is_found_by_id_and_by_alias():
    known = registry(version(partner("acme", aliases=("acme-eu",))))
    assert (known.partner_named("acme"), known.partner_named("acme-eu"), known.partner_named("x")) == (
        "acme",
        "acme",
        None,
    )


def test_an_empty_registry_has_no_partner():
    known = Registry()
    assert known.partner_of("acme", LONG_AGO) is None
    assert known.spec_at("acme", LONG_AGO) is None
    assert known.exclusion("acme", None, LONG_AGO) is None
    assert known.partners == ()


def test_the_test_users_date_begins_in_the_partners_own_zone():
    known = registry(
        version(partner("acme", test_domains=("qa.test",), since=date(2026, 10, 5), zone="America/New_York"))
    )
    midnight = to_ms(datetime(2026, 10, 5, 4, tzinfo=UTC))
    assert known.exclusion_at("acme", None, midnight - 1, "qa.test") is None
    assert known.exclusion_at("acme", None, midnight, "qa.test") is Exclusion.TEST_USER
    assert known.exclusion_at("acme", None, midnight, "acme.test") is None
    assert known.uses_domains


def test_test_users_are_billed_after_their_last_day_in_the_partners_own_zone():
    spec = partner("acme", testers=("ada",), since=date(2026, 10, 5), zone="America/New_York")
    spec = replace(spec, test_users=(replace(spec.test_users[0], until=date(2026, 10, 6)),))
    since, until = span_of_test_users(spec, 0)
    assert since == to_ms(datetime(2026, 10, 5, 4, tzinfo=UTC))
    assert until == to_ms(datetime(2026, 10, 7, 4, tzinfo=UTC))
    known = registry(
        PartnerVersion(
            since_ms=BEGINNING_MS, recorded_ms=0, spec=spec, test_subjects={"k": ((since, until),)}
        )
    )
    found = [known.exclusion_at("acme", "k", ms) for ms in (since - 1, since, until - 1, until)]
    assert found == [None, Exclusion.TEST_USER, Exclusion.TEST_USER, None]
    assert known.exclusion_at("acme", "another", since) is None
    assert {since, until} <= set(known.changes)


def test_a_version_that_was_recorded_without_an_end_keeps_its_meaning():
    assert span_of_test_users(partner("acme", testers=("ada",)), 0)[1] == END_MS


def test_staging_has_precedence_over_test_user_and_test_user_over_suspended():
    suspended = version(partner("acme", stage=Stage.SUSPENDED), test_subjects={"k": T0})
    assert registry(suspended).exclusion_at("acme", "k", T0) is Exclusion.TEST_USER
    assert (
        registry(suspended, rules=RealmRules(staging=True)).exclusion_at("acme", "k", T0) is Exclusion.STAGING
    )


def test_the_next_suspension_is_the_first_after_an_instant():
    known = registry(
        version(partner("acme")),
        version(partner("acme", stage=Stage.SUSPENDED), T0, recorded_ms=T0),
        version(partner("acme"), T0 + DAY, recorded_ms=T0 + DAY),
        version(partner("acme", stage=Stage.RETIRED), T0 + 2 * DAY, recorded_ms=T0 + 2 * DAY),
    )
    assert known.suspended_after("acme", T0 - 1) == T0
    assert known.suspended_after("acme", T0) == T0 + 2 * DAY
    assert known.suspended_after("acme", T0 + 2 * DAY) is None


def test_the_domain_known_last_at_the_login_decides_else_the_first_that_became_known():
    facts = (DomainFact(T0, "b", "new.test"), DomainFact(T0 - DAY, "a", "old.test"))
    assert domain_at(facts, T0 - 1, "z") == "old.test"
    assert domain_at(facts, T0, "b") == "new.test"
    assert domain_at(facts, 0, "a") == "old.test"
    assert domain_at((), T0, "a") is None


def test_a_session_of_a_test_domain_is_excluded():
    known = registry(version(partner("acme", test_domains=("qa.test",))))
    (found,) = sessions(login(), known=known, domains=(DomainFact(T0, "r", "qa.test"),)).values()
    assert found.excluded is Exclusion.TEST_USER


def test_the_rules_of_a_realm_come_from_its_template():
    rules = realm_rules(realm(settings=(("ssoSessionMaxLifespan", 60),), environment="staging"))
    assert (rules.staging, rules.lifespan_s) == (True, 60)
    assert rules.clients == {"host-app", "host-reports", "host-admin"}
    assert realm_rules(realm()).lifespan_s == 36_000
